"""What a second replica gains, and what Ray costs a request.

    python -m perf_checks.replicas

The gain: two nodes of a Ray cluster on this machine with a core each; on one of them and on both, a checkpoint of eight
million random parameters, then a model that stands for one on a device of its own: it answers eight questions in 0.1 s,
and computes nothing. The same greedy questions each time; seconds from the first to the last answer, once all replicas
are loaded. The checkpoint can only show the gain where two cores have nothing else to do; the best of several counts.
The cost: a model that answers at once, asked directly and as a replica; time and this process's CPU for each request.
"""

import argparse
import asyncio
import logging
import os
import statistics
import tempfile
import time
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion
from evalscope.models.checkpoint import Checkpoint
from evalscope.models.replicas import Recipe, Replicas
from evalscope.models.replicas.cluster import Cluster
from tests.models.replicas.nodes import running_nodes

NUM_TOKENS, BATCH_SIZE = 64, 8
NUM_INSTANT, IN_FLIGHT = 4000, 64
QUESTIONS = [(Message("user", "Why? " * (20 + number % 30)),) for number in range(48)]
LONG = (Message("user", "x" * 4000),)


class Pretender:
    """Answers so many questions in so many seconds, and more only after that."""

    name, identity, is_base_model = "pretender", {"kind": "pretender"}, True

    def __init__(self, num: int, seconds: float) -> None:
        self._room = asyncio.Semaphore(num)
        self._seconds = seconds
        self.concurrency = 2 * num

    def check(self, generation):
        """Takes any settings."""

    async def load(self):
        """Needs nothing."""

    async def generate(self, messages, config):
        """The beginning of the question."""
        if self._seconds:
            async with self._room:
                await asyncio.sleep(self._seconds)
        return Completion(text=messages[-1].content[:100])

    async def loglikelihood(self, context, continuations):
        """Finds all options equally likely."""
        return tuple(0.0 for _ in continuations)

    async def aclose(self):
        """Holds nothing."""


def here(folder: Path) -> Path:
    return folder


def instant(*, folder: Path) -> Pretender:
    return Pretender(IN_FLIGHT // 2, 0.0)


def like_a_device(*, folder: Path) -> Pretender:
    return Pretender(BATCH_SIZE, 0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    logging.basicConfig(level=logging.WARNING)
    with running_nodes() as nodes, tempfile.TemporaryDirectory() as folder:
        nodes.add()
        nodes.add()
        make = partial(Checkpoint, name="made", args=ModelArgs(precision="float32"), batch_size=BATCH_SIZE, seed=0)
        made = Recipe(find=partial(here, _made(Path(folder))), make=make)
        asyncio.run(_show_gain("a checkpoint", nodes.address, made, 48, repeat))
        pretender = Recipe(find=partial(here, Path()), make=like_a_device)
        asyncio.run(_show_gain("like a device", nodes.address, pretender, 480, repeat))
        asyncio.run(_show_cost(nodes.address, repeat))


async def _show_gain(what: str, address: str, recipe: Recipe, num_questions: int, repeat: int) -> None:
    spans: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(repeat):
        for num, found in spans.items():
            model = _replicas(address, recipe, num)
            started = time.perf_counter()
            await _ready(model, num, recipe.copy().concurrency)
            ready_s = time.perf_counter() - started
            found.append(await _span(model, num_questions))
            await model.aclose()
            print(f"{what}, {num} of 2 nodes: ready after {ready_s:.1f} s, answers {found[-1]:.2f} s", flush=True)
    one, two = min(spans[1]), min(spans[2])
    print(
        f"{what}: {num_questions} questions by one {one:.2f} s, by two {two:.2f} s, gain {one / two:.2f} x", flush=True
    )


async def _show_cost(address: str, repeat: int) -> None:
    model = _replicas(address, Recipe(find=partial(here, Path()), make=instant), 1)
    await _ready(model, 1, IN_FLIGHT)
    bare = [await _cost(Pretender(IN_FLIGHT, 0.0)) for _ in range(repeat)]
    far = [await _cost(model) for _ in range(repeat)]
    alone = [await _latency(model) for _ in range(repeat)]
    await model.aclose()
    for what, costs in (("asked directly", bare), ("as a replica", far)):
        wall, cpu = (statistics.median(column) for column in zip(*costs, strict=True))
        print(f"{what}, {IN_FLIGHT} in flight: {1e3 * wall:.3f} ms a request, {1e3 * cpu:.3f} ms of this process's CPU")
    print(f"as a replica, one after the other: {1e3 * statistics.median(alone):.2f} ms a request")


def _replicas(address: str, recipe: Recipe, num: int) -> Replicas:
    cluster = Cluster(address=address, recipe=recipe, num=2, on_gpus=False)  # a core each, also where one is alone
    return Replicas(face=recipe.copy(), num=num, grounds=cluster, patience_s=60)


async def _ready(model: Replicas, num: int, wants: int) -> None:
    """Waits until all are loaded and have computed something."""
    short = Generation(max_tokens=1, temperature=0.0)
    await model.generate(QUESTIONS[0], short)
    while model.concurrency < num * wants:  # the sum of those that are there
        await asyncio.sleep(0.05)
    await asyncio.gather(*(model.generate(question, short) for question in QUESTIONS[: model.concurrency]))


async def _span(model, num_questions: int) -> float:
    config = Generation(max_tokens=NUM_TOKENS, temperature=0.0)
    started = time.perf_counter()
    questions = list(islice(cycle(QUESTIONS), num_questions))
    await _ask_all(model, questions, config, model.concurrency)
    return time.perf_counter() - started


async def _cost(model) -> tuple[float, float]:
    """Seconds and CPU seconds for each request, many at once."""
    started, cpu = time.perf_counter(), time.process_time()
    await _ask_all(model, [LONG] * NUM_INSTANT, Generation(), IN_FLIGHT)
    return (time.perf_counter() - started) / NUM_INSTANT, (time.process_time() - cpu) / NUM_INSTANT


async def _latency(model, num: int = 500) -> float:
    started = time.perf_counter()
    for _ in range(num):
        await model.generate(LONG, Generation())
    return (time.perf_counter() - started) / num


async def _ask_all(model, questions, config: Generation, num_slots: int) -> None:
    waiting = iter(questions)

    async def slot() -> None:
        for question in waiting:
            await model.generate(question, config)

    await asyncio.gather(*(slot() for _ in range(num_slots)))


def _made(folder: Path) -> Path:
    """A Llama of random weights whose answers do not end early."""
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig

    from tests.models.checkpoint.tiny import tiny_tokenizer

    tokenizer = tiny_tokenizer(1024, (), begins=False)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=256,
        intermediate_size=1024,
        num_hidden_layers=8,
        num_attention_heads=8,
        max_position_embeddings=1024,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = AutoModelForCausalLM.from_config(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


if __name__ == "__main__":
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    main()
