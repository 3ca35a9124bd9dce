"""Runs that may spend only so much: they end cleanly, say so, and can be continued."""

import asyncio
import re

import pytest

from evalscope import run_task
from evalscope.core.response import Completion, Usage
from evalscope.errors import ConfigError, ModelError
from tests.commands import shell
from tests.own_data import write_gsm8k


class Metered:
    """Answers at a known price, and knows how much was ever under way at once."""

    concurrency = 8

    def __init__(self, tokens: int = 60, latency_s: float = 0.0) -> None:
        self.tokens, self.latency_s = tokens, latency_s
        self.num = 0

    async def generate(self, messages, config):
        self.num += 1
        await asyncio.sleep(self.latency_s)
        usage = Usage(input_tokens=self.tokens - 10, output_tokens=10)
        return Completion(text="ANSWER: 1", usage=usage, latency_s=self.latency_s)


def run(tmp_path, model, **more):
    if not (tmp_path / "gsm8k").exists():
        write_gsm8k(tmp_path / "gsm8k", num=40)
    args = {"gsm8k": {"local_path": str(tmp_path / "gsm8k"), "few_shot_num": 0}}
    task = {"model": model, "datasets": ["gsm8k"], "dataset_args": args, "work_dir": str(tmp_path / "out")}
    return run_task({**task, "quiet": True, "generation_config": {"max_tokens": 10}, **more})["gsm8k"]


def test_a_budget_of_tokens_is_used_and_never_passed(tmp_path):
    model = Metered()
    report = run(tmp_path, model, max_tokens_total=1500)
    assert 15 <= model.num <= 25
    assert report.usage["input_tokens"] + report.usage["output_tokens"] <= 1500
    assert report.missing == 40 - report.num > 0
    assert any("incomplete" in note and "--max-tokens-total 1500" in note for note in report.asked["notes"])


def test_a_run_that_spent_its_budget_goes_on_and_asks_only_the_rest(tmp_path):
    first, second = Metered(), Metered()
    run(tmp_path, first, max_tokens_total=1500)
    report = run(tmp_path, second, use_cache=str(next((tmp_path / "out").glob("2*"))))
    assert first.num + second.num == 40
    assert (report.num, report.missing) == (40, 0)
    assert not any("incomplete" in note for note in report.asked["notes"])


def test_time_that_is_up_lets_nothing_more_leave(tmp_path):
    model = Metered(latency_s=0.05)
    report = run(tmp_path, model, max_time=0.16)
    assert 8 <= model.num <= 32
    assert report.num == model.num
    assert any("--max-time 0.16" in note for note in report.asked["notes"])


def test_a_budget_too_small_for_one_question_asks_none(tmp_path):
    model = Metered()
    report = run(tmp_path, model, max_tokens_total=20)
    assert (model.num, report.num, report.missing) == (0, 0, 40)


def test_a_budget_that_suffices_changes_nothing(tmp_path):
    report = run(tmp_path, Metered(), max_tokens_total=1_000_000, max_time=600)
    assert (report.num, report.missing) == (40, 0)


@pytest.mark.parametrize("flags", ["--max-tokens-total 0", "--max-time -1"])
def test_a_budget_of_nothing_is_refused(flags, tmp_path):
    done = shell(f"evalscope eval --model x --eval-type mock_llm --datasets gsm8k {flags}", tmp_path)
    assert done.returncode == 2


def test_answers_made_elsewhere_cost_nothing(tmp_path):
    with pytest.raises(ConfigError, match="max_time"):
        run(tmp_path, "answers.jsonl", eval_type="predictions", max_time=5, generation_config={})


def test_the_command_ends_with_one_and_the_command_that_continues(tmp_path):
    write_gsm8k(tmp_path / "gsm8k", num=40)
    flags = "--eval-type mock_llm --model mock --datasets gsm8k --quiet --max-tokens-total 1500"
    args = (
        """--dataset-args '{"gsm8k": {"local_path": "gsm8k", "few_shot_num": 0}}' --generation-config max_tokens=10"""
    )
    done = shell(f"evalscope eval {flags} {args}", tmp_path)
    assert done.returncode == 1
    assert "stopped by --max-tokens-total 1500; to continue" in done.stderr
    command = re.search(r"^  (evalscope eval .*)$", done.stderr, re.MULTILINE)
    assert command
    assert shell(command.group(1).replace("--max-tokens-total 1500", ""), tmp_path).returncode == 0


class AnswersOnce(Metered):
    """Fails at all questions but the first."""

    concurrency = 1

    async def generate(self, messages, config):
        answer = await super().generate(messages, config)
        if self.num > 1:
            raise ModelError("500")
        return answer


def test_a_failure_before_the_budget_ended_is_a_failure_and_not_unasked(tmp_path):
    model = AnswersOnce(latency_s=0.05)
    report = run(tmp_path, model, max_time=0.3)
    assert report.outcomes["request_failed"] == model.num - 1 > 0
    assert report.missing == 40 - model.num
