"""What a local checkpoint costs beside transformers alone, and beside lm-eval.

    python -m perf_checks.local                        beside plain transformers, one thread, float32
    python -m perf_checks.local --vs-lm-eval PYTHON     beside lm-eval's hf backend, in an environment that has it
    python -m perf_checks.local --gpu                   a model of half a billion parameters in bfloat16

A model of 26 million random weights answers gsm8k questions behind 4 demonstrations, 64 new tokens each, and ranks
the four letters of a question behind 5 demonstrations. Real records are read from EVALSCOPE_TEST_DATA, made up ones
take their place. The end of an answer is made impossible, so that all ways do the same work. The bare ways:

    sorted   model.generate on left-padded batches, sorted by length
    prefix   the demonstrations computed once, and expanded to each sorted batch, in a loop of its own
    whole    four rows a question, one for each letter
    once     one row a question, the demonstrations computed once

Ours is asked through Checkpoint, as the engine does: as many questions at once as it wants. Seconds are of CPU, all
threads together, for they depend little on who else is busy; of --repeat runs the least counts.

On a GPU (local_gpu.py): --batch 256 --new 256 --rows 1000; seconds of the clock, the second of two runs.
"""

import argparse
import asyncio
import json
import operator
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.models.checkpoint import Checkpoint
from tests.own_data import sums

LETTERS = (" A", " B", " C", " D")
START, END, PAD = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
CHAT = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SMALL = {"hidden_size": 384, "intermediate_size": 1792, "num_hidden_layers": 8, "num_attention_heads": 6}
HALF_A_BILLION = {"hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--new", type=int, default=64)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--vs-lm-eval", metavar="PYTHON")
    parser.add_argument("--gpu", action="store_true")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if flags.gpu:
            from perf_checks.local_gpu import on_gpu  # which builds on this file

            on_gpu(Path(name), flags)
            return
        torch.set_num_threads(1)
        folder = make_model(Path(name) / "model", records("train", 2000), SMALL)
        beside_transformers(folder, flags)
        if flags.vs_lm_eval:
            beside_lm_eval(folder, flags)


def records(split: str, num: int) -> list[dict[str, str]]:
    """Rows of gsm8k."""
    root = os.environ.get("EVALSCOPE_TEST_DATA")
    if not root:
        return sums(num, first=0 if split == "train" else 10_000)
    with (Path(root) / "gsm8k" / "main" / f"{split}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in islice(file, num)]


def make_model(folder: Path, rows: Sequence[dict[str, str]], sizes: dict[str, int]) -> Path:
    """Random weights, with a tokenizer trained on the rows."""
    pairs = Tokenizer(models.BPE())
    pairs.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pairs.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=8192,
        special_tokens=[PAD, START, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    pairs.train_from_iterator((f"{row['question']}\n{row['answer']}" for row in rows), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pairs, eos_token=END, pad_token=PAD, additional_special_tokens=[START], padding_side="left"
    )
    tokenizer.chat_template = CHAT
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=max(len(tokenizer), 8192),
        num_key_value_heads=2,
        max_position_embeddings=8192,
        tie_word_embeddings=False,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **sizes,
    )
    model = Qwen2ForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight.mul_(8)
        model.lm_head.weight[tokenizer.eos_token_id] = 0.0  # never the largest of so many
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


class Questions:
    """What is asked, as text and as tokens.

    Attributes:
        head: what all questions begin with.
        tails: what follows.
    """

    def __init__(self, head: str, tails: Sequence[str], tokenizer) -> None:
        self.head, self.tails = head, tails
        self.head_ids = tokenizer(head, add_special_tokens=False).input_ids
        self.tail_ids = tokenizer(list(tails), add_special_tokens=False).input_ids
        self.by_length = sorted(range(len(tails)), key=lambda index: -len(self.tail_ids[index]))


Way = Callable[[Questions], list]


def to_generate(tokenizer, num: int) -> Questions:
    shots = "".join(f"Question: {row['question']}\nAnswer: {row['answer']}\n\n" for row in records("train", 4))
    tails = [f"Question: {row['question']}\nAnswer:{END}\n{START}assistant\n" for row in records("test", num)]
    return Questions(f"{START}user\n{shots}", tails, tokenizer)


def to_rank(tokenizer, num: int) -> Questions:
    def card(row: dict[str, str]) -> str:
        value = row["answer"].split("####")[-1].strip()
        lines = "".join(f"{letter.strip()}. {value}{place}\n" for place, letter in enumerate(LETTERS))
        return f"Question: {row['question']}\n{lines}Answer:"

    shots = "".join(f"{card(row)}{LETTERS[place % 4]}\n\n" for place, row in enumerate(records("train", 5)))
    return Questions(shots, [card(row) for row in records("test", num)], tokenizer)


def beside_transformers(folder: Path, flags: argparse.Namespace) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    asked, ranked = to_generate(tokenizer, flags.rows), to_rank(tokenizer, flags.rows)
    print(
        f"{flags.rows} questions of about {_mean(asked.tail_ids):.0f} tokens behind {len(asked.head_ids)}", flush=True
    )
    bare = Bare(model, tokenizer, flags)
    ours = Ours(folder, flags)
    times = {
        "sorted": bare.generate_sorted,
        "prefix": bare.generate_prefix,
        "ours": ours.generate,
    }
    _compare(times, asked, flags.repeat, target=("prefix", 0.9))
    print(
        f"{flags.rows} questions of about {_mean(ranked.tail_ids):.0f} tokens behind {len(ranked.head_ids)}", flush=True
    )
    _compare(
        {"whole": bare.rank_whole, "once": bare.rank_once, "ours": ours.rank},
        ranked,
        flags.repeat,
        target=("once", 0.9),
    )
    ours.close()


def _compare(ways: dict[str, Way], questions: Questions, repeat: int, target: tuple[str, float]) -> None:
    spent: dict[str, float] = {}
    found: dict[str, list] = {}
    for name, way in ways.items():
        for _ in range(repeat):
            began = time.process_time()
            found[name] = way(questions)
            spent[name] = min(spent.get(name, float("inf")), time.process_time() - began)
        rate = len(questions.tails) / spent[name]
        same = sum(map(operator.eq, found[name], next(iter(found.values()))))
        print(
            f"  {name:7s} {spent[name]:8.2f} s of CPU {rate:8.2f} questions/s, {same} answers as the first", flush=True
        )
    name, least = target
    print(f"  ours is {spent[name] / spent['ours']:.2f} x {name} (target {least})", flush=True)


def _mean(rows: Sequence[Sequence[int]]) -> float:
    return sum(map(len, rows)) / len(rows)


class Bare:
    """What transformers does when it is told what to do, without a harness."""

    def __init__(self, model, tokenizer, flags: argparse.Namespace) -> None:
        self._model, self._tokenizer = model, tokenizer
        self._pad, self._new, self._size = tokenizer.pad_token_id, flags.new, flags.batch

    @torch.inference_mode()
    def generate_sorted(self, questions: Questions) -> list[str]:
        """Whole prompts, those of similar length together."""
        said = {}
        for batch in self._batches(questions):
            ids, mask = self._padded([questions.head_ids + questions.tail_ids[index] for index in batch])
            made = self._model.generate(
                input_ids=ids, attention_mask=mask, max_new_tokens=self._new, do_sample=False, pad_token_id=self._pad
            )
            said |= dict(zip(batch, self._texts(made[:, ids.shape[1] :]), strict=True))
        return [said[index] for index in range(len(questions.tails))]

    @torch.inference_mode()
    def generate_prefix(self, questions: Questions) -> list[str]:
        """The demonstrations once, then the questions behind them."""
        said, start = {}, self._computed(questions.head_ids)
        for batch in self._batches(questions):
            out, mask, position = self._behind(start, [questions.tail_ids[index] for index in batch])
            tokens = [out.logits[:, -1].argmax(-1, keepdim=True)]
            while len(tokens) < self._new:
                mask = torch.cat([mask, torch.ones_like(tokens[-1])], dim=1)
                position = position[:, -1:] + 1
                out = self._model(
                    input_ids=tokens[-1],
                    attention_mask=mask,
                    position_ids=position,
                    past_key_values=out.past_key_values,
                    use_cache=True,
                )
                tokens.append(out.logits[:, -1].argmax(-1, keepdim=True))
            said |= dict(zip(batch, self._texts(torch.cat(tokens, dim=1)), strict=True))
        return [said[index] for index in range(len(questions.tails))]

    @torch.inference_mode()
    def rank_whole(self, questions: Questions) -> list[int]:
        """The place of the likeliest letter, a row for each letter."""
        letters = self._letters()
        rows = [(index, letter) for index in questions.by_length for letter in letters]
        scores = {}
        for first in range(0, len(rows), self._size):
            part = rows[first : first + self._size]
            # what most harnesses do: a row for each option, and a vocabulary at every position
            ids, mask = self._padded([questions.head_ids + questions.tail_ids[index] for index, _ in part])
            position = (mask.cumsum(1) - 1).clamp_(min=0)
            logprobs = self._model(input_ids=ids, attention_mask=mask, position_ids=position).logits.log_softmax(-1)
            scores |= {row: logprobs[place, -1, row[1]].item() for place, row in enumerate(part)}
        return [max(range(4), key=lambda place: scores[index, letters[place]]) for index in range(len(questions.tails))]

    @torch.inference_mode()
    def rank_once(self, questions: Questions) -> list[int]:
        """The same, a row for each question behind the demonstrations."""
        letters, best, start = self._letters(), {}, self._computed(questions.head_ids)
        for batch in self._batches(questions):
            out, _, _ = self._behind(start, [questions.tail_ids[index] for index in batch])
            best |= dict(zip(batch, out.logits[:, -1, letters].argmax(-1).tolist(), strict=True))
        return [best[index] for index in range(len(questions.tails))]

    def _letters(self) -> list[int]:
        return [self._tokenizer(letter, add_special_tokens=False).input_ids[-1] for letter in LETTERS]

    def _computed(self, ids: list[int]) -> list[tuple[torch.Tensor, torch.Tensor]]:
        cache = self._model(input_ids=torch.tensor([ids]), use_cache=True, logits_to_keep=1).past_key_values
        return [(layer.keys, layer.values) for layer in cache.layers]

    def _behind(self, start, rows: list[list[int]]):
        """One pass behind the start, expanded to all rows: what comes out, the whole mask, the positions."""
        ids, mask = self._padded(rows)
        before = start[0][0].shape[2]
        wide = [(keys.expand(len(rows), -1, -1, -1), values.expand(len(rows), -1, -1, -1)) for keys, values in start]
        position = before + (mask.cumsum(1) - 1).clamp_(min=0)
        whole = torch.cat([torch.ones((len(rows), before), dtype=torch.long), mask], dim=1)
        out = self._model(
            input_ids=ids,
            attention_mask=whole,
            position_ids=position,
            past_key_values=DynamicCache(wide),
            use_cache=True,
            logits_to_keep=1,
        )
        return out, whole, position

    def _batches(self, questions: Questions) -> Iterator[list[int]]:
        order = questions.by_length
        return (order[first : first + self._size] for first in range(0, len(order), self._size))

    def _padded(self, rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        width = max(map(len, rows))
        ids = torch.tensor([[self._pad] * (width - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        return ids, mask

    def _texts(self, made: torch.Tensor) -> list[str]:
        return self._tokenizer.batch_decode(made, skip_special_tokens=True)


class Ours:
    """The checkpoint, asked as the engine asks it."""

    def __init__(
        self, folder: Path, flags: argparse.Namespace, precision: str | None = None, kind: type[Checkpoint] = Checkpoint
    ) -> None:
        args = ModelArgs(precision=precision)
        self._model = kind(folder=folder, name="ours", args=args, batch_size=flags.batch, seed=0)
        self._new = flags.new
        asyncio.run(self._model.load())

    def generate(self, questions: Questions) -> list[str]:
        """The chat template puts the same frame around a question as stands in the tokens of the bare ways."""
        config = Generation(max_tokens=self._new, temperature=0.0)
        head = questions.head.removeprefix(f"{START}user\n")
        tails = [tail.removesuffix(f"{END}\n{START}assistant\n") for tail in questions.tails]

        async def ask(tail: str) -> str:
            return (await self._model.generate((Message("user", head + tail),), config)).text

        return asyncio.run(self._all([lambda tail=tail: ask(tail) for tail in tails]))

    def rank(self, questions: Questions) -> list[int]:
        """The place of the likeliest letter."""

        async def ask(tail: str) -> int:
            logprobs = await self._model.loglikelihood(questions.head + tail, LETTERS)
            return max(range(4), key=lambda place: logprobs[place])

        return asyncio.run(self._all([lambda tail=tail: ask(tail) for tail in questions.tails]))

    def close(self) -> None:
        """Lets go of the model."""
        asyncio.run(self._model.aclose())

    async def _all(self, asks: list) -> list:
        places = asyncio.Semaphore(self._model.concurrency)

        async def one(ask):
            async with places:
                return await ask()

        return await asyncio.gather(*map(one, asks))


LM_EVAL = """
import json, sys, time
import torch
torch.set_num_threads(1)
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
asked = json.load(open(sys.argv[1]))
on_gpu = asked["device"] != "cpu"
clock = time.perf_counter if on_gpu else time.process_time
lm = HFLM(pretrained=sys.argv[2], device=asked["device"], dtype=asked["dtype"], batch_size=asked["batch"])
until = {"until": ["never said"], "max_gen_toks": asked["new"], "do_sample": False}
def instances(kind, arguments):
    return [Instance(request_type=kind, doc={}, arguments=each, idx=index) for index, each in enumerate(arguments)]
for _ in range(2 if on_gpu else 1):
    began = clock()
    lm.generate_until(instances("generate_until", [(text, until) for text in asked["generate"]]), disable_tqdm=True)
    print("generate", clock() - began)
if on_gpu:
    print("peak", torch.cuda.max_memory_allocated())
began = clock()
pairs = [(text, letter) for text in asked["rank"] for letter in asked["letters"]]
lm.loglikelihood(instances("loglikelihood", pairs), disable_tqdm=True)
print("rank", clock() - began)
"""
"""Run by the other environment's Python."""


def beside_lm_eval(folder: Path, flags: argparse.Namespace) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    asked, ranked, ours = to_generate(tokenizer, flags.rows), to_rank(tokenizer, flags.rows), Ours(folder, flags)
    theirs = run_lm_eval(folder, flags, asked, ranked, device="cpu", dtype="float32")
    for name, way, questions, target in (("generate", ours.generate, asked, 2), ("rank", ours.rank, ranked, 3)):
        began = time.process_time()
        way(questions)
        spent = time.process_time() - began
        ratio = float(theirs[name]) / spent
        print(
            f"lm-eval {name}: {float(theirs[name]):.2f} s of CPU, ours {spent:.2f} s: {ratio:.2f} x (target {target})"
        )
    ours.close()


def run_lm_eval(
    folder: Path, flags: argparse.Namespace, asked: Questions, ranked: Questions | None, *, device: str, dtype: str
) -> dict[str, str]:
    """What its hf backend prints of itself: seconds by kind of question, on a GPU those of the second of two runs."""
    written = folder.parent / "asked.json"
    texts = {
        "generate": [asked.head + tail for tail in asked.tails],
        "rank": [] if ranked is None else [ranked.head + tail for tail in ranked.tails],
        "letters": LETTERS,
        "new": flags.new,
        "batch": flags.batch,
        "device": device,
        "dtype": dtype,
    }
    written.write_text(json.dumps(texts), encoding="utf-8")
    command = [flags.vs_lm_eval, "-c", LM_EVAL, str(written), str(folder)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return dict(line.split() for line in ran.stdout.splitlines() if line.startswith(("generate", "peak", "rank")))


if __name__ == "__main__":
    main()
