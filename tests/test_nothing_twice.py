"""Equal questions: asked once where the answer must be the same, each time where it is drawn; and counted."""

import json
from pathlib import Path

import pytest

from evalscope import run_task
from tests.own_data import sums, write_jsonl
from tests.run_content import rows_of
from tests.servers.running import Stub, running_stub

NUM, NUM_DISTINCT = 1000, 500


@pytest.fixture(scope="module")
def stub():
    with running_stub("--latency-ms", "2") as running:
        yield running


@pytest.fixture
def twins(tmp_path: Path) -> Path:
    """A thousand rows, every question twice: its twin stands right behind it or far away."""
    rows = sums(NUM_DISTINCT)
    near, far = rows[: NUM_DISTINCT // 2], rows[NUM_DISTINCT // 2 :]
    write_jsonl(tmp_path / "gsm8k" / "test.jsonl", [*(row for row in near for _ in range(2)), *far, *far])
    return tmp_path


def evaluate(stub: Stub, folder: Path, **more):
    stub.reset()
    args = {"gsm8k": {"local_path": str(folder / "gsm8k"), "few_shot_num": 0}}
    task = {"model": "m", "api_url": stub.url, "datasets": ["gsm8k"], "dataset_args": args, "eval_batch_size": 32}
    report = run_task({**task, "work_dir": str(folder / "out"), **more})["gsm8k"]
    return report, stub.stats()["requests"]


def test_of_equal_greedy_questions_one_is_asked(stub, twins, capsys):
    report, num_asked = evaluate(stub, twins)
    assert num_asked == NUM_DISTINCT
    assert (report.num, report.missing, report.usage["shared"]) == (NUM, 0, NUM - NUM_DISTINCT)
    rows = rows_of(twins / "out/latest/predictions/m/gsm8k_main.jsonl")
    texts: dict[str, set[str]] = {}
    for row in rows:
        texts.setdefault(row["key"], set()).add(row["completion"]["text"])
    assert len(rows) == NUM
    assert len(texts) == NUM_DISTINCT
    assert all(len(same) == 1 for same in texts.values())
    assert "500 answers are those of equal questions, which were asked once" in capsys.readouterr().err
    stored = json.loads((twins / "out/latest/reports/m/gsm8k.json").read_text())
    assert stored["usage"]["shared"] == 500
    assert "shared by equal questions" in (twins / "out/latest/reports/report.html").read_text()


@pytest.mark.parametrize(
    ("more", "num_asked"),
    [
        ({"generation_config": {"temperature": 1.0}}, NUM),
        ({"generation_config": {"temperature": 1.0}, "repeats": 2}, 2 * NUM),
        ({"repeats": 2}, 2 * NUM_DISTINCT),
    ],
    ids=["drawn", "drawn twice", "greedy, twice"],
)
def test_what_is_drawn_is_asked_for_each_sample_and_repeat(more, num_asked, stub, twins):
    report, asked = evaluate(stub, twins, quiet=True, **more)
    assert asked == num_asked
    assert report.num == NUM
    assert report.usage["shared"] == sum(report.outcomes.values()) - asked


def test_a_run_that_goes_on_shares_and_counts_as_one_that_was_not_stopped(stub, twins):
    first, num_first = evaluate(stub, twins, quiet=True, run_name="one", limit=300)
    again, num_again = evaluate(stub, twins, quiet=True, use_cache=str(twins / "out/one"))
    assert (num_first, num_again) == (150, NUM_DISTINCT - 150)
    assert (first.usage["shared"], again.usage["shared"]) == (150, 500)
