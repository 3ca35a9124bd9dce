"""Runs and checks killed while answers are judged: nothing is asked again, and no verdict is lost."""

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import environment
from tests.own_data import write_gsm8k, write_jsonl
from tests.run_content import content, rows_of, stored_rows
from tests.servers.running import Stub, running_stub
from tests.test_kills import NUM_SLOTS, Job, undisturbed

pytestmark = pytest.mark.slow

NUM_SAMPLES = 240
NUM_KILLS = 12
NUM_AT_ONCE = 6
SLOWLY = ("--latency-ms", "60", "--jitter", "0.7")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gsm8k(tmp_path_factory.mktemp("data") / "gsm8k", num=NUM_SAMPLES).parent


@pytest.fixture
def bench(data: Path) -> Iterator[Stub]:
    """A judge that calls six answers in ten right, and gives no verdict to three questions in ten."""
    grades = [
        {"question": row["question"], "right": "Compared.\nGRADE: CORRECT", "wrong": "Compared.\nGRADE: INCORRECT"}
        for row in rows_of(data / "gsm8k" / "test.jsonl")
    ]
    known = write_jsonl(data / "grades.jsonl", grades)
    with running_stub("--known", known, "--p-correct", "0.6", "--share-rambling", "0.3", *SLOWLY) as stub:
        yield stub


class JudgedJob(Job):
    """A task that some answers end without a verdict in, so that its exit code is 1."""

    __slots__ = ()

    def finish(self) -> dict[str, Any]:
        assert self.live(240) == 1
        return content(self.root)

    def live(self, seconds: float) -> int | None:
        """Goes on for so much time; the exit code, or None where it was killed."""
        with self.start() as process:
            try:
                _, stderr = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                return None
        assert process.returncode == 1, stderr
        return 1

    def live_until(self, num_judgements: int) -> None:
        """Goes on until so many are stored, on however slow a machine, and is killed then."""
        with self.start() as process:
            while stored_rows(self.root, "judgements") < num_judgements and process.poll() is None:
                time.sleep(0.01)
            process.kill()


def judged_job(stub: Stub, bench: Stub, data: Path, tmp_path: Path, num_judges: int) -> JudgedJob:
    """gsm8k, judged; the judges differ in what their system says, so they differ in their verdicts."""
    judges = [
        {"model_id": f"judge-{place}", "api_url": bench.url, "system_prompt": f"You are judge {place}."}
        for place in range(num_judges)
    ]
    flags = ("--judge-strategy", "llm", "--judge-model-args", json.dumps(judges))
    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    return JudgedJob(
        stub=stub,
        data=data,
        cwd=tmp_path / "killed",
        datasets=("gsm8k",),
        flags=(*flags, "--judge-worker-num", str(NUM_AT_ONCE)),
    )


@pytest.mark.parametrize(("num_judges", "seed"), [(1, 1), (3, 2)])
def test_a_run_killed_while_judging_ends_like_one_that_was_not(num_judges, seed, bench, data, tmp_path):
    rng = random.Random(seed)
    with running_stub("--gsm8k", data / "gsm8k/test.jsonl", *SLOWLY) as stub:
        job = judged_job(stub, bench, data, tmp_path, num_judges)
        began = time.monotonic()
        with job.start() as first:
            while not stored_rows(job.root, "judgements"):
                assert first.poll() is None, first.stderr.read()
                time.sleep(0.01)
            first.kill()
        startup_s = time.monotonic() - began
        lost, lost_at_bench = lost_so_far(stub, job, "predictions"), lost_so_far(bench, job, "judgements")
        num_kills_while_judging = 0
        for number in range(NUM_KILLS - 1):
            before = lost, lost_at_bench
            if number % 2:
                job.live_until(stored_rows(job.root, "judgements") + rng.randrange(1, 2 * NUM_AT_ONCE))
            else:
                job.live(rng.uniform(0.5 * startup_s, 1.6 * startup_s))
            lost, lost_at_bench = lost_so_far(stub, job, "predictions"), lost_so_far(bench, job, "judgements")
            assert 0 <= lost - before[0] <= NUM_SLOTS
            assert 0 <= lost_at_bench - before[1] <= NUM_AT_ONCE * num_judges
            num_kills_while_judging += lost_at_bench > before[1]
        assert num_kills_while_judging > 1
        kept = replies(job)
        killed = job.finish()
        assert kept.items() <= replies(job).items()
        assert stub.stats()["requests"] == NUM_SAMPLES + lost
        assert bench.stats()["requests"] == stored_rows(job.root, "judgements") + lost_at_bench
        assert killed == undisturbed(job)
    assert stored_rows(job.root, "judgements") > num_judges * NUM_SAMPLES  # some were asked about twice
    (report,) = (found for name, found in killed.items() if name.endswith("gsm8k.json"))
    assert report["outcomes"]["judge_failed"] > 0
    assert sum(report["outcomes"].values()) == NUM_SAMPLES


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_check_that_is_stopped_goes_on_where_it_was(number, bench, data, tmp_path):
    labels = [
        {"question": row["question"], "answer": f"It is {place}.", "target": row["answer"], "label": place % 2}
        for place, row in enumerate(rows_of(data / "gsm8k" / "test.jsonl"))
    ]
    path = write_jsonl(tmp_path / "labels.jsonl", labels)
    judge = json.dumps({"model_id": "judge", "api_url": bench.url})

    def start(work_dir: str) -> subprocess.Popen[str]:
        words = ["--labels", str(path), "--judge-model-args", judge, "--judge-worker-num", str(NUM_AT_ONCE)]
        return subprocess.Popen(
            [sys.executable, "-m", "evalscope", "judge-check", *words, "--work-dir", work_dir, "--repeats", "2"],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    for num_wanted in (100, 400):
        with start("killed") as process:
            while stored_rows(tmp_path / "killed", "judgements") < num_wanted:
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.01)
            process.send_signal(number)
            _, stderr = process.communicate(timeout=60)
        assert process.returncode == (130 if number == signal.SIGINT else -number)
        assert ("the same command continues" in stderr) == (number == signal.SIGINT)
    for name in ("killed", "whole"):
        with start(name) as process:
            _, stderr = process.communicate(timeout=120)
        assert process.returncode == 1, stderr  # some of the judge's replies hold no verdict
    num_replies = stored_rows(tmp_path / "whole", "judgements")
    assert num_replies <= bench.stats()["requests"] - num_replies <= num_replies + 2 * NUM_AT_ONCE
    assert content(tmp_path / "killed") == content(tmp_path / "whole")


def lost_so_far(stub: Stub, job: Job, kind: str) -> int:
    """Requests whose answers no file holds: they were in flight when the run was killed."""
    return stub.stats()["requests"] - stored_rows(job.root, kind)


def replies(job: Job) -> dict[tuple[str, str], str]:
    """What each judge replied, by its folder and the request."""
    return {
        (path.parent.name, row["key"]): row["completion"]["text"]
        for path in job.root.glob("judgements/*/*.jsonl")
        for row in rows_of(path)
    }
