"""Replicas on a cluster of this machine that is started for the run, and what is left when the run has ended."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import environment
from tests.models.checkpoint.tiny import make_tiny
from tests.models.replicas.nodes import wait_until
from tests.own_data import write_gsm8k
from tests.run_content import content, rows_of, stored_rows

pytest.importorskip("ray", reason="replicas need Ray: pip install 'evalscope[cluster]'")
pytestmark = pytest.mark.slow

LONG_ANSWERS = ("--generation-config", "max_tokens=400")
"""So that what is in hand at a signal takes longer than the three seconds after which Ray would abort the process."""


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    """A folder with a checkpoint and data, in which runs are started."""
    folder = tmp_path_factory.mktemp("work")
    make_tiny(folder / "tiny")
    write_gsm8k(folder / "gsm8k", num=24)
    return folder


def command(name: str, *flags: str) -> list[str]:
    args = {"gsm8k": {"local_path": "gsm8k", "few_shot_num": 0}}
    return [
        *(sys.executable, "-m", "evalscope", "eval", "--model", "tiny", "--datasets", "gsm8k", "--work-dir", "."),
        *("--dataset-args", json.dumps(args), "--generation-config", "max_tokens=100", "--eval-batch-size", "2"),
        *(["--use-cache", name] if Path(name).is_absolute() else ["--run-name", name]),
        *flags,
    ]


def start(words: list[str], cwd: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        words,
        cwd=cwd,
        env=environment(more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run(words: list[str], cwd: Path, **more: str) -> str:
    """What the run says on standard error; it must end well, and leave no process and no file of Ray's."""
    with start(words, cwd, **more) as process:
        _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    assert not traces()
    return errors


def traces() -> list[str]:
    """Folders and processes of clusters that were started for a run."""
    found = [str(path) for path in Path("/tmp").glob("evalscope-ray-*")]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().decode(errors="replace")
        except OSError:
            continue  # it has just ended
        if "evalscope.models.replicas.host" in line or "evalscope-ray-" in line:
            found.append(line)
    return found


@pytest.fixture(scope="module")
def whole(work):
    """What a run of a single copy leaves."""
    run(command("whole"), work)
    return content(work / "whole")


def test_a_run_of_two_replicas_leaves_the_same_files_and_is_silent_about_ray(work, whole, tmp_path):
    errors = run(command("two", "--model-args", "replicas=2"), work, HOME=str(tmp_path))
    assert content(work / "two") == whole
    assert [line for line in errors.splitlines() if "ray" in line.casefold()] == []
    assert not (tmp_path / ".ray").exists()


def test_a_killed_run_leaves_nothing_of_its_cluster_and_can_be_continued(work, whole):
    with start(command("killed", "--model-args", "replicas=2"), work) as process:
        wait_until(lambda: stored_rows(work / "killed") >= 4 or process.poll() is not None)
        process.kill()
    wait_until(lambda: not traces(), 30)
    rows = stored_rows(work / "killed")
    assert 4 <= rows < 24
    run(command(str(work / "killed"), "--model-args", "replicas=2"), work)
    assert content(work / "killed") == whole


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_stopped_run_finishes_what_it_has_in_hand(number, work):
    name = f"stopped-{number.name}"
    with start(command(name, *LONG_ANSWERS, "--model-args", "replicas=2"), work) as process:
        rows = stop(process, work / name, number)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, "--use-cache" in errors) == (130, True), errors
    assert not traces()
    assert stored_rows(work / name) > rows
    assert not any("error" in row for path in (work / name).glob("predictions/*/*.jsonl") for row in rows_of(path))


def test_a_run_that_is_stopped_twice_does_not_wait(work):
    name = "stopped-twice"
    with start(command(name, *LONG_ANSWERS, "--model-args", "replicas=2"), work) as process:
        stop(process, work / name, signal.SIGINT)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, "--use-cache" in errors) == (130, True), errors
    assert not traces()


def stop(process: subprocess.Popen[str], root: Path, number: signal.Signals) -> int:
    """Sends the signal to all processes of the run, as a terminal does, in mid-run; rows that were stored by then."""
    wait_until(lambda: stored_rows(root) >= 2 or process.poll() is not None)
    os.killpg(process.pid, number)
    rows = stored_rows(root)
    assert process.stderr is not None
    while "stopping" not in process.stderr.readline():
        assert process.poll() is None
    return rows


def test_nobody_at_the_address_is_said_in_seconds(work):
    with start(command("nobody", "--model-args", "replicas=2", "--ray-address", "127.0.0.1:9"), work) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "error: no Ray cluster can be used at 127.0.0.1:9: ConnectionRefusedError" in errors
