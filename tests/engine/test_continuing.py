"""What may change when a run is continued, and what may not."""

import json
import subprocess
import sys

import pytest

from evalscope import run_task
from evalscope.errors import ConfigError
from evalscope.models.mock import MockModel
from tests.commands import environment
from tests.own_data import write_arc, write_gsm8k, write_jsonl


class Counting(MockModel):
    """Knows how often it was asked."""

    def __init__(self, **settings) -> None:
        super().__init__(**settings)
        self.num = 0

    async def generate(self, messages, config):
        self.num += 1
        return await super().generate(messages, config)


@pytest.fixture
def arc(tmp_path):
    """Runs arc in one folder, and returns the number of questions asked and the report."""
    write_arc(tmp_path / "arc", num=6)

    def run(task=None, **args):
        model = Counting()
        settings = {"model": model, "datasets": ["arc"], "limit": 3, "work_dir": str(tmp_path / "out"), "quiet": True}
        root = tmp_path / "out" / "one"
        where = {"use_cache": str(root)} if root.exists() else {"run_name": "one"}
        args = {"arc": {"local_path": str(tmp_path / "arc"), **args}}
        report = run_task({**settings, **where, "dataset_args": args, **(task or {})})["arc"]
        return model.num, report

    return run


def test_a_further_subset_asks_only_its_own_and_a_smaller_list_nothing(arc):
    assert arc(subset_list=["ARC-Easy"], few_shot_num=2)[0] == 3
    assert arc(few_shot_num=2)[0] == 3
    num, report = arc(subset_list=["ARC-Challenge"], few_shot_num=2)
    assert (num, [row.subset for row in report.rows]) == (0, ["ARC-Challenge"])
    assert arc(few_shot_num=2)[0] == 0


def test_shuffled_rows_are_asked_once_however_often_the_run_goes_on(arc):
    arc()
    arc(shuffle=True)
    assert arc(shuffle=True)[0] == 0
    assert arc()[0] == 0


def test_repeats_may_be_raised_and_lowered(arc):
    sampled = {"generation_config": {"temperature": 1.0}}
    assert arc(sampled)[0] == 6
    assert arc({**sampled, "repeats": 3})[0] == 12
    num, report = arc({**sampled, "repeats": 2})
    assert (num, report.num, sum(report.outcomes.values())) == (0, 6, 12)


@pytest.mark.parametrize(
    ("task", "args", "named"),
    [
        ({}, {"shuffle_choices": True}, "shuffle_choices"),
        ({}, {"few_shot_num": 3}, "few_shot_num"),
        ({}, {"few_shot_num": 2, "few_shot_random": False}, "examples_digests"),
        ({"model_id": "renamed"}, {"few_shot_num": 2}, "name in reports: was 'mock_llm', would be 'renamed'"),
    ],
    ids=["order of choices", "shots", "other examples", "name in reports"],
)
def test_what_would_ask_everything_again_is_refused_by_name(task, args, named, arc):
    arc(few_shot_num=2)
    with pytest.raises(ConfigError, match=named):
        arc(task, **{"few_shot_num": 2, **args})


def test_answers_to_other_words_stay_beside_and_neither_is_asked_again(tmp_path):
    """The user's data changed under the run: rows have the same names, and other questions."""

    def run():
        model = Counting()
        args = {"gsm8k": {"local_path": str(tmp_path / "gsm8k"), "few_shot_num": 0}}
        root = tmp_path / "out" / "one"
        where = {"use_cache": str(root)} if root.exists() else {"run_name": "one"}
        settings = {"model": model, "datasets": ["gsm8k"], "dataset_args": args, "work_dir": str(tmp_path / "out")}
        run_task({**settings, **where, "quiet": True})
        return model.num

    write_gsm8k(tmp_path / "gsm8k", num=5)
    assert run() == 5
    test = tmp_path / "gsm8k" / "test.jsonl"
    first = test.read_text()
    test.write_text(first.replace("Nora", "Cora"))
    assert [run(), run()] == [5, 0]
    test.write_text(first)
    assert run() == 0


FULL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from evalscope.run import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("size_bytes", [300, 20_000, 60_000], ids=["no record", "no answers", "no more answers"])
def test_a_full_disk_is_one_message_and_what_is_stored_is_whole(size_bytes, tmp_path):
    write_gsm8k(tmp_path / "gsm8k", num=100)
    args = json.dumps({"gsm8k": {"local_path": str(tmp_path / "gsm8k")}})
    words = ["--model", "m", "--eval-type", "mock_llm", "--datasets", "gsm8k", "--dataset-args", args]
    words += ["--work-dir", str(tmp_path / "out"), "--run-name", "full"]
    command = [sys.executable, "-c", FULL_DISK, str(size_bytes), *words]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "cannot be written: File too large" in done.stderr
    for path in (tmp_path / "out").rglob("*.jsonl"):
        assert all(json.loads(line) for line in path.read_text().splitlines())
        assert path.read_bytes()[-1:] in (b"", b"\n")


COUNTING = """
from dataclasses import dataclass, replace
from pathlib import Path
from evalscope.benchmarks.gsm8k import BENCHMARK as GSM8K
from evalscope.core.score import Score

CALLS = Path(__file__).with_name("calls")

@dataclass(frozen=True)
class Counting:
    def __call__(self, answer, sample):
        with CALLS.open("a") as file:
            file.write("x")
        {verdict}
        return Score(values={{"acc": float(answer == sample.target)}}, answer=answer, vote="same")

BENCHMARK = replace(GSM8K, name="mine", scorer=Counting())
"""


def test_verdicts_are_given_again_only_where_they_would_differ_or_failed(tmp_path):
    write_gsm8k(tmp_path / "mine", num=12)
    path, calls = tmp_path / "mine.py", tmp_path / "calls"

    def run(verdict: str = "pass", **more):
        path.write_text(COUNTING.format(verdict=verdict))
        calls.write_text("")
        args = {"mine": {"local_path": str(tmp_path / "mine"), "few_shot_num": 0}}
        task = {"model": MockModel("ANSWER: 314"), "datasets": [str(path)], "dataset_args": args, "quiet": True}
        report = run_task({**task, "work_dir": str(tmp_path / "out"), **more})["mine"]
        return len(calls.read_text()), dict(report.outcomes)

    breaks = "assert answer != sample.target"
    assert run(breaks) == (12, {"wrong": 11, "scoring_failed": 1})
    earlier = {"use_cache": str(next((tmp_path / "out").glob("2*")))}
    assert run(breaks, **earlier) == (1, {"wrong": 11, "scoring_failed": 1})
    assert run(**earlier) == (12, {"wrong": 11, "correct": 1})
    reviews = (tmp_path / "out/latest/reviews/mock_llm/mine_main.jsonl").read_text()
    assert run(**earlier) == (0, {"wrong": 11, "correct": 1})
    assert (tmp_path / "out/latest/reviews/mock_llm/mine_main.jsonl").read_text() == reviews
    rows = [json.loads(row) for row in (tmp_path / "mine/test.jsonl").read_text().splitlines()]
    write_jsonl(tmp_path / "mine/test.jsonl", [{**rows[0], "answer": "#### 115"}, *rows[1:]])
    changed = run(**earlier)
    assert changed[0] == 1
    assert sum(changed[1].values()) == 12
