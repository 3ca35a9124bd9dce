"""Repeats, scorers that are awaited, options that are ranked: other ways than one question, one answer."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evalscope import run_task
from evalscope.core.score import Score
from evalscope.errors import ConfigError, ScoringError
from evalscope.models.mock import MockModel
from tests.own_data import write_arc, write_gsm8k

BENCHMARK = """
from dataclasses import replace
from evalscope.benchmarks.gsm8k import BENCHMARK as GSM8K
from tests.engine.test_ways_of_asking import {scorer}
BENCHMARK = replace(GSM8K, name="mine", scorer={scorer}())
"""


@dataclass(frozen=True)
class Slow:
    """Takes its time, and breaks where the answer says so."""

    closed: list[int] = field(default_factory=list)

    async def __call__(self, answer, sample):
        await asyncio.sleep(0.01)
        if answer == "13":
            raise ScoringError("thirteen cannot be compared")
        return Score(values={"acc": float(answer == sample.target)}, answer=answer)

    async def aclose(self):
        CLOSED.append(self)


CLOSED: list[Slow] = []


class Impossible:
    """Lacks what it needs."""

    def check(self):
        raise ConfigError("a sandbox is needed")

    def __call__(self, answer, sample):
        raise AssertionError


def run(tmp_path: Path, dataset: str, model: object, *, args: dict | None = None, **more: object):
    name = dataset if "/" not in dataset else "mine"
    folder = tmp_path / name
    if not folder.exists():
        write_arc(folder) if name == "arc" else write_gsm8k(folder)
    settings = {"local_path": str(folder), "few_shot_num": 0, **(args or {})}
    task = {"model": model, "datasets": [dataset], "dataset_args": {name: settings}, "quiet": True}
    return run_task({**task, "work_dir": str(tmp_path / "out"), **more})[name]


def benchmark_file(tmp_path: Path, scorer: str) -> str:
    path = tmp_path / "mine.py"
    path.write_text(BENCHMARK.format(scorer=scorer))
    return str(path)


def test_a_scorer_may_be_awaited_and_is_closed_at_the_end(tmp_path):
    CLOSED.clear()
    answers = iter(["13"] + ["114"] * 11)
    report = run(tmp_path, benchmark_file(tmp_path, "Slow"), MockModel(lambda _: f"ANSWER: {next(answers)}"))
    assert report.outcomes["scoring_failed"] == 1
    assert sum(report.outcomes.values()) == 12
    assert len(CLOSED) == 1


def test_a_scorer_that_lacks_something_says_so_before_anything_is_asked(tmp_path):
    def never(_):
        raise AssertionError

    with pytest.raises(ConfigError, match="a sandbox is needed"):
        run(tmp_path, benchmark_file(tmp_path, "Impossible"), MockModel(never))


def rows_by_metric(report):
    return {row.metric: row for row in report.rows}


def test_repeats_give_the_mean_pass_at_k_and_a_majority_with_one_value_a_sample(tmp_path):
    from itertools import count

    calls = count()
    # of the four answers to each question the second alone is wrong
    model = MockModel(lambda messages: f"ANSWER: {0 if next(calls) % 4 == 1 else right(messages)}", concurrency=1)
    report = run(tmp_path, "gsm8k", model, repeats=4, generation_config={"temperature": 0.7}, args={"k": [1, 2, 4]})
    rows = rows_by_metric(report)
    names = ["AverageAccuracy", "pass@1", "majority@1", "pass@2", "majority@2", "pass@4", "majority@4"]
    assert list(rows) == names
    assert {row.num for row in rows.values()} == {12}
    assert [round(rows[name].score, 6) for name in names] == [0.75, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0]


def right(messages) -> int:
    words = messages[-1].content.rpartition("Nora")[2].split()
    return sum(int(word) for word in words if word.isdigit())


@pytest.mark.parametrize(
    ("args", "repeats", "named"),
    [({"k": 5}, 2, "--repeats 5"), ({"k": 3}, 1, "--repeats 3"), ({"k": []}, 2, "empty"), ({"k": 0}, 2, "at least 1")],
    ids=["too large", "asked once", "empty", "zero"],
)
def test_a_k_that_cannot_be_is_refused(args, repeats, named, tmp_path):
    with pytest.raises(ConfigError, match=named):
        run(tmp_path, "gsm8k", MockModel(), repeats=repeats, args=args)


def test_options_are_ranked_and_taken_from_store_when_the_run_is_continued(tmp_path):
    asked = []

    def likely(context: str, continuation: str) -> float:
        asked.append(continuation)
        return -1.0 if continuation.strip() in ("horse", "trout", "raven", "snail") else -50.0

    model = MockModel(loglikelihood=likely)
    report = run(tmp_path, "arc", model, args={"scoring": "loglikelihood"})
    assert {"acc", "acc_norm"} <= {row.metric for row in report.rows}
    assert report.score == pytest.approx(6 / 12)  # of animals not named, the two at A win their tie
    assert report.asked["scoring"] == "loglikelihood"
    assert len(asked) == 24 * 4
    again = run(
        tmp_path, "arc", model, args={"scoring": "loglikelihood"}, use_cache=str(next((tmp_path / "out").glob("2*")))
    )
    assert len(asked) == 24 * 4
    assert again.score == report.score


def test_a_dry_run_says_that_nothing_is_generated_where_options_are_ranked(tmp_path, capsys):
    write_arc(tmp_path / "arc")
    args = {"arc": {"local_path": str(tmp_path / "arc"), "scoring": "loglikelihood"}}
    run_task({"model": MockModel(), "datasets": ["arc"], "dataset_args": args, "dry_run": True})
    assert "nothing is generated" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("dataset", "args", "more", "named"),
    [
        ("gsm8k", {"scoring": "loglikelihood"}, {}, "one way only"),
        ("arc", {"scoring": "likelihood"}, {}, "loglikelihood"),
        ("arc", {"scoring": "loglikelihood", "few_shot_as_turns": True, "few_shot_num": 1}, {}, "few_shot_as_turns"),
        ("arc", {"scoring": "loglikelihood"}, {"generation_config": {"max_tokens": 5}}, "generation_config"),
        ("arc", {"few_shot_as_turns": True}, {}, "no effect without examples"),
    ],
    ids=["no variant", "misspelt", "turns", "settings nobody reads", "turns of nothing"],
)
def test_a_way_of_asking_that_is_none_is_refused(dataset, args, more, named, tmp_path):
    with pytest.raises(ConfigError, match=named):
        run(tmp_path, dataset, MockModel(), args=args, **more)


def test_a_model_of_ones_own_that_only_writes_cannot_rank(tmp_path):
    class Writer:
        async def generate(self, messages, config):
            return "ANSWER: A"

    with pytest.raises(ConfigError, match="loglikelihood"):
        run(tmp_path, "arc", Writer(), args={"scoring": "loglikelihood"})
