"""How a run ends when it cannot go on: told to stop at once, out of disk, beside another one in the same folder."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.commands import environment
from tests.own_data import write_gsm8k
from tests.run_content import content, rows_of, stored_rows
from tests.servers.running import Stub, running_stub

NUM = 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gsm8k(tmp_path_factory.mktemp("data") / "gsm8k", num=NUM)


@pytest.fixture(scope="module")
def stub(folder: Path) -> Iterator[Stub]:
    with running_stub("--gsm8k", folder / "test.jsonl", "--latency-ms", "60", "--jitter", "0.6") as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh_counts(stub: Stub) -> None:
    stub.reset()


EVAL = ("-m", "evalscope", "eval")


def start(stub: Stub, folder: Path, cwd: Path, *flags: str, program: Sequence[str] = EVAL) -> subprocess.Popen[str]:
    args = json.dumps({"gsm8k": {"local_path": str(folder)}})
    words = [sys.executable, *program, "--model", "m", "--api-url", stub.url, "--datasets", "gsm8k"]
    words += ["--dataset-args", args, "--eval-batch-size", "6", *flags]
    return subprocess.Popen(
        words, cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code, and what it said on standard error."""
    with process:
        _, stderr = process.communicate(timeout=120)
    return process.returncode, stderr


def finish(stub: Stub, folder: Path, cwd: Path, *flags: str) -> None:
    code, stderr = end_of(start(stub, folder, cwd, "--quiet", *flags))
    assert code == 0, stderr


def wait_for_rows(process: subprocess.Popen[str], root: Path, num: int) -> None:
    while stored_rows(root) < num:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)


@pytest.fixture(scope="module")
def whole(folder: Path, stub: Stub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nobody disturbed."""
    cwd = tmp_path_factory.mktemp("whole")
    finish(stub, folder, cwd)
    return (cwd / "outputs/latest").resolve()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_told_twice_it_does_not_wait(number, folder, tmp_path):
    with running_stub("--slow-share", "0.2", "--slow-ms", "100000") as stuck:
        process = start(stuck, folder, tmp_path, "--run-name", "one")
        root = tmp_path / "outputs/one"
        wait_for_rows(process, root, 4)
        while stuck.stats()["inflight"] < 6:
            time.sleep(0.01)
        process.send_signal(number)
        assert process.stderr is not None
        while "stopping: waiting" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)
        code, stderr = end_of(process)
    assert code == 130
    assert "Traceback" not in stderr
    assert f"--use-cache {root}" in stderr


def test_a_second_process_in_the_same_run_is_refused_and_disturbs_nothing(folder, stub, whole, tmp_path):
    first = start(stub, folder, tmp_path, "--run-name", "one")
    root = tmp_path / "outputs/one"
    wait_for_rows(first, root, 20)
    first.send_signal(signal.SIGSTOP)  # it would be done before the second has started
    code, stderr = end_of(start(stub, folder, tmp_path, "--use-cache", str(root)))
    first.send_signal(signal.SIGCONT)
    assert code == 2
    assert stderr.count("another process is writing to the run in") == 1
    assert end_of(first)[0] == 0
    assert stub.stats()["requests"] == NUM
    assert content(root) == content(whole)


def test_of_two_that_begin_a_run_of_one_name_one_goes_on(folder, stub, tmp_path):
    both = [start(stub, folder, tmp_path, "--run-name", "one") for _ in range(2)]
    ends = sorted(map(end_of, both))
    assert [code for code, _ in ends] == [0, 2]
    assert "'one' is already in" in ends[1][1]
    assert stub.stats()["requests"] == NUM


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system whose size is set by mounting it anew."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if error := mount(disk, "tmpfs", "size=1m"):
        pytest.skip(f"no file system may be mounted here: {error}")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def mount(disk: Path, *options: str) -> str:
    words = ["mount", "-t", "tmpfs", "-o", ",".join(options[1:]), options[0], str(disk)]
    return subprocess.run(words, capture_output=True, text=True, check=False).stderr.strip()


@pytest.mark.parametrize("share", [0.25, 0.6, 0.95, 1.1], ids=lambda share: f"{share:.0%}")
def test_a_full_disk_ends_the_run_with_what_is_written_intact(share, folder, stub, whole, small_disk):
    """Of the room that the whole run takes but for its page; putting rows in order takes more for a while."""
    pages = sum(1 + path.stat().st_size // 4096 for path in whole.rglob("*") if path.suffix != ".html")
    assert not mount(small_disk, "tmpfs", f"remount,size={int(share * pages) * 4096}")
    code, stderr = end_of(start(stub, folder, small_disk, "--run-name", "one"))
    root = small_disk / "outputs/one"
    assert code == 2
    assert "Traceback" not in stderr
    assert stderr.count("cannot be written: No space left on device") == 1
    assert f"--use-cache {root} continues" in stderr
    num_stored = stored_rows(root)
    assert num_stored == sum(len(rows_of(path)) for path in root.glob("predictions/*/*.jsonl")) > 0
    assert all(path.read_bytes()[-1:] == b"\n" for path in root.rglob("*.jsonl") if path.stat().st_size)
    assert not mount(small_disk, "tmpfs", "remount,size=10m")
    stub.reset()
    finish(stub, folder, small_disk, "--use-cache", str(root))
    assert stub.stats()["requests"] == NUM - num_stored
    assert content(root) == content(whole)


STOPPED_AT_THE_PAGE = """
import os, sys
import evalscope.run as run
def stop(folder):
    os.kill(os.getpid(), {number})
    raise AssertionError("the signal was not heard")
run.write_page = stop
sys.exit(run.run_command("evalscope eval", sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_run_stopped_while_its_reports_are_written_says_how_to_go_on(stub, folder, tmp_path, number):
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED_AT_THE_PAGE.format(number=int(number)))
    process = start(stub, folder, tmp_path, "--limit", "5", "--run-name", "r", program=(str(script),))
    code, stderr = end_of(process)
    assert code == 130
    assert f"--use-cache {tmp_path / 'outputs' / 'r'}" in stderr
    finish(stub, folder, tmp_path, "--limit", "5", "--use-cache", str(tmp_path / "outputs" / "r"))
    assert stub.stats()["requests"] == 5
