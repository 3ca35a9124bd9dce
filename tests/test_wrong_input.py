"""What is wrong gets one clear message and exit code 2, and leaves nothing half-written."""

import json
import time
from pathlib import Path

import pytest

from tests.commands import shell
from tests.own_data import sums, write_jsonl
from tests.servers.running import Stub, running_stub


def evaluate(flags: str, cwd: Path, **extra: str):
    return shell(f"evalscope eval {flags}", cwd, **extra)


def local(data: Path, **more: object) -> str:
    return f"--dataset-args '{json.dumps({'gsm8k': {'local_path': str(data / 'gsm8k'), **more}})}'"


MOCK = "--eval-type mock_llm --datasets gsm8k"
CASES = {
    "unknown data set": ("--model m --datasets gsm8kk", ["gsm8kk", "did you mean 'gsm8k'"]),
    "unknown key of a data set": (
        f'{MOCK} --dataset-args \'{{"gsm8k": {{"fewshot": 1}}}}\'',
        ["fewshot", "few_shot_num"],
    ),
    "unknown generation key": (
        f"{MOCK} --generation-config '{{\"max_new_token\": 1}}'",
        ["max_new_token", "max_new_tokens"],
    ),
    "malformed JSON": (f"{MOCK} --generation-config '{{\"a\": 1,}}'", ["--generation-config", "^"]),
    "missing config file": ("--config nowhere.yaml", ["nowhere.yaml", "does not exist"]),
    "unknown key in YAML": ("--config task.yaml", ["limt", "did you mean 'limit'"]),
    "unknown flag": (f"{MOCK} --limits 3", ["--limits", "--limit"]),
    "missing model folder": ("--model ./nowhere --datasets gsm8k", ["./nowhere", "does not exist"]),
    "missing data folder": (
        f'{MOCK} --dataset-args \'{{"gsm8k": {{"local_path": "/nowhere/gsm8k"}}}}\'',
        ["/nowhere/gsm8k", "does not exist"],
    ),
    "arguments of a data set that is not asked": (
        f'{MOCK} --dataset-args \'{{"arc": {{"few_shot_num": 0}}}}\'',
        ["'arc'", "not in datasets"],
    ),
    "no data set": ("--model m", ["--datasets"]),
    "no model": ("--datasets gsm8k", ["--model"]),
    "unknown eval type": ("--model m --eval-type servce --datasets gsm8k", ["servce", "service"]),
    "no such run to continue": (f"{MOCK} --use-cache nowhere", ["nowhere", "does not exist"]),
}


@pytest.mark.parametrize(("flags", "named"), CASES.values(), ids=CASES.keys())
def test_one_message_says_what_is_wrong(flags, named, tmp_path, data):
    (tmp_path / "task.yaml").write_text("model: m\ndatasets: [gsm8k]\nlimt: 3\n")
    if "local_path" not in flags and "dataset-args" not in flags:
        flags += " " + local(data)
    done = evaluate(flags, tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    for word in named:
        assert word in done.stderr
    assert not list((tmp_path / "outputs").glob("2*"))


def test_a_dead_address_is_known_long_before_the_time_out(tmp_path, data):
    with running_stub() as gone:
        url = gone.url
    started = time.monotonic()
    done = evaluate(f"--model m --api-url {url} --datasets gsm8k {local(data)}", tmp_path)
    assert time.monotonic() - started < 60  # of 600; a busy machine takes seconds to start
    assert (done.returncode, done.stdout) == (2, "")
    assert url.removeprefix("http://").split("/")[0] in done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith(("error", "WARNING: m"))]) == 1
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "outputs").glob("*"))


@pytest.mark.parametrize(
    ("server", "flags", "named"),
    [
        (["--api-key", "right"], "--model m --api-key wrong-key", ["401", "--api-key"]),
        (["--known-model", "qwen2.5", "--model", "qwen2.5"], "--model qwen25", ["qwen25", "qwen2.5"]),
        (["--refuse-400", "top_k is not supported here"], "--model m", ["top_k is not supported here"]),
        (["--error-rate", "1"], "--model m --max-retries 1", ["500"]),
    ],
    ids=["wrong key", "unknown model", "refused setting", "always broken"],
)
def test_an_endpoint_that_answers_nothing_ends_the_run_with_advice(server, flags, named, tmp_path, data):
    with running_stub(*server) as stub:
        done = evaluate(f"{flags} --api-url {stub.url} --datasets gsm8k {local(data)}", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "wrong-key" not in done.stderr
    for word in named:
        assert word in done.stderr


def test_a_torn_row_is_found_before_anything_is_asked(tmp_path, stub: Stub):
    path = write_jsonl(tmp_path / "torn" / "gsm8k" / "test.jsonl", sums(9))
    write_jsonl(path.with_name("train.jsonl"), sums(4, first=50))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"question": "half a ro')
    done = evaluate(f"--model m --api-url {stub.url} --datasets gsm8k {local(tmp_path / 'torn')}", tmp_path)
    assert done.returncode == 2
    assert f"{path}:10" in done.stderr
    assert stub.stats()["requests"] == 0


def test_some_failed_samples_give_a_table_their_number_and_exit_code_one(tmp_path, data):
    flags = ["--gsm8k", str(data / "gsm8k/test.jsonl"), "--error-rate", "0.4", "--seed", "3"]
    with running_stub(*flags) as stub:
        done = evaluate(
            f"--model m --api-url {stub.url} --max-retries 0 --datasets gsm8k {local(data)} --output-format json",
            tmp_path,
        )
    report = json.loads(done.stdout)["gsm8k"]
    failed = report["outcomes"]["request_failed"]
    assert done.returncode == 1
    assert 0 < failed < 12
    assert report["num"] == report["rows"][0]["num"] == 12 - failed
    assert report["rows"][0]["failed"] == failed
    assert sum(report["outcomes"].values()) == 12


def test_a_failed_sample_is_asked_again_when_the_run_is_continued(tmp_path, data):
    flags = ["--gsm8k", str(data / "gsm8k/test.jsonl"), "--error-rate", "0.4", "--seed", "3"]
    with running_stub(*flags) as stub:
        words = f"--model m --api-url {stub.url} --datasets gsm8k {local(data)}"
        first = evaluate(f"{words} --max-retries 0 --run-name some", tmp_path)
        assert first.returncode == 1
        failed = sum("error" in json.loads(line) for line in _rows(tmp_path))
        stub.reset()
        second = evaluate(f"{words} --max-retries 20 --use-cache outputs/some", tmp_path)
        assert second.returncode == 0, second.stderr
        assert stub.stats()["unique_prompts"] == failed
    assert not any("error" in json.loads(line) for line in _rows(tmp_path))
    assert len(_rows(tmp_path)) == 12


def _rows(cwd: Path) -> list[str]:
    return (cwd / "outputs/some/predictions/m/gsm8k_main.jsonl").read_text(encoding="utf-8").splitlines()


def test_two_data_sets_whose_rows_would_share_a_file_are_refused(tmp_path):
    write_jsonl(tmp_path / "one" / "x_y.jsonl", [{"question": "Who?", "answer": "I"}])
    write_jsonl(tmp_path / "two" / "y.jsonl", [{"question": "Who?", "answer": "I"}])
    (tmp_path / "general_qa_x.py").write_text(
        "from dataclasses import replace\n"
        "from evalscope.benchmarks.general_qa import BENCHMARK as GENERAL_QA\n"
        "BENCHMARK = replace(GENERAL_QA, name='general_qa_x')\n"
    )
    args = {"general_qa": {"local_path": "one"}, "general_qa_x": {"local_path": "two"}}
    flags = f"--datasets general_qa general_qa_x.py --dataset-args '{json.dumps(args)}'"
    done = evaluate(f"--eval-type mock_llm {flags}", tmp_path)
    assert done.returncode == 2
    assert "'x_y' of 'general_qa' and subset 'y' of 'general_qa_x'" in done.stderr
    assert not list((tmp_path / "outputs").glob("2*"))
