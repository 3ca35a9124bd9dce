"""Runs that are killed, continued, enlarged: nothing answered is asked again, and the files end up the same."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.commands import environment, shell
from tests.own_data import write_arc, write_gsm8k
from tests.run_content import content, stored_rows
from tests.servers.running import Stub, running_stub

SAMPLES = {"gsm8k": 60, "arc": 20}
TOTAL = SAMPLES["gsm8k"] + 2 * SAMPLES["arc"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_gsm8k(folder / "gsm8k", num=SAMPLES["gsm8k"])
    write_arc(folder / "arc", num=SAMPLES["arc"])
    return folder


@pytest.fixture(scope="module")
def stub(folder: Path):
    with running_stub("--gsm8k", str(folder / "gsm8k/test.jsonl"), "--latency-ms", "60", "--jitter", "0.6") as running:
        yield running


def command(stub: Stub, folder: Path, *flags: str, names: tuple[str, ...] = ("gsm8k", "arc")) -> list[str]:
    args = json.dumps({name: {"local_path": str(folder / name)} for name in names})
    return [
        *(sys.executable, "-m", "evalscope", "eval", "--model", "stub", "--api-url", stub.url, "--quiet"),
        *("--eval-batch-size", "6", "--datasets", *names, "--dataset-args", args, *flags),
    ]


def run(words: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(words, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done


def kill_after(words: list[str], cwd: Path, num_rows: int) -> Path:
    """Starts the run, kills it with SIGKILL once so many answers are stored, and returns its folder."""
    with subprocess.Popen(
        words, cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            roots = [path for path in (cwd / "outputs").glob("2*") if stored_rows(path) >= num_rows]
            if roots:
                process.send_signal(signal.SIGKILL)
                process.wait()
                return roots[0]
            time.sleep(0.002)
        raise AssertionError(f"no {num_rows} answers within a minute: {process.stderr.read()!r}")


@pytest.fixture(scope="module")
def whole(folder: Path, stub: Stub, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a run that nobody disturbs leaves."""
    cwd = tmp_path_factory.mktemp("whole")
    run(command(stub, folder), cwd)
    return content((cwd / "outputs" / "latest").resolve())


@pytest.mark.parametrize("moments", [(1,), (37,), (61,), (98,), (5, 30, 70)], ids=str)
def test_a_killed_run_asks_only_what_is_missing_and_ends_the_same(moments, folder, stub, whole, tmp_path):
    root: Path | None = None
    for moment in moments:
        resume = ("--use-cache", str(root)) if root else ()
        root = kill_after(command(stub, folder, *resume), tmp_path, moment)
    assert root is not None
    rows = stored_rows(root)
    stub.reset()
    run(command(stub, folder, "--use-cache", str(root)), tmp_path)
    assert stub.stats()["requests"] == TOTAL - rows
    assert content(root) == whole


def test_a_run_goes_on_at_another_address_with_another_key(folder, stub, whole, tmp_path):
    root = kill_after(command(stub, folder, "--api-key", "of the old server"), tmp_path, 30)
    rows = stored_rows(root)
    with running_stub("--gsm8k", folder / "gsm8k/test.jsonl", "--api-key", "of the new one") as moved:
        run(command(moved, folder, "--use-cache", str(root), "--api-key", "of the new one"), tmp_path)
        assert moved.stats()["requests"] == TOTAL - rows
    assert content(root) == whole


def test_a_torn_last_row_is_asked_again_and_the_others_are_not(folder, stub, whole, tmp_path):
    root = kill_after(command(stub, folder), tmp_path, 20)
    path = next(root.glob("predictions/*/gsm8k_main.jsonl"))
    os.truncate(path, path.stat().st_size - 7)
    rows = stored_rows(root)
    stub.reset()
    run(command(stub, folder, "--use-cache", str(root)), tmp_path)
    assert stub.stats()["requests"] == TOTAL - rows
    assert content(root) == whole


def test_a_larger_limit_asks_the_difference(folder, stub, tmp_path):
    run(command(stub, folder, "--limit", "5", "--run-name", "grown"), tmp_path)
    stub.reset()
    done = run(
        command(stub, folder, "--limit", "10", "--use-cache", "outputs/grown", "--output-format", "json"), tmp_path
    )
    assert stub.stats()["requests"] == 15
    assert [row["num"] for row in json.loads(done.stdout)["arc"]["rows"][:2]] == [10, 10]


def test_a_smaller_limit_keeps_the_dear_answers_and_scores_the_few(folder, stub, tmp_path):
    run(command(stub, folder, "--limit", "10", "--run-name", "shrunk", names=("gsm8k",)), tmp_path)
    before = (tmp_path / "outputs/shrunk/predictions/stub/gsm8k_main.jsonl").read_bytes()
    stub.reset()
    run(command(stub, folder, "--limit", "4", "--use-cache", "outputs/shrunk", names=("gsm8k",)), tmp_path)
    assert stub.stats()["requests"] == 0
    assert (tmp_path / "outputs/shrunk/predictions/stub/gsm8k_main.jsonl").read_bytes() == before
    assert len((tmp_path / "outputs/shrunk/reviews/stub/gsm8k_main.jsonl").read_text().splitlines()) == 4


def test_one_more_data_set_asks_only_its_own(folder, stub, tmp_path):
    run(command(stub, folder, "--run-name", "more", names=("gsm8k",)), tmp_path)
    stub.reset()
    run(command(stub, folder, "--use-cache", "outputs/more"), tmp_path)
    assert stub.stats()["requests"] == 2 * SAMPLES["arc"]
    assert len(list((tmp_path / "outputs/more/reports/stub").glob("*.json"))) == 2


def test_a_finished_run_needs_no_server_any_more(folder, tmp_path):
    with running_stub() as gone:
        words = command(gone, folder, "--limit", "3", "--run-name", "done", names=("gsm8k",))
        run(words, tmp_path)
    words[words.index("--run-name") :] = ["--use-cache", "outputs/done"]
    run(words, tmp_path)


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--generation-config", "temperature=0.5"], "temperature"),
        (["--generation-config", "max_new_tokens=99"], "max_tokens"),
        (["--seed", "7"], "seed"),
        (["--model", "other"], "model"),
    ],
    ids=["temperature", "max_new_tokens", "seed", "model"],
)
def test_another_way_of_asking_is_refused_by_name(flags, named, folder, stub, tmp_path):
    run(command(stub, folder, "--limit", "2", "--run-name", "one", names=("gsm8k",)), tmp_path)
    words = command(stub, folder, "--limit", "2", "--use-cache", "outputs/one", *flags, names=("gsm8k",))
    stub.reset()
    done = subprocess.run(words, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "asked in another way" in done.stderr
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert stub.stats()["requests"] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_told_to_stop_it_finishes_what_is_in_hand_and_says_how_to_go_on(number, folder, stub, whole, tmp_path):
    words = [word for word in command(stub, folder, "--api-key", "sk-very-secret") if word != "--quiet"]
    with subprocess.Popen(words, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not any(stored_rows(p) >= 20 for p in (tmp_path / "outputs").glob("2*")):
            time.sleep(0.005)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert "sk-very-secret" not in stderr
    root = (tmp_path / "outputs" / "latest").resolve()
    assert stub.stats()["inflight"] == 0
    resume = stderr.split("to continue:\n", 1)[1].strip().splitlines()[0]
    assert resume.endswith(f"--use-cache {root}")
    done = shell(resume.replace("YOUR_KEY", "sk-very-secret"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert content(root) == whole
    written = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert b"sk-very-secret" not in written
