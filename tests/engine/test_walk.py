"""The walk survives what models of a user's own do, and tells failures from ends."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalscope import run_task
from evalscope.core.response import Completion
from evalscope.errors import EndpointError, ModelError
from tests.own_data import sums, write_gsm8k, write_jsonl


class Asked:
    """Answers with what a function of the number of the call gives."""

    concurrency = 4

    def __init__(self, answer: Callable[[int], Any]) -> None:
        self.answer = answer
        self.num = 0

    async def generate(self, messages, config):
        num = self.num = self.num + 1
        await asyncio.sleep(0)
        return self.answer(num)


def run(tmp_path: Path, model: object, rows: list[dict[str, str]] | None = None, **more: object):
    if rows:
        write_jsonl(tmp_path / "gsm8k" / "test.jsonl", rows)
    elif not (tmp_path / "gsm8k").exists():
        write_gsm8k(tmp_path / "gsm8k", num=12)
    args = {"gsm8k": {"local_path": str(tmp_path / "gsm8k"), "few_shot_num": 0}}
    settings = {"model": model, "datasets": ["gsm8k"], "dataset_args": args, "work_dir": str(tmp_path / "out")}
    return run_task({**settings, "quiet": True, **more})["gsm8k"]


def raising(error: BaseException, on: Callable[[int], bool]) -> Callable[[int], str]:
    def answer(num: int) -> str:
        if on(num):
            raise error
        return "ANSWER: 1"

    return answer


ODD = {
    "nothing": lambda: None,
    "half a character": lambda: "ANSWER: 3 \ud83d",
    "a zero byte": lambda: "ANSWER: 3\0",
    "megabytes": lambda: "the answer is \n" * 100_000,
    "a number too long to write out": lambda: "ANSWER: 1e999999999",
    "no usage": lambda: Completion(text="ANSWER: 3", usage=None),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_an_odd_answer_ends_in_its_own_row_and_stops_nobody(odd, tmp_path):
    report = run(tmp_path, Asked(lambda num: odd() if num == 5 else "ANSWER: 3"))
    assert sum(report.outcomes.values()) == 12
    stored = (tmp_path / "out/latest/predictions/Asked/gsm8k_main.jsonl").read_text("utf-8").splitlines()
    assert len([json.loads(row) for row in stored]) == 12


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), ValueError("half \ud83d"), TimeoutError()], ids=["cancelled", "half", "time"]
)
def test_what_a_model_raises_is_the_failure_of_one_request(error, tmp_path):
    report = run(tmp_path, Asked(raising(error, lambda num: num == 5)))
    assert dict(report.outcomes) == {"wrong": 11, "request_failed": 1}


def test_equal_questions_that_fail_together_count_as_one_failure(tmp_path):
    same = [sums(1)[0]] * 10 + sums(4, first=1)
    report = run(tmp_path, Asked(raising(ModelError("500"), lambda num: num == 1)), rows=same, eval_batch_size=12)
    assert sum(report.outcomes.values()) == 14
    assert dict(report.outcomes) == {"wrong": 4, "request_failed": 10}


def test_samples_that_fail_again_on_resume_leave_a_report(tmp_path):
    run(tmp_path, Asked(raising(ModelError("500"), lambda num: num in (5, 6))), run_name="r")
    again = run(tmp_path, Asked(raising(ModelError("500"), lambda num: True)), use_cache=str(tmp_path / "out/r"))
    assert dict(again.outcomes) == {"wrong": 10, "request_failed": 2}


def test_a_new_run_in_which_all_fail_ends_with_the_reason(tmp_path):
    with pytest.raises(EndpointError, match="none of"):
        run(tmp_path, Asked(raising(ModelError("500"), lambda num: True)), limit=3)


class BadEnd(Asked):
    """Cannot be closed."""

    async def aclose(self) -> None:
        raise RuntimeError("stuck")


def test_a_model_that_cannot_be_closed_costs_nothing_but_a_warning(tmp_path, capsys):
    report = run(tmp_path, BadEnd(lambda num: "ANSWER: 1"), quiet=False)
    assert report.num == 12
    assert "closing the model failed: RuntimeError: stuck" in capsys.readouterr().err


class Changing:
    """Wants more in hand after some answers, and less after more."""

    def __init__(self) -> None:
        self.answered = self.flying = 0
        self.seen: list[tuple[int, int]] = []

    @property
    def concurrency(self) -> int:
        return 2 if self.answered < 20 else 12 if self.answered < 120 else 3

    async def generate(self, messages, config):
        self.flying += 1
        self.seen.append((self.answered, self.flying))
        await asyncio.sleep(0.002)
        self.flying -= 1
        self.answered += 1
        return "ANSWER: 1"


def test_as_many_are_in_hand_as_the_model_wants_now(tmp_path):
    write_gsm8k(tmp_path / "gsm8k", num=200)
    model = Changing()
    assert run(tmp_path, model).num == 200
    assert max(flying for answered, flying in model.seen if answered < 20) == 2
    assert max(flying for answered, flying in model.seen if 40 < answered < 120) == 12
    assert max(flying for answered, flying in model.seen if answered > 140) == 3
