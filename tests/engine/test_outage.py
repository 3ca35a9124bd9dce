"""Endpoints that go away in mid-run: the walk waits for them, and loses nothing; or gives up, and can be continued."""

import asyncio

from evalscope import run_task
from evalscope.errors import ModelError
from tests.own_data import write_gsm8k


class Failing:
    """Answers, but for the calls that a function names."""

    def __init__(self, fails, concurrency: int = 4) -> None:
        self.fails, self.concurrency, self.num = fails, concurrency, 0

    async def generate(self, messages, config):
        self.num += 1
        num = self.num
        await asyncio.sleep(0.001)
        if self.fails(num, messages[-1].content):
            raise ModelError("connection refused")
        return "ANSWER: 1"


def run(tmp_path, model, **more):
    if not (tmp_path / "gsm8k").exists():
        write_gsm8k(tmp_path / "gsm8k", num=60)
    args = {"gsm8k": {"local_path": str(tmp_path / "gsm8k"), "few_shot_num": 0}}
    task = {"model": model, "datasets": ["gsm8k"], "dataset_args": args, "work_dir": str(tmp_path / "out")}
    return run_task({**task, "quiet": True, "give_up_after": 2, **more})["gsm8k"]


def test_an_endpoint_that_comes_back_costs_no_sample(tmp_path):
    model = Failing(lambda num, _: 20 < num <= 40)
    report = run(tmp_path, model)
    assert dict(report.outcomes) == {"wrong": 60}
    assert model.num == 60 + 20


def test_with_one_slot_the_walk_waits_too(tmp_path):
    report = run(tmp_path, Failing(lambda num, _: 10 < num <= 22, concurrency=1))
    assert dict(report.outcomes) == {"wrong": 60}


def test_an_endpoint_that_stays_away_ends_the_run_which_can_be_continued(tmp_path):
    report = run(tmp_path, Failing(lambda num, _: num > 20), give_up_after=0.3)
    assert (report.num, report.missing) == (20, 40)
    assert any("--give-up-after 0.3" in note for note in report.asked["notes"])
    model = Failing(lambda num, _: False)
    report = run(tmp_path, model, use_cache=str(next((tmp_path / "out").glob("2*"))))
    assert (report.num, report.missing, model.num) == (60, 0, 40)


def test_single_failures_among_answers_are_failures(tmp_path):
    model = Failing(lambda num, _: num % 7 == 0)
    report = run(tmp_path, model)
    assert dict(report.outcomes) == {"wrong": 52, "request_failed": 8}
    assert model.num == 60


def test_questions_that_always_fail_are_asked_twice_and_do_not_stop_the_others(tmp_path):
    model = Failing(lambda num, text: num > 4 and any(f"has {number} " in text for number in range(120, 136)))
    report = run(tmp_path, model, give_up_after=5)
    assert dict(report.outcomes) == {"wrong": 44, "request_failed": 16}
