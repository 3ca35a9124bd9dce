"""HumanEval+, MBPP+ and LiveCodeBench: their tests made, unpacked and run in a sandbox."""

import base64
import json
import pickle
import zlib
from inspect import isawaitable

import pytest

from evalscope.benchmarks._contest_tests import read_tests
from evalscope.benchmarks._plus import facts_of_tests
from evalscope.config import DatasetArgs, TaskConfig
from evalscope.core.sample import Sample
from evalscope.engine.wishes import with_own_settings
from evalscope.errors import ConfigError, ScoringError
from evalscope.registry import find_benchmark
from evalscope.sandboxes.engine import EngineName, Settings
from evalscope.sandboxes.job import Limits
from evalscope.sandboxes.pool import Sandboxes
from evalscope.scorers.run_tests import RunTests, make_job
from tests.benchmarks.shelf import records_of, samples_of
from tests.own_data import write_jsonl
from tests.sandboxes.needs import needs_bubblewrap
from tests.sources.source_builders import load_from

LONGEST, HALF = samples_of(find_benchmark("humaneval_plus"))
SHARED, LAST_DIGIT = samples_of(find_benchmark("mbpp_plus"))
LAMPS, GAP = samples_of(find_benchmark("live_code_bench"))

PROGRAMS = {
    "the reference itself": (LONGEST, "    return max(words, key=len)\n", 1.0),
    "right on the old input alone": (LONGEST, "def longest_word(words):\n    return 'horse'", 0.0),
    "raises on an added input": (LONGEST, "def longest_word(words):\n    return sorted(words, key=len)[1]", 0.0),
    "a column of tests that imports numpy": (HALF, "def half(number):\n    return number / 2", 1.0),
    "within the tolerance": (HALF, "def half(number):\n    return number * 0.5000000001", 1.0),
    "a whole number for a float": (HALF, "def half(number):\n    return number // 2", 0.0),
    "tuples compared with tuples": (
        SHARED,
        "def shared_words(a, b):\n    return tuple(sorted(w for w in a if w in b))",
        1.0,
    ),
    "a list for a tuple": (SHARED, "def shared_words(a, b):\n    return sorted(set(a) & set(b))", 0.0),
    "the hub's script": (LAST_DIGIT, "def last_digit(number):\n    return abs(number) % 10", 1.0),
    "the hub's script, wrongly": (LAST_DIGIT, "def last_digit(number):\n    return number % 100", 0.0),
    "a program with input()": (LAMPS, "n = int(input())\nprint(sum(map(int, input().split())))", 1.0),
    "a program that reads all of sys.stdin": (
        LAMPS,
        "import sys\ndata = sys.stdin.read().split()\nsys.stdout.write(str(sum(map(int, data[1:]))))",
        1.0,
    ),
    "a program that reads bytes": (
        LAMPS,
        "import sys\nprint(sum(map(int, sys.stdin.buffer.readlines()[1].split())), flush=True)",
        1.0,
    ),
    "a program that opens descriptor 0": (LAMPS, "print(sum(map(int, open(0).read().split()[1:])))", 1.0),
    "a program with a main block and exit": (
        LAMPS,
        "def main():\n    input()\n    print(sum(map(int, input().split())))\n    exit(0)\n\n"
        "if __name__ == '__main__':\n    main()",
        1.0,
    ),
    "a program with a future import": (
        LAMPS,
        "from __future__ import annotations\ninput()\nprint(sum(map(int, input().split())))",
        1.0,
    ),
    "names that contest sites import": (LAMPS, "input()\nprint(Counter(input().split())['1'])", 1.0),
    "another form of the same number": (LAMPS, "input()\nprint(sum(map(float, input().split())))", 1.0),
    "spaces and empty lines at the ends": (LAMPS, "input()\nprint(' ', sum(map(int, input().split())), '\\n')", 1.0),
    "nothing printed": (LAMPS, "input()", 0.0),
    "one number too many": (LAMPS, "input()\nprint(sum(map(int, input().split())))\nprint(1)", 0.0),
    "a program that raises": (LAMPS, "print(1 / 0)", 0.0),
    "state kept from one test to the next": (
        LAMPS,
        "seen = globals().setdefault('seen', [])\nseen.append(1)\ninput()\n"
        "print(sum(map(int, input().split())) if len(seen) == 1 else 99)",
        1.0,
    ),
    "no Python": (LAMPS, "for (int i", 0.0),
    "a method": (
        GAP,
        "class Solution:\n    def widestGap(self, numbers: List[int]) -> int:\n        numbers.sort()\n"
        "        return max(b - a for a, b in zip(numbers, numbers[1:]))",
        1.0,
    ),
    "a method, wrongly": (GAP, "class Solution:\n    def widestGap(self, numbers):\n        return 2", 0.0),
    "no such method": (GAP, "class Solution:\n    def gap(self, numbers):\n        return 2", 0.0),
}


async def scored(sample: Sample, *programs: str):
    """Scores of programs, as a walk would get them."""
    scorer = RunTests(
        sandboxes=Sandboxes(
            Settings(engine=EngineName.BUBBLEWRAP, num_sandboxes=1, limits=Limits(timeout_s=60.0)),
        )
    )
    try:
        ends = [scorer(find_benchmark("mbpp").extract(f"```python\n{text}\n```", sample), sample) for text in programs]
        return [await end if isawaitable(end) else end for end in ends]
    finally:
        await scorer.aclose()


@needs_bubblewrap
@pytest.mark.parametrize(("sample", "program", "credit"), PROGRAMS.values(), ids=PROGRAMS.keys())
async def test_a_program_is_right_when_it_passes_all_tests(sample, program, credit):
    (end,) = await scored(sample, program)
    assert end.values == {"acc": credit}, end


@needs_bubblewrap
async def test_what_was_given_and_what_was_to_come_is_told():
    (end,) = await scored(LAMPS, "input()\nprint(7)")
    assert "'2\\n' was to come, and ['7'] came" in end.explanation


@needs_bubblewrap
async def test_a_reference_that_fails_on_its_own_inputs_is_a_failure_and_no_zero():
    (row, _) = records_of("humaneval_plus")
    sample = find_benchmark("humaneval_plus").to_sample({**row, "plus_input": [[3]]})
    with pytest.raises(ScoringError, match="tests are at fault"):
        await scored(sample, "def longest_word(words):\n    return 'horse'")


@needs_bubblewrap
async def test_inputs_that_a_reference_takes_as_tuples_are_given_as_tuples_to_the_program_too():
    record = {
        "task_id": "Mbpp/9",
        "prompt": '"""\nWrite a function to count different pairs.\nassert count(((1, 2), (1, 2))) == 1\n"""\n',
        "entry_point": "count",
        "canonical_solution": "def count(pairs):\n    return len(set(pairs))\n",
        "base_input": [[[[1, 2], [1, 2]]]],
    }
    sample = find_benchmark("mbpp_plus").to_sample(record)
    (end,) = await scored(sample, "def count(pairs):\n    return len({pair for pair in pairs})")
    assert end.values == {"acc": 1.0}, end


def plus_sample(name: str, reference: str, inputs: list[list[object]]) -> Sample:
    """A task in the form of EvalPlus's own files."""
    docstring = f'"""\nDo it.\nassert {name}() == 1\n"""\n'
    record = {"task_id": "Mbpp/1", "prompt": docstring, "entry_point": name, "canonical_solution": reference}
    return find_benchmark("mbpp_plus").to_sample({**record, "base_input": inputs})


THIRD = plus_sample("third", "def third(n):\n    return n / 3\n", [[1], [2.5]])
PAIR = plus_sample("pair", "def pair(n):\n    return [n / 3, (n / 7, n)]\n", [[1.0], [5.0]])
DIFF = plus_sample("Diff", "def Diff(a, b):\n    return sorted(set(a) - set(b))\n", [[[1, 2, 3], [2]]])
CHECK = plus_sample("check_str", "def check_str(s):\n    return s[0] in 'aeiou'\n", [["apple"], ["pear"]])
EQUIVALENT = plus_sample("are_equivalent", "def are_equivalent(a, b):\n    return a == b\n", [[1, 2]])

NEAR = {
    "a float within the tolerance": (THIRD, "def third(n):\n    return n * 0.33333333", 1.0),
    "a float beyond it": (THIRD, "def third(n):\n    return n * 0.3334", 0.0),
    "a text for a float": (THIRD, "def third(n):\n    return str(n / 3)", 0.0),
    "nested floats of other kinds are compared exactly": (
        PAIR,
        "def pair(n):\n    return [n * 0.3333333333, (n / 7, n)]",
        0.0,
    ),
    "items in another order": (DIFF, "def Diff(a, b):\n    return [3, 1]", 1.0),
    "an item too few": (DIFF, "def Diff(a, b):\n    return [3]", 0.0),
    "what was found for True": (
        CHECK,
        "import re\ndef check_str(s):\n    return s[:1] if s[0] in 'aeiou' else None",
        1.0,
    ),
    "something found for False": (CHECK, "def check_str(s):\n    return s[:1]", 0.0),
    "any value": (EQUIVALENT, "def are_equivalent(a, b):\n    return 'maybe'", 1.0),
    "no value, but an exception": (EQUIVALENT, "def are_equivalent(a, b):\n    return 1 / 0", 0.0),
}


@needs_bubblewrap
@pytest.mark.parametrize(("sample", "program", "credit"), NEAR.values(), ids=NEAR.keys())
async def test_values_are_compared_as_evalplus_does(sample, program, credit):
    (end,) = await scored(sample, program)
    assert end.values == {"acc": credit}, end


COMPARED = {
    "any root": ("find_zero", "abs(REFERENCE['poly'](*args, given)) <= 0.0001", 1e-4),
    "a set": ("Diff", "is_same_set(given, right, 0)", 0),
    "what was found for True": ("check_str", "is_same_verdict(given, right, 0)", 0),
    "any value": ("sum_div", "is_anything(given, right, 0)", 0),
    "values": ("f", "is_same(given, right, 0)", 0),
}


@pytest.mark.parametrize(("name", "comparison", "atol"), COMPARED.values(), ids=COMPARED.keys())
def test_a_few_functions_are_compared_in_ways_of_their_own(name, comparison, atol):
    record = {"entry_point": name, "prompt": "", "canonical_solution": "", "base_input": [], "atol": atol}
    assert f"assert {comparison}, " in facts_of_tests(record, has_own_check=False)["tests"]


# --- packed tests

CASES = [{"input": "1\n", "output": "2\n", "testtype": "stdin"}]


def packed(value) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(value))).decode()


def test_tests_are_read_plain_and_packed():
    assert read_tests(json.dumps(CASES)) == [("1\n", "2\n")]
    assert read_tests(packed(json.dumps(CASES))) == [("1\n", "2\n")]


class _Harmful:
    def __reduce__(self):
        return (print, ("this must not run",))


HOSTILE = {
    "a call": packed(_Harmful()),
    "an object": packed(Limits()),
    "a number": packed(5),
    "no pickle": base64.b64encode(zlib.compress(b"hello")).decode(),
    "not compressed": base64.b64encode(b"hello").decode(),
    "no base64": "!!!",
    "torn": packed(json.dumps(CASES))[:40],
    "nothing in it": base64.b64encode(zlib.compress(b"")).decode(),
    "no tests": packed("[1, 2]"),
    "no JSON": packed("hello"),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_packed_tests_that_are_anything_but_text_are_refused_and_nothing_runs(text, capsys):
    with pytest.raises(ValueError, match=r"packed tests|no JSON|Expecting"):
        read_tests(text)
    assert capsys.readouterr().out == ""


async def test_tests_that_cannot_be_read_are_a_failure_and_no_zero():
    record = {**records_of("live_code_bench")[0], "private_test_cases": packed(5)}
    sample = find_benchmark("live_code_bench").to_sample(record)
    with pytest.raises(ScoringError, match="a int, and a text is needed; mend the data"):
        await RunTests()("print(2)", sample)


def test_a_method_whose_name_is_no_name_is_refused():
    record = {**records_of("live_code_bench")[1], "metadata": json.dumps({"func_name": "x; import os"})}
    with pytest.raises(ValueError, match="no name of a function"):
        find_benchmark("live_code_bench").to_sample(record)


def test_packed_tests_are_unpacked_only_for_the_program_that_is_run():
    assert callable(GAP.metadata["tests"])
    assert "[10, 0, 4]" in make_job("class Solution: pass", GAP).tests


# --- settings


def in_window(tmp_path, **extra):
    write_jsonl(tmp_path / "test.jsonl", records_of("live_code_bench"))
    args = DatasetArgs(extra_params=extra)
    benchmark = with_own_settings(find_benchmark("live_code_bench"), args, TaskConfig())
    (subset,) = load_from(tmp_path, benchmark, subset_list=["test"]).subsets
    return [sample.id for sample in subset.samples]


def test_a_window_of_dates_leaves_the_problems_of_its_days(tmp_path):
    assert in_window(tmp_path) == ["own_a", "own_b"]
    assert in_window(tmp_path, start_date="2024-01-07") == ["own_b"]
    assert in_window(tmp_path, start_date="2024-01-06", end_date="2024-09-13") == ["own_a"]


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({"start_date": "January"}, "start_date: a date such as 2024-08-01 is needed; found 'January'"),
        ({"start_date": "2024-02-01", "end_date": "2024-01-01"}, "lies behind"),
        ({"start": "2024-02-01"}, "did you mean 'start_date'"),
    ],
    ids=["no date", "empty", "key"],
)
def test_a_window_that_cannot_be_is_refused(extra, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        in_window(tmp_path, **extra)


def test_contests_have_more_time_unless_the_task_says_otherwise():
    scorer = find_benchmark("live_code_bench").scorer
    assert scorer.prepare(TaskConfig()).settings.limits.timeout_s == 60
    assert scorer.prepare(TaskConfig(sandbox={"timeout": 5})).settings.limits.timeout_s == 5
    assert find_benchmark("humaneval").scorer.prepare(TaskConfig()).settings.limits.timeout_s == 10
