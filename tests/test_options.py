"""The options of `evalscope eval` that shape a run, each seen from outside."""

import json
from pathlib import Path

import pytest

from tests.commands import shell, table_rows
from tests.own_data import sums, write_jsonl
from tests.servers.running import Stub


def args(data: Path, name: str = "gsm8k", **more: object) -> str:
    return f"--dataset-args '{json.dumps({name: {'local_path': str(data / name), **more}})}'"


def mock(data: Path, flags: str, cwd: Path, name: str = "gsm8k"):
    return shell(f"evalscope eval --eval-type mock_llm --model m --datasets {name} {args(data, name)} {flags}", cwd)


def test_dry_run_shows_the_first_prompt_and_the_number_of_requests_and_asks_nothing(data, tmp_path, stub: Stub):
    done = shell(
        f"evalscope eval --model m --api-url {stub.url} --datasets gsm8k {args(data)} --limit 3 --repeats 2 --dry-run",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "Question: Nora has 111" in done.stdout
    assert done.stdout.count("Solution:") == 5
    assert "6 requests" in done.stdout
    assert stub.stats()["requests"] == 0
    assert not (tmp_path / "outputs").exists()


def test_a_share_as_limit_is_a_share_of_each_subset(data, tmp_path):
    done = mock(data, "--limit 0.25", tmp_path, "arc")
    assert [row[4] for row in table_rows(done.stdout)[1:3]] == ["3", "3"]


def test_flags_go_over_the_config_file_key_by_key(data, tmp_path):
    (tmp_path / "task.yaml").write_text(
        "model: m\neval_type: mock_llm\ndatasets: [gsm8k]\nlimit: 2\nmodel_args: {reply: 'ANSWER: 1'}\n"
        f"dataset_args:\n  gsm8k:\n    local_path: {data / 'gsm8k'}\n    few_shot_num: 2\n"
    )
    done = shell(
        'evalscope eval --config task.yaml --limit 4 --dataset-args \'{"gsm8k": {"few_shot_num": 1}}\'', tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert table_rows(done.stdout)[1][4] == "4"
    assert "gsm8k: 1-shot" in done.stderr


def test_json_flags_may_be_files_or_pairs(data, tmp_path):
    (tmp_path / "data.json").write_text(json.dumps({"gsm8k": {"local_path": str(data / "gsm8k")}}))
    done = shell(
        "evalscope eval --eval-type mock_llm --datasets gsm8k --dataset-args @data.json --limit 1 "
        "--generation-config temperature=0.6,max_new_tokens=7",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "temperature 0.6, at most 7 tokens" in done.stderr


def test_json_is_all_that_stands_on_standard_output(data, tmp_path):
    done = mock(data, "--limit 2 --output-format json", tmp_path)
    report = json.loads(done.stdout)["gsm8k"]
    assert set(report) >= {
        *("model", "dataset", "score", "num", "rows", "outcomes", "missing", "asked", "usage", "timing"),
        *("config_digest", "data_fingerprint", "data_origin", "versions", "schema_version"),
    }
    assert {"few_shot_num", "template_digest", "generation"} <= set(report["asked"])


def test_quiet_leaves_standard_error_empty(data, tmp_path):
    done = mock(data, "--limit 2 --quiet", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("+--")


def test_the_run_is_named_and_latest_points_to_it(data, tmp_path):
    mock(data, "--limit 1 --run-name first --work-dir runs", tmp_path)
    mock(data, "--limit 1 --run-name second --work-dir runs", tmp_path)
    assert (tmp_path / "runs/latest").resolve() == (tmp_path / "runs/second").resolve()
    again = mock(data, "--limit 1 --run-name first --work-dir runs", tmp_path)
    assert again.returncode == 2
    assert "--use-cache" in again.stderr


def test_the_folder_holds_what_is_promised(data, tmp_path):
    mock(data, "--limit 1 --run-name x --model-id nice", tmp_path, "arc")
    root = tmp_path / "outputs/x"
    assert {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()} - {".lock"} == {
        "configs/task_config.yaml",
        "configs/records/arc_ARC-Easy.jsonl",
        "configs/records/arc_ARC-Challenge.jsonl",
        "logs/eval_log.log",
        "predictions/nice/arc_ARC-Easy.jsonl",
        "predictions/nice/arc_ARC-Challenge.jsonl",
        "reviews/nice/arc_ARC-Easy.jsonl",
        "reviews/nice/arc_ARC-Challenge.jsonl",
        "reports/nice/arc.json",
        "reports/report.html",
    }
    row = json.loads((root / "predictions/nice/arc_ARC-Easy.jsonl").read_text())
    assert set(row) == {"key", "dataset", "subset", "sample_id", "repeat", "messages", "completion"}
    assert set(row["completion"]) == {"text", "reasoning", "stop_reason", "usage", "latency_s", "first_token_s"}
    review = json.loads((root / "reviews/nice/arc_ARC-Easy.jsonl").read_text())
    assert set(review) == {
        *("key", "dataset", "subset", "sample_id", "repeat"),
        *("outcome", "answer", "target", "scores", "explanation", "error"),
    }


def test_streamed_answers_have_a_time_to_the_first_token(data, tmp_path, stub: Stub):
    done = shell(
        f"evalscope eval --model m --api-url {stub.url} --datasets gsm8k {args(data)} --limit 3 --stream", tmp_path
    )
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "outputs/latest/predictions/m/gsm8k_main.jsonl").read_text().splitlines()
    assert all(json.loads(row)["completion"]["first_token_s"] > 0 for row in rows)
    assert stub.stats()["streams"] == 3


def test_every_setting_reaches_the_service(data, tmp_path, stub: Stub):
    settings = {
        **{"temperature": 0.3, "top_p": 0.9, "top_k": 7, "stop": ["x"], "seed": 5, "max_completion_tokens": 99},
        **{"repetition_penalty": 1.1, "presence_penalty": 0.2, "chat_template_kwargs": {"enable_thinking": False}},
        **{
            "reasoning_effort": "low",
            "extra_body": {"own": 1},
            "extra_headers": {"X-Own": "h"},
            "extra_query": {"v": "2"},
        },
    }
    done = shell(
        f"evalscope eval --model m --api-url {stub.url} --api-key sk-hidden --datasets gsm8k {args(data)} --limit 1 "
        f"--generation-config '{json.dumps(settings)}'",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    request = stub.requests()[0]
    sent = {**settings, **settings.pop("extra_body")}
    headers, query = sent.pop("extra_headers"), sent.pop("extra_query")
    sent.pop("extra_body", None)
    assert {name: request["body"][name] for name in sent} == sent
    assert "max_tokens" not in request["body"]
    assert request["headers"]["x-own"] == headers["X-Own"]
    assert request["headers"]["authorization"] == "Bearer sk-hidden"
    assert request["path"].endswith(f"?v={query['v']}")


def test_the_key_may_come_from_a_variable_and_is_written_nowhere(data, tmp_path, stub: Stub):
    for name, flag in (("MY_KEY", "--api-key-env MY_KEY"), ("OPENAI_API_KEY", "")):
        stub.reset()
        done = shell(
            f"evalscope eval --model m --api-url {stub.url} {flag} --datasets gsm8k {args(data)} --limit 1 --debug",
            tmp_path,
            **{name: "sk-from-the-environment"},
        )
        assert done.returncode == 0, done.stderr
        assert stub.requests()[0]["headers"]["authorization"] == "Bearer sk-from-the-environment"
        assert "sk-from-the-environment" not in done.stdout + done.stderr
        written = b"".join(path.read_bytes() for path in (tmp_path / "outputs").rglob("*") if path.is_file())
        assert b"sk-from-the-environment" not in written


def test_a_wording_of_ones_own_is_used_with_and_without_examples(data, tmp_path):
    own = {"prompt_template": "Rechne: {question}", "system_prompt": "Be brief.", "few_shot_num": 0}
    done = shell(
        f"evalscope eval --eval-type mock_llm --datasets gsm8k {args(data, **own)} --limit 1 --dry-run", tmp_path
    )
    assert "--- system\nBe brief.\n--- user\nRechne: Nora has 111" in done.stdout
    own = {"few_shot_prompt_template": "Examples:\n{examples}Now: {question}\n=>", "few_shot_num": 2}
    done = shell(
        f"evalscope eval --eval-type mock_llm --datasets gsm8k {args(data, **own)} --limit 1 --dry-run", tmp_path
    )
    assert "--- user\nExamples:\nNow: Nora has" in done.stdout
    assert done.stdout.count("=>") == 3


def test_a_benchmark_file_of_ones_own_is_asked(tmp_path):
    (tmp_path / "capitals.py").write_text(
        "from evalscope.benchmarks.arc import BENCHMARK as ARC\n"
        "from dataclasses import replace\n"
        "from evalscope.core.benchmark import Source\n"
        "BENCHMARK = replace(ARC, name='capitals', source=Source(id='none', subsets=('default',), has_ids=True))\n"
    )
    row = {"id": "1", "question": "Capital of France?", "choices": {"text": ["Rome", "Paris"], "label": ["A", "B"]}}
    write_jsonl(tmp_path / "capitals" / "test.jsonl", [{**row, "answerKey": "B"}])
    done = shell(
        'evalscope eval --eval-type mock_llm --model-args "reply=ANSWER: B" --datasets capitals.py '
        '--dataset-args \'{"capitals": {"local_path": "capitals"}}\'',
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert table_rows(done.stdout)[1][1:6] == ["capitals", "AverageAccuracy", "default", "1", "1"]


@pytest.fixture
def answers(data, tmp_path) -> Path:
    """Answers made elsewhere to ten of the twelve questions: six right, two wrong, one empty, one for nobody."""
    rows = sums(12, first=100)
    texts = [f"ANSWER: {row['answer'].rpartition('#### ')[2]}" for row in rows]
    texts[6:9] = ["ANSWER: 0", "It is 0.", ""]
    given = [{"dataset": "gsm8k", "id": index, "prediction": text} for index, text in enumerate(texts[:5])]
    given += [
        {"dataset": "gsm8k", "subset": "main", "question": f" {rows[index]['question']}\n", "prediction": texts[index]}
        for index in range(5, 9)
    ]
    return write_jsonl(tmp_path / "answers.jsonl", [*given, {"dataset": "gsm8k", "id": 99, "prediction": "ANSWER: 1"}])


def test_answers_made_elsewhere_are_scored_and_the_missing_are_counted(answers, data, tmp_path):
    words = f"evalscope eval --eval-type predictions --model answers.jsonl --datasets gsm8k {args(data)}"
    done = shell(f"{words} --output-format json", tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)["gsm8k"]
    assert report["outcomes"] == {"correct": 6, "wrong": 2, "unparsed": 1}
    assert (report["num"], report["missing"]) == (9, 3)
    assert "id '99'" in done.stderr
    assert "made elsewhere" in done.stderr
    assert len((tmp_path / "outputs/latest/reviews/answers.jsonl/gsm8k_main.jsonl").read_text().splitlines()) == 9
    strict = shell(f"{words} --strict", tmp_path)
    assert strict.returncode == 2
    assert "3 samples have no answer" in strict.stderr


def test_with_repeats_samples_without_any_answer_are_missing_once(answers, data, tmp_path):
    rows = [{**json.loads(row), "prediction": ["ANSWER: 0"] * 3} for row in answers.read_text().splitlines()[:4]]
    write_jsonl(tmp_path / "answers.jsonl", rows)
    words = f"evalscope eval --eval-type predictions --model answers.jsonl --datasets gsm8k {args(data)}"
    report = json.loads(shell(f"{words} --output-format json", tmp_path).stdout)["gsm8k"]
    assert (report["num"], report["missing"]) == (4, 8)
    assert [row["metric"] for row in report["rows"]] == ["AverageAccuracy", "pass@3", "majority@3"]
