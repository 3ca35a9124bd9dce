"""run_task from Python: objects as models, a notebook's running loop, a thread, what it returns."""

import asyncio
import json
import threading
from pathlib import Path

import pytest

from evalscope import TaskConfig, run_task
from evalscope.constants import EvalType, JudgeStrategy
from evalscope.core.response import Completion, Usage
from evalscope.errors import ConfigError, EndpointError, ModelError, PromptTooLong
from evalscope.models.mock import MockModel
from tests.own_data import sums, write_gsm8k, write_jsonl


def task(folder: Path, tmp_path: Path, model: object, **more: object) -> dict[str, object]:
    args = {"gsm8k": {"local_path": str(folder / "gsm8k"), "few_shot_num": 0}}
    return {"model": model, "datasets": ["gsm8k"], "dataset_args": args, "work_dir": str(tmp_path / "out"), **more}


def right_answer(messages) -> str:
    """What 'has A things and buys B more' comes to."""
    words = messages[-1].content.rpartition("Question: ")[2].split()
    return f"ANSWER: {int(words[2]) + int(words[6])}"


def test_it_returns_the_reports_and_prints_the_table(data, tmp_path, capsys):
    reports = run_task(task(data, tmp_path, MockModel(right_answer)))
    assert (reports["gsm8k"].score, reports["gsm8k"].num) == (1.0, 12)
    assert reports["gsm8k"].rows[0].metric == "AverageAccuracy"
    out, err = capsys.readouterr()
    assert "| mock_llm | gsm8k" in out.replace("  ", " ")
    assert "Traceback" not in err


def test_dict_and_task_config_are_the_same(data, tmp_path):
    settings = task(data, tmp_path, "m", eval_type=EvalType.MOCK_LLM, judge_strategy=JudgeStrategy.AUTO, limit=3)
    one, other = run_task(settings)["gsm8k"], run_task(TaskConfig(**settings))["gsm8k"]
    assert one.rows == other.rows
    assert one.config_digest == other.config_digest
    assert one.data_fingerprint == other.data_fingerprint


def test_it_runs_where_a_loop_is_running_already_as_in_a_notebook(data, tmp_path):
    async def cell() -> float:
        return run_task(task(data, tmp_path, MockModel(right_answer)))["gsm8k"].score

    assert asyncio.run(cell()) == 1.0


def test_it_runs_in_a_thread(data, tmp_path):
    scores: list[float] = []
    thread = threading.Thread(
        target=lambda: scores.append(run_task(task(data, tmp_path, MockModel(right_answer)))["gsm8k"].score)
    )
    thread.start()
    thread.join(60)
    assert scores == [1.0]


@pytest.mark.slow
def test_it_runs_in_a_real_notebook(data, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    settings = task(data, tmp_path, "m", eval_type="mock_llm", limit=3)
    code = f"from evalscope import run_task\nprint(run_task({settings!r})['gsm8k'].num)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    shown = "".join(output.get("text", "") for output in notebook.cells[0].outputs)
    assert shown.rstrip().endswith("3")


class Picky:
    """Answers all but the samples whose question it dislikes."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    async def generate(self, messages, config):
        self.asked += 1
        if "apples" in messages[-1].content:
            raise self.error
        return Completion(text=right_answer(messages), usage=Usage(input_tokens=3, output_tokens=2))


@pytest.mark.parametrize(
    "error", [ModelError("gone"), PromptTooLong("5000 tokens do not fit 4096"), ValueError("my own bug")], ids=repr
)
def test_one_failure_is_a_row_beside_the_score_and_stops_nobody(error, data, tmp_path):
    report = run_task(task(data, tmp_path, Picky(error)))["gsm8k"]
    assert report.score == 1.0
    assert (report.num, report.rows[0].failed, dict(report.outcomes)) == (11, 1, {"correct": 11, "request_failed": 1})
    run = (tmp_path / "out" / "latest").resolve()
    rows = [json.loads(line) for line in (run / "reviews/Picky/gsm8k_main.jsonl").read_text().splitlines()]
    failed = [row for row in rows if row["outcome"] == "request_failed"]
    assert len(failed) == 1
    assert str(error) in failed[0]["error"]
    assert failed[0]["scores"] == {}


class Dead:
    """Fails always, in the same way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def generate(self, messages, config):
        raise self.error


@pytest.mark.parametrize("error", [EndpointError("no such server"), ModelError("500")], ids=["at once", "each time"])
def test_where_nothing_is_answered_the_run_ends_with_the_reason_and_leaves_nothing(error, data, tmp_path):
    with pytest.raises(EndpointError, match=str(error)):
        run_task(task(data, tmp_path, Dead(error)))
    assert not list((tmp_path / "out").glob("2*"))


def test_prompts_that_never_fit_are_failures_beside_a_score_that_is_no_number(data, tmp_path, capsys):
    report = run_task(task(data, tmp_path, Dead(PromptTooLong("9000 tokens, 4096 fit")), limit=3))["gsm8k"]
    assert report.score != report.score  # nan
    assert report.rows[0].failed == 3
    assert "–" in capsys.readouterr().out


class Counting:
    """Counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def generate(self, messages, config):
        self.asked.append(messages[-1].content)
        await asyncio.sleep(0.01)
        return f"ANSWER: {len(self.asked)}"


@pytest.mark.parametrize(("temperature", "num"), [(0, 6), (1.0, 12)], ids=["greedy", "sampled"])
def test_equal_greedy_requests_are_asked_once(temperature, num, tmp_path):
    write_jsonl(tmp_path / "twice" / "gsm8k" / "test.jsonl", sums(6) + sums(6))
    model = Counting()
    report = run_task(task(tmp_path / "twice", tmp_path, model, generation_config={"temperature": temperature}))
    assert len(model.asked) == num
    assert report["gsm8k"].num == 12


def test_repeats_are_asked_and_averaged(data, tmp_path):
    model = Counting()
    settings = task(data, tmp_path, model, limit=4, generation_config={"n": 3, "temperature": 1.0})
    report = run_task(settings)["gsm8k"]
    assert (len(model.asked), report.num) == (12, 4)


def test_a_model_that_cannot_be_awaited_is_refused(data, tmp_path):
    class Sync:
        def generate(self, messages, config):
            return "ANSWER: 1"

    with pytest.raises(ConfigError, match="async def generate"):
        run_task(task(data, tmp_path, Sync()))


def test_thinking_is_not_an_answer(data, tmp_path):
    report = run_task(task(data, tmp_path, MockModel("<think>ANSWER: 5</think>I cannot tell."), limit=2))["gsm8k"]
    assert dict(report.outcomes) == {"unparsed": 2}
    assert (report.num, report.score) == (2, 0.0)


def test_an_answer_cut_off_before_it_came_has_its_own_class(data, tmp_path):
    class Endless:
        async def generate(self, messages, config):
            return Completion(text="Let me think about it", stop_reason="length")

    report = run_task(task(data, tmp_path, Endless(), limit=2))["gsm8k"]
    assert dict(report.outcomes) == {"cut_off": 2}
    assert report.usage["truncated"] == 2


def test_a_large_folder_of_answers_is_in_sample_order_at_the_end(tmp_path):
    write_gsm8k(tmp_path / "big" / "gsm8k", num=300)

    class Uneven(Counting):
        concurrency = 16

        async def generate(self, messages, config):
            await asyncio.sleep(hash(messages[-1].content) % 7 / 1000)
            return right_answer(messages)

    run_task(task(tmp_path / "big", tmp_path, Uneven()))
    run = (tmp_path / "out" / "latest").resolve()
    for kind in ("predictions", "reviews"):
        rows = (run / kind / "Uneven" / "gsm8k_main.jsonl").read_text().splitlines()
        assert [json.loads(row)["sample_id"] for row in rows] == [str(index) for index in range(300)]


def test_a_running_writer_keeps_others_out(data, tmp_path):
    settings = task(data, tmp_path, "m", eval_type="mock_llm", limit=2)
    run_task({**settings, "run_name": "mine"})
    root = tmp_path / "out" / "mine"
    from filelock import FileLock

    with FileLock(root / ".lock"), pytest.raises(ConfigError, match="another process"):
        run_task({**settings, "use_cache": str(root)})
