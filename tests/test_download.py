"""evalscope download: one folder or zip with all that a run without a network needs."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import DEMO_CHECKPOINT
from tests.hub_asking import IDS, MODEL, variables, write_model, write_repository
from tests.own_data import write_arc
from tests.servers.hub import running_hub

pytestmark = pytest.mark.slow


@pytest.fixture
def hub(tmp_path):
    folder = tmp_path / "hub"
    repositories = {
        **{("dataset", hub_id): write_repository(folder / hub_id) for hub_id in IDS.values()},
        ("dataset", "allenai/ai2_arc"): write_arc(folder / "arc"),
        ("model", MODEL): write_model(folder / "model"),
    }
    with running_hub(repositories) as running:
        yield running


def evalscope(*words: str, cwd: Path, url: str, home: str = "home") -> subprocess.CompletedProcess[str]:
    """A command as a user with this home would give it."""
    (cwd / home).mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "evalscope", *words],
        cwd=cwd,
        env=variables(cwd / home, url),
        capture_output=True,
        text=True,
        timeout=240,
    )


def download(*words: str, cwd: Path, url: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = evalscope("download", *words, cwd=cwd, url=url)
    assert done.returncode == code, done.stderr
    return done


def test_the_folder_serves_a_run_on_another_machine_without_a_network(hub, tmp_path):
    done = download("--datasets", "gsm8k", "arc", "--model", MODEL, "--to", "box", cwd=tmp_path, url=hub.url)
    assert "evalscope eval --model our/demo --datasets gsm8k arc --dataset-dir box --offline" in done.stdout
    files = {path.relative_to(tmp_path / "box").as_posix() for path in (tmp_path / "box").rglob("*") if path.is_file()}
    assert files == {
        "manifest.json",
        *(f"gsm8k/{name}" for name in ("README.md", "main/test.jsonl", "main/train.jsonl")),
        *(f"arc/{subset}/{subset}-Test.jsonl" for subset in ("ARC-Easy", "ARC-Challenge")),
        *(f"models/{MODEL}/{path.name}" for path in DEMO_CHECKPOINT.iterdir()),
    }
    num_asked = len(hub.asked)
    words = ("--dataset-dir", "box", "--offline", "--limit", "2", "--generation-config", "max_tokens=8")
    done = evalscope(
        *("eval", "--model", MODEL, "--datasets", "gsm8k", "arc", "--output-format", "json", *words),
        cwd=tmp_path,
        url=hub.url,
        home="elsewhere",
    )
    assert done.returncode == 0, done.stderr
    assert {name: report["num"] for name, report in json.loads(done.stdout).items()} == {"gsm8k": 2, "arc": 4}
    assert len(hub.asked) == num_asked


def test_the_manifest_pins_every_file(hub, tmp_path):
    download("--datasets", "gsm8k", "--model", MODEL, "--to", "box", cwd=tmp_path, url=hub.url)
    manifest = json.loads((tmp_path / "box" / "manifest.json").read_text())
    entries = {**manifest["datasets"], **manifest["models"]}
    assert {name: entry["id"] for name, entry in entries.items()} == {"gsm8k": IDS["modelscope"], MODEL: MODEL}
    for entry in entries.values():
        assert len(entry["revision"]) == 40
        for file in entry["files"]:
            content = (tmp_path / "box" / entry["folder"] / file["path"]).read_bytes()
            assert file["sha256"] == hashlib.sha256(content).hexdigest()
            assert file["size_bytes"] == len(content)


def test_a_second_command_adds_and_fetches_nothing_twice(hub, tmp_path):
    download("--datasets", "gsm8k", "--to", "box", cwd=tmp_path, url=hub.url)
    num_given = len(hub.given)
    written = (tmp_path / "box" / "gsm8k" / "main" / "test.jsonl").stat().st_mtime_ns
    download("--datasets", "gsm8k", "arc", "--to", "box", cwd=tmp_path, url=hub.url)
    assert set(json.loads((tmp_path / "box" / "manifest.json").read_text())["datasets"]) == {"gsm8k", "arc"}
    assert len(hub.given) == num_given + 2
    assert (tmp_path / "box" / "gsm8k" / "main" / "test.jsonl").stat().st_mtime_ns == written


def test_a_zip_holds_the_same_and_serves_too(hub, tmp_path):
    download("--datasets", "gsm8k", "--to", "box.zip", cwd=tmp_path, url=hub.url)
    assert {path.name for path in tmp_path.iterdir()} == {"hub", "home", "box.zip"}
    words = ("eval", "--eval-type", "mock_llm", "--model", "mock", "--datasets", "gsm8k", "--limit", "2")
    done = evalscope(*words, "--dataset-dir", "box.zip", "--offline", cwd=tmp_path, url=hub.url, home="elsewhere")
    assert done.returncode == 0, done.stderr
    assert "is there already" in download("--datasets", "gsm8k", "--to", "box.zip", cwd=tmp_path, url="", code=2).stderr


def test_hugging_face_is_asked_where_it_is_named(hub, tmp_path):
    words = ("--datasets", "gsm8k", "--dataset-hub", "huggingface", "--model", MODEL, "--model-args", "hub=huggingface")
    download(*words, "--to", "box", cwd=tmp_path, url=hub.url)
    manifest = json.loads((tmp_path / "box" / "manifest.json").read_text())
    assert {entry["hub"] for part in ("datasets", "models") for entry in manifest[part].values()} == {"huggingface"}
    assert manifest["datasets"]["gsm8k"]["id"] == IDS["huggingface"]


def test_what_fails_is_told_and_the_rest_is_fetched(hub, tmp_path):
    done = download("--datasets", "mmlu", "gsm8k", "--to", "box", cwd=tmp_path, url=hub.url, code=2)
    assert "error: mmlu: data set 'cais/mmlu' was asked of ModelScope" in done.stderr
    assert "gsm8k: AI-ModelScope/gsm8k at" in done.stdout
    assert (tmp_path / "box" / "gsm8k" / "main" / "test.jsonl").is_file()


@pytest.mark.parametrize("to", ["box", "box.zip"])
def test_where_nothing_came_nothing_is_left(to, hub, tmp_path):
    done = download("--model", "no/such", "--to", to, cwd=tmp_path, url=hub.url, code=2)
    assert done.stderr.count("error: ") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "hub"]


def test_a_folder_of_the_users_own_is_left_alone(hub, tmp_path):
    (tmp_path / "box" / "gsm8k").mkdir(parents=True)
    (tmp_path / "box" / "gsm8k" / "mine.txt").write_text("mine")
    done = download("--datasets", "gsm8k", "--to", "box", cwd=tmp_path, url=hub.url, code=2)
    assert "gsm8k is there already, and manifest.json does not know it" in done.stderr
    assert [path.name for path in (tmp_path / "box" / "gsm8k").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("words", [(), ("--datasets", "gsm8k"), ("--to", "box")], ids=str)
def test_what_and_where_to_is_needed(words, tmp_path):
    assert "what and where to is needed" in download(*words, cwd=tmp_path, url="", code=2).stderr


def test_two_commands_fill_one_folder_at_once(hub, tmp_path):
    words = [sys.executable, "-m", "evalscope", "download", "--datasets", "gsm8k", "--to", "box"]
    (tmp_path / "home").mkdir()
    env = variables(tmp_path / "home", hub.url)
    started = [subprocess.Popen(words, cwd=tmp_path, env=env, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for process in started:
        _, noise = process.communicate(timeout=240)
        assert process.returncode == 0, noise
    assert (tmp_path / "box" / "gsm8k" / "main" / "test.jsonl").is_file()
