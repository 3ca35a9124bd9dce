"""HumanEval and MBPP: programs built from answers, run in a sandbox, and what the report is told."""

from inspect import isawaitable

import pytest

from evalscope.config import DatasetArgs, TaskConfig
from evalscope.core.sample import Sample
from evalscope.errors import ConfigError, ScoringError
from evalscope.registry import find_benchmark
from evalscope.sandboxes.engine import EngineName, Settings
from evalscope.sandboxes.job import Limits
from evalscope.sandboxes.pool import Sandboxes
from evalscope.scorers.run_tests import RunTests, make_job, readings
from evalscope.sources.load import load
from evalscope.sources.supply import Supply
from tests.benchmarks.shelf import samples_of
from tests.own_data import write_jsonl
from tests.sandboxes.needs import needs_bubblewrap

LONGEST_WORD, IS_EVEN = samples_of(find_benchmark("humaneval"))
SECOND, JOIN, CIRCLE, BOXES = samples_of(find_benchmark("mbpp"))

HUMANEVAL_REPLIES = {
    "the body alone": ("    return max(words, key=len)\n", 1.0),
    "the body with prose around": ("```python\n    return max(words, key=len)\n```\nThat is all.", 1.0),
    "the body without its indentation": ("```python\nreturn max(words, key=len)\n```", 1.0),
    "the body with its first line at the margin": (
        "```python\nbest = words[0]\n    return max(words, key=len)\n```",
        1.0,
    ),
    "a repeated signature": (
        "```python\nfrom typing import List\n\ndef longest_word(words: List[str]) -> str:\n"
        "    return max(words, key=len)\n```",
        1.0,
    ),
    "typing left out": (
        "```python\ndef longest_word(words: List[str]) -> str:\n    return max(words, key=len)\n```",
        1.0,
    ),
    "no closing fence": ("```python\ndef longest_word(words):\n    return max(words, key=len)", 1.0),
    "a main block": (
        "```python\ndef longest_word(words):\n    return max(words, key=len)\n\nif __name__ == '__main__':\n"
        "    print(longest_word(input().split()))\n```",
        1.0,
    ),
    "a future import": (
        "```python\nfrom __future__ import annotations\nfrom typing import List\ndef longest_word(words: List[str]):\n"
        "    return max(words, key=len)\n```",
        1.0,
    ),
    "a helper beside it": (
        "```python\ndef size(word):\n    return len(word)\n\n"
        "def longest_word(words):\n    return max(words, key=size)\n```",
        1.0,
    ),
    "usage in a second block": (
        "```python\ndef longest_word(words):\n    return max(words, key=len)\n```\n"
        "```python\nprint(longest_word(['a']))\n```",
        1.0,
    ),
    "another function": ("```python\ndef other(words):\n    return max(words, key=len)\n```", 0.0),
    "a wrong program": ("```python\ndef longest_word(words):\n    return min(words, key=len)\n```", 0.0),
    "no program": ("I cannot help with that.", 0.0),
    "broken syntax": ("```python\ndef longest_word(words:\n    return max(words\n```", 0.0),
}
MBPP_REPLIES = {
    "the authors' own": (CIRCLE, f"```python\n{CIRCLE.target}\n```", 1.0),
    "another import": (
        CIRCLE,
        "```python\nfrom math import pi\ndef circle_area(r):\n    return round(pi * r**2, 2)\n```",
        1.0,
    ),
    "tests that need its class": (BOXES, f"```python\n{BOXES.target}\n```", 1.0),
    "its class, wrongly": (
        BOXES,
        "```python\nclass Box:\n    def __init__(self, w): self.width = w\ndef widest(boxes):\n    return 3\n```",
        0.0,
    ),
    "an indented program": (
        JOIN,
        "```python\n  def join_words(words):\n      return '-'.join(filter(None, words))\n```",
        1.0,
    ),
    "an iterator where a list is asked for": (
        SECOND,
        "```python\ndef second_largest(n):\n    return iter([2])\n```",
        0.0,
    ),
}


async def scored(sample: Sample, replies):
    """Scores of replies, as a walk would get them."""
    benchmark = find_benchmark("humaneval")
    scorer = RunTests(sandboxes=Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, num_sandboxes=2)))
    scores = [scorer(benchmark.extract(reply, sample), sample) for reply in replies]
    ends = [await score if isawaitable(score) else score for score in scores]
    await scorer.aclose()
    return ends, scorer


@needs_bubblewrap
async def test_an_answer_of_any_form_is_completed_to_the_program_it_means():
    ends, _ = await scored(LONGEST_WORD, [reply for reply, _ in HUMANEVAL_REPLIES.values()])
    credits = dict(zip(HUMANEVAL_REPLIES, [end.values["acc"] for end in ends], strict=True))
    assert credits == {name: credit for name, (_, credit) in HUMANEVAL_REPLIES.items()}


@needs_bubblewrap
@pytest.mark.parametrize(("sample", "reply", "credit"), MBPP_REPLIES.values(), ids=MBPP_REPLIES.keys())
async def test_a_program_for_a_task_is_right_when_its_tests_pass(sample, reply, credit):
    (end,), _ = await scored(sample, [reply])
    assert end.values == {"acc": credit}, end


@needs_bubblewrap
async def test_a_wrong_program_is_explained():
    (end,), _ = await scored(IS_EVEN, ["def is_even(number):\n    return True"])
    assert "candidate(-3) is False" in end.explanation
    assert "returned True" in end.explanation


def test_no_program_is_no_credit_without_any_sandbox():
    assert RunTests()(None, IS_EVEN).values == {"acc": 0.0}
    assert RunTests()("  \n", IS_EVEN).values == {"acc": 0.0}
    assert RunTests()("x" * 2_000_000, IS_EVEN).values == {"acc": 0.0}


def test_a_task_without_a_prompt_to_continue_is_read_as_it_stands():
    assert readings("", "  x = 1\n  y = 2") == ("  x = 1\n  y = 2", "x = 1\ny = 2")


def test_tests_that_name_a_class_of_the_solution_are_weakly_isolated_whatever_the_answer_is():
    assert [sample.metadata["is_weak"] for sample in (SECOND, JOIN, CIRCLE, BOXES)] == [False, False, False, True]
    assert make_job("def widest(boxes): return 1", BOXES).is_weak


def test_the_sanitised_records_are_read_too():
    record = {
        "source_file": "x.ipynb",
        "task_id": 2,
        "prompt": "Write a function to find the area of a circle.",
        "code": "import math\ndef area(r):\n  return math.pi * r * r",
        "test_imports": ["import math"],
        "test_list": ["assert math.isclose(area(1), math.pi)"],
    }
    sample = find_benchmark("mbpp").to_sample(record)
    assert sample.input.startswith("Write a function to find the area of a circle.\n")
    assert sample.metadata["names"] == ("area",)
    assert sample.metadata["setup"].count("import math") >= 1


def test_the_settings_of_a_task_reach_the_sandboxes():
    task = TaskConfig(sandbox={"engine": "none", "timeout": 3, "memory_mb": 256, "tmp_mb": 8, "num_sandboxes": 1})
    scorer = RunTests().prepare(task)
    assert scorer.settings == Settings(
        engine=EngineName.NONE,
        limits=Limits(timeout_s=3.0, memory_bytes=256 * 2**20, tmp_bytes=8 * 2**20),
        num_sandboxes=1,
    )
    assert "timeout_s=3.0" in repr(scorer)  # kept verdicts are made again where a limit is another


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "chroot"}, "'chroot' is unknown"),
        ({"engin": "none"}, "engine"),
        ({"timeout": 0}, "over 0"),
        ({"memory_mb": 1}, "at least 128"),
    ],
    ids=["engine", "key", "timeout", "memory"],
)
def test_a_setting_that_cannot_be_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        TaskConfig(sandbox=settings)


def test_without_a_sandbox_the_benchmark_refuses(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="install the package bubblewrap"):
        RunTests().prepare(TaskConfig()).check()
    RunTests().prepare(TaskConfig(sandbox={"engine": "none"})).check()


async def test_the_report_is_told_that_programs_ran_unprotected():
    scorer = RunTests().prepare(TaskConfig(sandbox={"engine": "none", "num_sandboxes": 1}))
    assert scorer.notes() == ()
    await scorer("def is_even(number):\n    return number % 2 == 0", IS_EVEN)
    await scorer.aclose()
    assert scorer.notes() == ("1 programs were run without a sandbox",)


@needs_bubblewrap
async def test_the_report_is_told_how_many_programs_were_weakly_isolated():
    _, scorer = await scored(BOXES, [BOXES.target, BOXES.target])
    (note,) = scorer.notes()
    assert note.startswith("2 programs were weakly isolated")


@needs_bubblewrap
async def test_tests_at_fault_are_a_failure_and_no_zero():
    sample = Sample(input="", target="", metadata={"names": ("f",), "tests": "assert f(1 == 2", "entry_point": "f"})
    with pytest.raises(ScoringError, match="tests are at fault"):
        await scored(sample, ["def f(x): return x"])


def test_the_authors_one_file_of_mbpp_gives_each_split_its_own_tasks(tmp_path):
    row = {"text": "Add.", "code": "def add(a, b):\n    return a + b", "test_list": ["assert add(1, 2) == 3"]}
    write_jsonl(
        tmp_path / "mbpp" / "mbpp.jsonl", [{**row, "task_id": number} for number in (1, 2, 9, 10, 11, 510, 511)]
    )

    def load_mbpp(path, **args):
        args = DatasetArgs(local_path=path, few_shot_num=2, few_shot_random=False, **args)
        loaded = load(find_benchmark("mbpp"), args, supply=Supply(), limit=None, seed=0)
        subset = loaded.subsets[0]
        return [sample.id for sample in subset.samples], [sample.id for sample in subset.examples]

    for path in (tmp_path / "mbpp", tmp_path / "mbpp" / "mbpp.jsonl"):
        assert load_mbpp(path) == (["11", "510"], ["1", "2"])
    assert load_mbpp(tmp_path / "mbpp", eval_split="validation") == (["511"], ["1", "2"])
