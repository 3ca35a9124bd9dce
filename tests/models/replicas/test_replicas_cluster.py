"""Replicas on two nodes of a real Ray cluster, which come and go."""

import asyncio
import logging
import os
import signal
import threading
from functools import partial
from pathlib import Path

import pytest

from evalscope import TaskConfig, run_task
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.errors import ConfigError, PromptTooLong
from evalscope.models.build import build_model
from evalscope.models.checkpoint import Checkpoint
from evalscope.models.replicas.make import make_replicas
from tests.models.checkpoint.tiny import make_tiny
from tests.models.replicas.nodes import find_on_node, never_fetch, replica_pids, running_nodes, wait_until
from tests.own_data import write_arc, write_gsm8k
from tests.run_content import content, rows_of, stored_rows

pytest.importorskip("ray", reason="replicas need Ray: pip install 'evalscope[cluster]'")
pytestmark = pytest.mark.slow

QUESTIONS = [(Message("user", "Why? " * (1 + number % 7) + str(number)),) for number in range(24)]
NUM_SAMPLES = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("tiny"), context=1024)


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_gsm8k(folder / "gsm8k", num=NUM_SAMPLES)
    write_arc(folder / "arc", num=8)
    return folder


@pytest.fixture(scope="module")
def two_nodes():
    """A cluster of two nodes that stay."""
    with running_nodes() as nodes:
        nodes.add()
        nodes.add()
        yield nodes


@pytest.fixture
def nodes():
    """A cluster that a test may take nodes from; without any at first."""
    with running_nodes() as running:
        yield running


def config_of(folder, work_dir, records, **settings) -> TaskConfig:
    args = {name: {"local_path": str(records / name)} for name in ("gsm8k", "arc")}
    args["gsm8k"]["few_shot_num"] = 0
    args["arc"]["scoring"] = "loglikelihood"
    common = {
        "model": str(folder),
        "model_id": "tiny",
        "datasets": ["gsm8k", "arc"],
        "dataset_args": args,
        "generation_config": {"max_tokens": 100},
        "eval_batch_size": 2,
        "work_dir": work_dir,
        "quiet": True,
    }
    return TaskConfig(**{**common, **settings})


@pytest.fixture(scope="module")
def whole(folder, records, tmp_path_factory):
    """What a run of a single copy leaves."""
    work_dir = tmp_path_factory.mktemp("whole")
    run_task(config_of(folder, work_dir, records, run_name="whole"))
    return content(work_dir / "whole")


def is_of_figures(name: str) -> bool:
    return name.startswith("predictions/tiny/arc")


def without_figures(files):
    """All but the log-likelihoods, whose last digits depend on what shares a batch."""
    return {name: held for name, held in files.items() if not is_of_figures(name)}


def figures(files):
    texts = [row["completion"]["text"] for name in sorted(files) if is_of_figures(name) for row in files[name]]
    return [float(figure) for text in texts for figure in text.split()]


def run_beside(config: TaskConfig) -> threading.Thread:
    thread = threading.Thread(target=run_task, args=(config,), daemon=True)
    thread.start()
    return thread


async def replies(model, generation):
    completions = await asyncio.gather(*(model.generate(question, generation) for question in QUESTIONS))
    return [(completion.text, completion.stop_reason, completion.usage) for completion in completions]


async def test_two_nodes_with_a_replica_each_answer_as_a_single_copy_does(two_nodes, folder, caplog):
    caplog.set_level(logging.INFO)
    greedy, sampled = (Generation(max_tokens=24, temperature=temperature) for temperature in (0.0, 1.0))
    on_two = {"model_args": {"replicas": 2}, "ray_address": two_nodes.address, "eval_batch_size": 2}
    alone, many = (
        build_model(TaskConfig(model=str(folder), **settings), api_key=None, fetch=never_fetch)
        for settings in ({}, on_two)
    )
    try:
        assert (many.name, many.identity, many.is_base_model) == (alone.name, alone.identity, alone.is_base_model)
        with pytest.raises(PromptTooLong, match="1024"):
            await many.generate((Message("user", "x" * 1024),), greedy)
        async with asyncio.timeout(120):
            while len(ready_nodes(caplog)) < 2:
                await asyncio.sleep(0.05)
        for generation in (greedy, sampled):
            assert await replies(many, generation) == await replies(alone, generation)
        asked = "Two and two make", (" four", " five", " six")
        assert await many.loglikelihood(*asked) == pytest.approx(await alone.loglikelihood(*asked), abs=1e-4)
    finally:
        await many.aclose()
        await alone.aclose()
    assert len(ready_nodes(caplog)) == 2


def ready_nodes(caplog) -> set[str]:
    return {message for message in caplog.messages if message.startswith("a replica is ready on node")}


def test_an_actor_killed_and_a_node_removed_in_mid_run_lose_nothing(nodes, folder, records, whole, tmp_path, capfd):
    nodes.add()
    second = nodes.add()
    config = config_of(
        folder, tmp_path, records, model_args={"replicas": 2}, ray_address=nodes.address, run_name="disturbed"
    )
    run = run_beside(config)
    root = tmp_path / "disturbed"
    wait_until(lambda: stored_rows(root) >= 2 and len(replica_pids()) == 2)
    os.kill(min(replica_pids()), signal.SIGKILL)
    wait_until(lambda: stored_rows(root) >= 8 and len(replica_pids()) == 2)
    nodes.remove(second)
    rows = stored_rows(root)
    wait_until(lambda: stored_rows(root) > rows)
    nodes.add()
    run.join(180)
    assert not run.is_alive()
    stored = rows_of(root / "predictions/tiny/gsm8k_main.jsonl")
    assert len({row["sample_id"] for row in stored}) == len(stored) == NUM_SAMPLES
    assert without_figures(content(root)) == without_figures(whole)
    assert figures(content(root)) == pytest.approx(figures(whole), abs=1e-4)
    assert "raylet" not in capfd.readouterr().out


async def test_a_node_without_the_model_is_named_and_the_others_answer(nodes, folder, caplog):
    nodes.add(folder)
    nodes.add()
    model = replicated(folder, nodes, num=2)
    try:
        assert (await model.generate(QUESTIONS[0], Generation(max_tokens=4))).usage.output_tokens <= 4
        async with asyncio.timeout(60):
            while not caplog.messages:
                await asyncio.sleep(0.05)
    finally:
        await model.aclose()
    (message,) = caplog.messages
    assert message.startswith("no replica can run on this node: node ")
    assert "--model '/shared/tiny' does not exist" in message


async def test_a_model_that_lies_on_a_node_alone_is_known_by_what_it_tells(nodes, folder):
    nodes.add()
    nodes.add(folder)
    model = replicated(folder, nodes, num=1)
    alone = Checkpoint(folder=folder, name="tiny", args=TaskConfig().model_args, batch_size=2, seed=0)
    try:
        assert model.identity == alone.identity
        assert (model.is_base_model, model.concurrency) == (False, alone.concurrency)
        model.check(Generation(temperature=0.0))
        with pytest.raises(ConfigError, match="presence_penalty"):
            model.check(Generation(presence_penalty=1.0))
        assert (await model.generate(QUESTIONS[0], Generation(max_tokens=4))).usage.output_tokens <= 4
    finally:
        await model.aclose()


def test_a_model_that_no_node_has_is_said_to_be_missing_before_anything_is_asked(nodes, folder):
    nodes.add()
    with pytest.raises(ConfigError, match=r"^node .+: --model '/shared/tiny' does not exist"):
        _ = replicated(folder, nodes, num=1).identity


def replicated(folder, nodes, num):
    """A model that every node finds in its own way, and this machine not at all."""
    config = TaskConfig(model="/shared/tiny", model_args={"replicas": num}, ray_address=nodes.address)
    make = partial(Checkpoint, name="tiny", args=config.model_args, batch_size=2, seed=0)
    return make_replicas(config, name="tiny", model="/shared/tiny", find=find_on_node, make=make)
