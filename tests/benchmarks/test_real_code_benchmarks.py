"""All of HumanEval and MBPP in the sandbox: solutions, empty bodies, cheats, mutants. Needs EVALSCOPE_TEST_DATA."""

import asyncio
import gzip
import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from evalscope.registry import find_benchmark
from evalscope.sandboxes.engine import EngineName, Settings
from evalscope.sandboxes.job import Ending, Limits
from evalscope.sandboxes.pool import Sandboxes
from evalscope.scorers.run_tests import make_job
from tests.sandboxes.needs import needs_bubblewrap

pytestmark = [pytest.mark.realdata, needs_bubblewrap]

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
if "EVALSCOPE_TEST_DATA" not in os.environ:
    pytest.skip("EVALSCOPE_TEST_DATA is not set", allow_module_level=True)


@pytest.fixture(scope="module")
def humaneval():
    """All 164 samples."""
    with gzip.open(DATA / "humaneval" / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [find_benchmark("humaneval").to_sample(json.loads(line)) for line in lines]


@pytest.fixture(scope="module")
def mbpp():
    """All 974 samples."""
    lines = (DATA / "mbpp" / "mbpp.jsonl").read_text(encoding="utf-8").split("\n")
    return [find_benchmark("mbpp").to_sample(json.loads(line)) for line in lines if line]


async def test_every_canonical_solution_of_humaneval_passes(humaneval):
    endings = await endings_of(humaneval, [sample.target for sample in humaneval])
    assert endings == [Ending.PASSED] * 164


async def test_every_empty_body_fails(humaneval):
    assert await endings_of(humaneval, ["    pass\n"] * 164) == [Ending.FAILED] * 164


async def test_a_value_that_equals_everything_passes_nowhere(humaneval):
    yes = "class Yes:\n    def __eq__(other): return True\n    def __lt__(other): return True\n"
    programs = [f"{yes}def {sample.metadata['entry_point']}(*args):\n    return Yes()\n" for sample in humaneval]
    assert await endings_of(humaneval, programs) == [Ending.FAILED] * 164


async def test_mutants_fail_wherever_the_tests_notice(humaneval):
    """As many as where the tests run beside the program, as in a plain harness: no mutant sets out to cheat."""
    pairs = [(sample, mutant) for sample in humaneval for mutant in mutants_of(str(sample.target))]
    apart = await endings_of(*zip(*pairs, strict=True), timeout_s=4.0)
    together = await endings_of(*zip(*pairs, strict=True), is_weak=True, timeout_s=4.0)
    different = [pairs[at] for at, (one, other) in enumerate(zip(apart, together, strict=True)) if one != other]
    assert not different
    assert apart.count(Ending.PASSED) < len(apart) / 4
    assert len(apart) > 200


async def test_every_solution_of_mbpp_passes_and_three_are_weakly_isolated(mbpp):
    assert await endings_of(mbpp, [sample.target for sample in mbpp]) == [Ending.PASSED] * 974
    assert [sample.id for sample in mbpp if sample.metadata["is_weak"]] == ["367", "601", "927"]


async def endings_of(samples, programs, *, is_weak=False, timeout_s=20.0):
    """How the programs end on the tests of the samples."""
    limits = Limits(timeout_s=timeout_s)
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, limits=limits))
    jobs = [make_job(str(program), sample) for sample, program in zip(samples, programs, strict=True)]
    if is_weak:
        jobs = [replace(job, is_weak=True, setup="") for job in jobs]
    verdicts = await asyncio.gather(*(pool.run(job) for job in jobs))
    await pool.aclose()
    return [verdict.ending for verdict in verdicts]


FLIPS = ((" < ", " >= "), (" > ", " <= "), (" == ", " != "), (" + ", " - "), (" 0", " 1"), (" 1", " 2"), (" 2", " 3"))


def mutants_of(body: str):
    """The body with one comparison, sign or constant changed, for each kind that it holds."""
    for old, new in FLIPS:
        mutant = re.sub(rf"{re.escape(old)}(?!\d)", new, body, count=1)
        if mutant != body:
            yield mutant
