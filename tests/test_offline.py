"""Runs without a network: everything from folders, what is missing told whole, nothing of the user's changed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.commands import DEMO_CHECKPOINT, environment
from tests.own_data import write_arc, write_gsm8k
from tests.servers.running import running_stub
from tests.without_network import WAY, evalscope, has_mounts

pytestmark = pytest.mark.slow

WAYS = pytest.mark.parametrize("way", [WAY])
MODEL = "Qwen2.5-0.5B-Instruct"
SHORT = ("--generation-config", "max_tokens=8", "--output-format", "json")


@pytest.fixture
def workdir(tmp_path) -> Path:
    """A working folder as section 5 of the tutorial leaves it: data.zip unpacked, and the model beside it."""
    write_arc(tmp_path / "data" / "arc")
    write_gsm8k(tmp_path / "data" / "gsm8k")
    shutil.copytree(DEMO_CHECKPOINT, tmp_path / MODEL)
    return tmp_path


def everything_in(folder: Path) -> dict[str, tuple[int, int]]:
    """Each file and folder with its time and size."""
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in (folder, *folder.rglob("*"))}


def scores_of(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Scored samples by data set, of a run that ended well."""
    assert done.returncode == 0, done.stderr
    return {name: report["num"] for name, report in json.loads(done.stdout).items()}


@WAYS
def test_section_5_of_the_tutorial_runs_whole(way, workdir):
    args = json.dumps({"arc": {"local_path": f"{workdir}/data/arc"}})
    words = ("eval", "--model", f"{workdir}/{MODEL}", "--datasets", "arc", "--dataset-args", args, "--limit", "10")
    done = evalscope(*words, "--offline", *SHORT, cwd=workdir, way=way)
    assert scores_of(done) == {"arc": 20}
    assert scores_of(evalscope(*words, *SHORT, cwd=workdir, way=way)) == {"arc": 20}


@WAYS
@pytest.mark.parametrize("form", ["flag", "variable", "folder above", "data.zip"])
def test_a_folder_serves_every_data_set_by_name(way, form, workdir):
    store, extra = workdir / "data", {}
    if form == "folder above":
        store = workdir
    if form == "data.zip":
        with ZipFile(workdir / "data.zip", "w") as packed:
            for file in store.rglob("*.jsonl"):
                packed.write(file, file.relative_to(workdir))
        shutil.rmtree(store)
        store = workdir / "data.zip"
    flags = ("--dataset-dir", str(store))
    if form == "variable":
        flags, extra = (), {"EVALSCOPE_DATA": str(store)}
    words = ("eval", "--model", "mock", "--eval-type", "mock_llm", "--datasets", "ai2_arc", "gsm8k", "--limit", "2")
    done = evalscope(*words, "--offline", *flags, "--output-format", "json", cwd=workdir, way=way, extra=extra)
    assert scores_of(done) == {"arc": 4, "gsm8k": 2}


@WAYS
@pytest.mark.parametrize("switch", ["--offline", "HF_HUB_OFFLINE"])
def test_all_that_is_missing_is_told_at_once_with_the_command_that_fetches_it(way, switch, workdir):
    (workdir / "data" / "gsm8k" / "test.jsonl").unlink()
    words = ("eval", "--model", "Qwen/Qwen3-0.6B", "--datasets", "arc", "gsm8k", "mmlu", "--dataset-dir", "data")
    flags, extra = (("--offline",), {}) if switch == "--offline" else ((), {switch: "1"})
    done = evalscope(*words, *flags, cwd=workdir, way=way, extra=extra)
    assert done.returncode == 2
    assert "no file for the 'test' split of subset 'main' in data/gsm8k" in done.stderr
    assert "mmlu ('test' split): data set 'cais/mmlu' is not in ModelScope's cache, nor in data" in done.stderr
    assert "model 'Qwen/Qwen3-0.6B' is not in ModelScope's cache, nor in data" in done.stderr
    command = "evalscope download --datasets arc gsm8k mmlu --model Qwen/Qwen3-0.6B --to offline"
    assert command in done.stderr
    assert not (workdir / "outputs").exists()


@WAYS
@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("tokenizer*", "has no tokenizer"),
        ("model.safetensors", "holds no weights"),
        ("config.json", "has no config.json"),
    ],
)
def test_a_part_of_the_model_that_is_missing_is_told_beside_the_data(way, gone, told, workdir):
    for path in (workdir / MODEL).glob(gone):
        path.unlink()
    args = json.dumps({"arc": {"local_path": "nowhere"}})
    words = ("eval", "--model", MODEL, "--datasets", "arc", "--dataset-args", args, "--offline")
    done = evalscope(*words, cwd=workdir, way=way)
    assert done.returncode == 2
    assert told in done.stderr
    assert "local_path of arc is 'nowhere', which does not exist" in done.stderr
    assert "correct the paths" in done.stderr
    assert not (workdir / "outputs").exists()


@WAYS
def test_an_adapter_and_a_judge_that_are_missing_are_told(way, workdir):
    words = ("eval", "--model", MODEL, "--datasets", "arc", "--dataset-dir", "data", "--offline")
    judge = json.dumps({"model_id": "some/judge"})
    flags = ("--model-args", "adapter=some/lora", "--judge-strategy", "llm", "--judge-model-args", judge)
    done = evalscope(*words, *flags, cwd=workdir, way=way)
    assert done.returncode == 2
    for name in ("some/lora", "some/judge"):
        assert f"model {name!r} is not in ModelScope's cache" in done.stderr


def test_no_connection_is_opened_but_to_the_service(workdir):
    with running_stub() as stub:
        address = stub.url.partition("://")[2].partition("/")[0]
        words = ("eval", "--model", "mock", "--api-url", stub.url, "--datasets", "arc", "gsm8k", "--limit", "3")
        flags = ("--dataset-dir", "data", "--offline", "--output-format", "json")
        extra = {"ALLOWED_ADDRESS": address}
        done = evalscope(*words, *flags, cwd=workdir, way="audit hook", extra=extra)
    assert scores_of(done) == {"arc": 6, "gsm8k": 3}


def test_the_watch_on_connections_sees_one(workdir):
    words = ("eval", "--model", "mock", "--api-url", "http://127.0.0.1:9/v1", "--datasets", "arc", "--limit", "1")
    done = evalscope(*words, "--dataset-dir", "data", "--offline", cwd=workdir, way="audit hook")
    assert done.returncode == 99
    assert "NETWORK: socket.connect to 127.0.0.1:9" in done.stderr


@WAYS
def test_a_local_model_opens_no_connection_even_where_it_might(way, workdir):
    words = ("eval", "--model", MODEL, "--datasets", "arc", "--dataset-dir", "data", "--limit", "1", "--offline")
    assert scores_of(evalscope(*words, *SHORT, cwd=workdir, way="audit hook")) == {"arc": 2}


def test_folders_that_may_not_be_written_are_enough(workdir):
    if not has_mounts() or WAY != "namespace":
        pytest.skip("this machine does not let a folder be mounted read-only")
    store = workdir / "store"
    store.mkdir()
    (workdir / "data").rename(store / "data")
    (workdir / MODEL).rename(store / MODEL)
    before = everything_in(store)
    words = ("eval", "--model", f"store/{MODEL}", "--datasets", "arc", "gsm8k", "--dataset-dir", "store")
    done = evalscope(*words, "--limit", "2", "--offline", *SHORT, cwd=workdir, readonly=store)
    assert scores_of(done) == {"arc": 4, "gsm8k": 2}
    assert everything_in(store) == before


def test_two_runs_at_once_share_a_folder_and_leave_it_as_it_was(workdir):
    before = everything_in(workdir / "data") | everything_in(workdir / MODEL)
    words = [sys.executable, "-m", "evalscope", "eval", "--model", MODEL, "--datasets", "arc", "--limit", "4"]
    words += ["--dataset-dir", "data", "--offline", *SHORT]
    variables = {**environment(), "HOME": str(workdir / "home")}
    runs = [
        subprocess.Popen(words, cwd=workdir, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for run in runs:
        out, noise = run.communicate(timeout=240)
        assert scores_of(subprocess.CompletedProcess(words, run.returncode, out, noise)) == {"arc": 8}
    assert everything_in(workdir / "data") | everything_in(workdir / MODEL) == before
    assert len([name for name in os.listdir(workdir / "outputs") if name != "latest"]) == 2  # noqa: PTH208
