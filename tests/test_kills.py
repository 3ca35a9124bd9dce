"""Runs killed with SIGKILL at any moment, continued until done: the same files as if nothing had happened."""

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.commands import environment
from tests.own_data import write_arc, write_gsm8k
from tests.run_content import content, stored_rows
from tests.servers.running import Stub, running_stub

pytestmark = pytest.mark.slow

NUM_SLOTS = 8
SAMPLED = ("--generation-config", "temperature=1.0", "--repeats", "3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A task that may be begun and continued in one folder again and again."""

    stub: Stub
    data: Path
    cwd: Path
    flags: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ("gsm8k", "arc")
    code: str = "from evalscope.run import main; import sys; sys.exit(main(sys.argv[1:]))"

    @property
    def root(self) -> Path:
        return self.cwd / "out" / "one"

    @property
    def is_begun(self) -> bool:
        return (self.root / "configs" / "task_config.yaml").exists()

    def start(self, *code_args: object) -> subprocess.Popen[str]:
        """Begins the run, or continues it."""
        if not self.is_begun:
            assert stored_rows(self.root) == 0
            shutil.rmtree(self.root, ignore_errors=True)
        names = [Path(name).stem for name in self.datasets]
        args = {name: {"local_path": str(self.data / name), "few_shot_num": 2} for name in names}
        words = ["--model", "stub", "--api-url", self.stub.url, "--quiet", "--eval-batch-size", str(NUM_SLOTS)]
        words += ["--datasets", *self.datasets, "--dataset-args", json.dumps(args), *self.flags]
        words += ["--use-cache", str(self.root)] if self.is_begun else ["--work-dir", "out", "--run-name", "one"]
        return subprocess.Popen(
            [sys.executable, "-c", self.code, *map(str, code_args), *words],
            cwd=self.cwd,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self) -> dict[str, Any]:
        """What lies there when it has come to its end."""
        with self.start() as process:
            _, stderr = process.communicate(timeout=240)
        assert process.returncode == 0, stderr
        return content(self.root)

    def live(self, seconds: float) -> None:
        """Goes on for so much time, unless it comes to its end before."""
        with self.start() as process:
            try:
                _, stderr = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
            else:
                assert process.returncode == 0, stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_gsm8k(folder / "gsm8k", num=500)
    write_arc(folder / "arc", num=300)
    return folder


@pytest.fixture
def job(data: Path, tmp_path: Path) -> Iterator[Job]:
    """1100 samples in three subsets of two data sets."""
    flags = ["--gsm8k", data / "gsm8k/test.jsonl", "--answers-by-seed", "--latency-ms", "70", "--jitter", "0.7"]
    with running_stub(*flags) as stub:
        (tmp_path / "whole").mkdir()
        (tmp_path / "killed").mkdir()
        yield Job(stub=stub, data=data, cwd=tmp_path / "killed")


@pytest.fixture
def seed() -> int:
    """Another one each time; pytest shows it where the test fails."""
    return random.randrange(2**32)


def undisturbed(job: Job, **changed: Any) -> dict[str, Any]:
    """What the same task leaves in another folder, where nobody disturbs it."""
    return replace(job, cwd=job.cwd.parent / "whole", **changed).finish()


@pytest.mark.parametrize(
    ("num_kills", "num_samples", "flags"),
    [(50, 1100, ()), (15, 594, (*SAMPLED, "--limit", "66"))],
    ids=["greedy", "sampled"],
)
def test_a_run_killed_at_random_moments_ends_like_one_that_was_not(num_kills, num_samples, flags, job, seed):
    rng, job = random.Random(seed), replace(job, flags=flags)
    began = time.monotonic()
    with job.start() as first:
        while not stored_rows(job.root):
            assert first.poll() is None, first.stderr.read()
            time.sleep(0.01)
        first.kill()
    startup_s = time.monotonic() - began
    in_flight = job.stub.stats()["requests"] - stored_rows(job.root)
    for _ in range(num_kills - 1):
        rows, requests = stored_rows(job.root), job.stub.stats()["requests"]
        job.live(rng.uniform(0, 2 * startup_s))
        lost = (job.stub.stats()["requests"] - requests) - (stored_rows(job.root) - rows)
        assert 0 <= lost <= NUM_SLOTS
        in_flight += lost
    killed = job.finish()
    assert job.stub.stats()["requests"] <= num_samples + in_flight
    assert sum(len(rows) for name, rows in killed.items() if name.startswith("reviews")) == num_samples
    assert killed == undisturbed(job)


DIES = """
import os, signal, sys
from evalscope.run import main

CHANGES = ("os.rename", "os.truncate", "os.remove", "os.symlink")
fatal, num_changes = int(sys.argv[1]), 0

def watch(event, args):
    global num_changes
    is_written = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR) and "/out/" in str(args[0])
    if is_written or event in CHANGES:
        num_changes += 1
        if num_changes == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("is_continued", [False, True], ids=["new", "continued"])
def test_a_run_killed_before_any_change_to_its_files_ends_like_one_that_was_not(is_continued, job, seed):
    """Files opened, cut, put in order and replaced: the record, rows, reports and the page; every third of them."""
    job = replace(job, flags=("--limit", "5"))
    whole, dying = undisturbed(job), replace(job, code=DIES)
    if is_continued:
        with job.start() as process:
            while stored_rows(job.root) < 7:
                time.sleep(0.002)
            process.kill()
    begun = job.cwd / "begun"
    job.root.mkdir(parents=True, exist_ok=True)
    shutil.copytree(job.root, begun)
    for fatal in itertools.count(1 + seed % 3, 3):
        shutil.rmtree(job.cwd / "out")
        shutil.copytree(begun, job.root)
        with dying.start(fatal) as process:
            _, stderr = process.communicate(timeout=120)
        has_rows = stored_rows(job.root) > 0
        assert job.finish() == whole, f"killed before change {fatal}"
        if process.returncode == 0 or (has_rows and not is_continued):
            break  # from there on a new run changes what a continued one does
        assert process.returncode == -signal.SIGKILL, stderr
    assert fatal > 6


SLOWLY_SCORED = """
import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from evalscope.benchmarks.gsm8k import BENCHMARK as GSM8K
from evalscope.scorers.match import NumberMatch

CALLS = Path(__file__).with_name("calls")

@dataclass(frozen=True)
class Slowly:
    async def __call__(self, answer, sample):
        await asyncio.sleep(0.3)
        with CALLS.open("a") as file:
            file.write("x")
        return NumberMatch()(answer, sample)

BENCHMARK = replace(GSM8K, name="slowly", scorer=Slowly())
"""


def test_answers_without_a_verdict_get_theirs_and_no_verdict_is_given_twice(job, tmp_path):
    path, calls = tmp_path / "slowly.py", tmp_path / "calls"
    path.write_text(SLOWLY_SCORED)
    (job.data / "slowly").exists() or shutil.copytree(job.data / "gsm8k", job.data / "slowly")
    job = replace(job, datasets=(str(path),), flags=("--limit", "60"))
    whole = undisturbed(job)
    for num_wanted in (15, 40):
        with job.start() as process:
            while stored_rows(job.root) < num_wanted:
                time.sleep(0.005)
            process.kill()
        num_answers, num_verdicts = stored_rows(job.root), stored_rows(job.root, "reviews")
        assert num_verdicts < num_answers
    job.stub.reset()
    calls.write_text("")
    assert job.finish() == whole
    assert job.stub.stats()["requests"] == 60 - num_answers
    assert len(calls.read_text()) == 60 - num_verdicts


def test_files_cut_anywhere_are_made_whole_again(job, seed):
    rng = random.Random(seed)
    job = replace(job, flags=("--limit", "20"))
    whole = job.finish()
    for _ in range(8):
        cut = rng.sample(sorted(path for path in job.root.rglob("*.jsonl")), 2)
        for path in cut:
            os.truncate(path, rng.randrange(path.stat().st_size))
        num_answers = stored_rows(job.root)
        job.stub.reset()
        assert job.finish() == whole
        assert job.stub.stats()["requests"] == 60 - num_answers
