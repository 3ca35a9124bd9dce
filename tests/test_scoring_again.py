"""evalscope score: stored answers graded once more, with nobody there to ask."""

import json
import shutil

import orjson
import pytest

from evalscope import run_task
from evalscope.cli import main
from tests.own_data import write_gsm8k, write_jsonl
from tests.servers.running import running_stub

MAY_DIFFER = {"timing"}


def report_of(folder, dataset="gsm8k"):
    (path,) = folder.glob(f"reports/*/{dataset}.json")
    return {name: value for name, value in orjson.loads(path.read_bytes()).items() if name not in MAY_DIFFER}


def reviews_of(folder):
    return {path.name: path.read_bytes() for path in folder.glob("reviews/*/*.jsonl")}


@pytest.fixture
def finished(whole_run, tmp_path):
    """A copy of the run, to be changed."""
    return shutil.copytree(whole_run, tmp_path / "r")


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory):
    """A run of gsm8k that a service answered, whose server is gone."""
    root = tmp_path_factory.mktemp("run")
    write_gsm8k(root / "gsm8k", num=20)
    with running_stub("--seed", "3") as stub:
        run_task(
            {
                "model": "stub",
                "api_url": stub.url,
                "api_key": "sk-secret",
                "datasets": ["gsm8k"],
                "dataset_args": {"gsm8k": {"local_path": str(root / "gsm8k"), "few_shot_num": 2}},
                "generation_config": {"max_new_tokens": 99, "extra_headers": {"X-Key": "sk-other"}},
                "limit": 15,
                "work_dir": str(root / "out"),
                "run_name": "r",
                "quiet": True,
            }
        )
    return root / "out" / "r"


def test_it_comes_to_the_same_report_without_a_network(finished, capsys):
    report, reviews = report_of(finished), reviews_of(finished)
    assert main(["score", str(finished), "--quiet"]) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert report_of(finished) == report
    assert reviews_of(finished) == reviews


def test_a_judge_changes_what_it_sees_otherwise_and_the_rule_changes_it_back(finished, capsys):
    report = report_of(finished)
    judge = json.dumps({"eval_type": "mock_llm", "model_args": {"reply": "GRADE: CORRECT"}, "name": "kind"})
    assert main(["score", str(finished), "--judge-strategy", "llm", "--judge-model-args", judge]) == 0
    shown = capsys.readouterr()
    assert report_of(finished)["score"] == 1
    assert report_of(finished)["judged"]["judges"] == ["kind"]
    assert "judged by kind (correctness): 15 replies" in shown.err
    assert "→ correct" in shown.out
    assert main(["score", str(finished), "--judge-strategy", "rule"]) == 0
    assert "is not used" not in capsys.readouterr().err  # nobody named the judge this time
    assert report_of(finished) == report


def test_the_key_of_the_run_stays_out_of_its_record(finished):
    main(["score", str(finished), "--quiet"])
    written = b"".join(path.read_bytes() for path in finished.rglob("*") if path.is_file())
    assert b"sk-secret" not in written
    assert b"sk-other" not in written


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "nowhere does not exist"),
        (["{run}", "--limit", "3"], "--limit is unknown"),
        (["{run}", "--judge-strategy", "llm"], "no judge is named"),
        (["{run}", "--judge-stratgy", "llm"], "did you mean '--judge-strategy'"),
        ([], "required: DIR"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(finished, words, message, capsys):
    report = report_of(finished)
    assert main(["score", *(word.replace("{run}", str(finished)) for word in words)]) == 2
    assert message in capsys.readouterr().err
    assert report_of(finished) == report


def test_a_judge_that_does_not_answer_takes_no_verdict_away(finished, capsys):
    reviews = reviews_of(finished)
    judge = json.dumps({"model_id": "j", "api_url": "http://127.0.0.1:9/v1"})
    assert main(["score", str(finished), "--judge-strategy", "llm", "--judge-model-args", judge]) == 2
    assert "judge j: nothing answers" in capsys.readouterr().err
    assert reviews_of(finished) == reviews
    assert main(["score", str(finished), "--judge-strategy", "rule", "--quiet"]) == 0
    assert reviews_of(finished) == reviews


def test_data_that_is_another_by_now_is_noticed(tmp_path, capsys):
    write_jsonl(tmp_path / "d" / "test.jsonl", [{"query": "a?", "response": "b"}])
    run_task(
        {
            "model": "x",
            "eval_type": "mock_llm",
            "datasets": ["general_qa"],
            "dataset_args": {"general_qa": {"local_path": str(tmp_path / "d")}},
            "work_dir": str(tmp_path / "out"),
            "run_name": "r",
            "quiet": True,
        }
    )
    write_jsonl(tmp_path / "d" / "test.jsonl", [{"query": "another?", "response": "b"}])
    main(["score", str(tmp_path / "out" / "r"), "--quiet"])
    assert report_of(tmp_path / "out" / "r", "general_qa")["missing"] == 1


def test_data_that_has_moved_is_found_where_the_user_says(tmp_path, capsys):
    write_gsm8k(tmp_path / "here" / "gsm8k", num=5)
    task = {"eval_type": "mock_llm", "datasets": ["gsm8k"], "dataset_dir": str(tmp_path / "here"), "quiet": True}
    run_task({**task, "work_dir": str(tmp_path / "out"), "run_name": "r"})
    (tmp_path / "here").rename(tmp_path / "there")
    assert main(["score", str(tmp_path / "out" / "r"), "--quiet"]) == 2
    assert "dataset_dir" in capsys.readouterr().err
    assert main(["score", str(tmp_path / "out" / "r"), "--quiet", "--dataset-dir", str(tmp_path / "there")]) == 0
    assert "nothing changed" in capsys.readouterr().out
