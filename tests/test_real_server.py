"""A server that nobody here wrote, `transformers serve`, answers as the checkpoint itself does."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.commands import DEMO_CHECKPOINT, environment, shell

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory):
    """Its address, ending in /v1."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    words = [str(Path(sys.executable).with_name("transformers")), "serve", str(DEMO_CHECKPOINT), "--device", "cpu"]
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*words, "--host", "127.0.0.1", "--port", str(port)],
            stdout=file,
            stderr=file,
            env=environment({"HF_HUB_OFFLINE": "1"}),
        )
        try:
            deadline = time.monotonic() + 120
            while not _is_up(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.3)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()
            process.wait()


def _is_up(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as reply:
            return reply.status == 200
    except (URLError, OSError):
        return False


@pytest.mark.parametrize("flags", ["", "--stream"], ids=["whole", "streamed"])
def test_the_same_checkpoint_gives_the_same_texts_served_and_local(flags, served, data, tmp_path):
    args = json.dumps({"gsm8k": {"local_path": str(data / "gsm8k"), "few_shot_num": 1}})
    common = f"--datasets gsm8k --dataset-args '{args}' --limit 6 --generation-config max_tokens=40 --eval-batch-size 2"
    words = f"evalscope eval --model {DEMO_CHECKPOINT} {common}"
    local = shell(f"{words} --work-dir local", tmp_path)
    assert local.returncode == 0, local.stderr
    service = shell(f"{words} --api-url {served} --work-dir served {flags}", tmp_path)
    assert service.returncode == 0, service.stderr
    assert _texts(tmp_path / "local") == _texts(tmp_path / "served")


def _texts(work_dir: Path) -> list[tuple[str, str, int]]:
    path = work_dir / "latest" / "predictions" / "checkpoint" / "gsm8k_main.jsonl"
    rows = [json.loads(line)["completion"] for line in path.read_text(encoding="utf-8").split("\n") if line]
    return [(row["text"], row["stop_reason"], row["usage"]["input_tokens"]) for row in rows]
