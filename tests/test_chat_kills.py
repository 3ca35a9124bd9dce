"""Conversations killed between their turns: asked again whole, no row double, the same files at the end."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands import environment
from tests.own_data import write_jsonl
from tests.run_content import content, rows_of, stored_rows
from tests.servers.running import Stub, running_stub

pytestmark = pytest.mark.slow

NUM_CONVERSATIONS = 60
NUM_SLOTS = 6
NUM_KILLS = 8
SLOWLY = ("--latency-ms", "60", "--jitter", "0.7")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    records = [
        {
            "question_id": number,
            "category": ("writing", "math")[number % 2],
            "turns": [f"Tell me about number {number}.", f"Is {number} a good number?"],
            "reference": [f"It follows {number - 1}.", "It is."],
        }
        for number in range(1, NUM_CONVERSATIONS + 1)
    ]
    ratings = [
        {"question": turn, "right": "So so.\nSCORE: 8", "wrong": "So so.\nSCORE: 3"}
        for record in records
        for turn in record["turns"]
    ]
    folder = tmp_path_factory.mktemp("data")
    write_jsonl(folder / "ratings.jsonl", ratings)
    return write_jsonl(folder / "mt_bench" / "question.jsonl", records).parent


def start(stub: Stub, bench: Stub, data: Path, cwd: Path) -> subprocess.Popen[str]:
    """Begins the run, or continues it."""
    root = cwd / "one"
    is_begun = (root / "configs" / "task_config.yaml").exists()
    words = ["--model", "stub", "--api-url", stub.url, "--datasets", "mt_bench", "--quiet"]
    words += [
        "--dataset-args",
        json.dumps({"mt_bench": {"local_path": str(data)}}),
        "--eval-batch-size",
        str(NUM_SLOTS),
    ]
    words += ["--judge-model-args", json.dumps({"model_id": "judge", "api_url": bench.url})]
    words += ["--use-cache", str(root)] if is_begun else ["--work-dir", str(cwd), "--run-name", "one"]
    return subprocess.Popen(
        [sys.executable, "-m", "evalscope", "eval", *words],
        cwd=cwd,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> None:
    with process:
        _, stderr = process.communicate(timeout=240)
    assert process.returncode == 0, stderr


def test_a_run_killed_between_turns_ends_like_one_that_was_not(data, tmp_path):
    rng = random.Random(7)
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    root = tmp_path / "killed" / "one"
    known = ("--known", data.parent / "ratings.jsonl", "--p-correct", "0.5")
    with running_stub(*SLOWLY) as stub, running_stub(*known, *SLOWLY) as bench:
        num_lost = 0
        for kill in range(1, NUM_KILLS + 1):
            with start(stub, bench, data, tmp_path / "killed") as process:
                while stored_rows(root) < kill * NUM_CONVERSATIONS // NUM_KILLS and process.poll() is None:
                    time.sleep(0.005)
                time.sleep(rng.uniform(0, 0.1))
                process.kill()
            num_asked = stub.stats()["requests"]
            conversations = {row["sample_id"] for path in root.glob("predictions/*/*.jsonl") for row in rows_of(path)}
            num_lost = num_asked - 2 * len(conversations)
            assert 0 <= num_lost <= 2 * NUM_SLOTS * kill
        finished(start(stub, bench, data, tmp_path / "killed"))
        assert stub.stats()["requests"] == 2 * NUM_CONVERSATIONS + num_lost
        assert num_lost > 0  # something was really in flight
        finished(start(stub, bench, data, tmp_path / "whole"))
    assert content(root) == content(tmp_path / "whole" / "one")
    for path in root.glob("predictions/*/*.jsonl"):
        assert [int(row["sample_id"]) for row in rows_of(path)] == list(range(1, NUM_CONVERSATIONS + 1))
