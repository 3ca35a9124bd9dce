"""The keys of a run: in no file and on no screen, whatever fails, whoever repeats them, however much is told."""

import asyncio
import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from tests.commands import environment
from tests.own_data import write_gsm8k
from tests.run_content import rows_of
from tests.servers.scripted import Reply, choosing, completion, error, http

KEY = "sk-very-secret/1234567890"
BASIC = base64.b64encode(f"me:{KEY}".encode()).decode()
SENT = (KEY, quote(KEY, safe=""), BASIC)
ECHOED = " ".join((KEY, quote(KEY, safe=""), KEY.replace("/", "\\/")))
PIECES = ("very-secret", BASIC[:12])

STATUSES = {20: 401, 23: 403, 26: 400, 29: 429, 32: 500, 35: 404}
TORN, LEAKING_PAGE = 38, 41


def evil(url: str) -> str:
    return url.replace("http://", f"http://me:{quote(KEY, safe='')}@")


WAYS = {
    "flag": (lambda url: ["--api-url", url, "--api-key", KEY], {}),
    "environment": (lambda url: ["--api-url", url], {"OPENAI_API_KEY": KEY}),
    "environment by name": (lambda url: ["--api-url", url, "--api-key-env", "MINE"], {"MINE": KEY}),
    "header": (lambda url: ["--api-url", url, "--generation-config", json.dumps(AS_HEADER)], {}),
    "parameter": (lambda url: ["--api-url", url, "--generation-config", json.dumps(AS_PARAMETER)], {}),
    "password in the address": (lambda url: ["--api-url", evil(url)], {}),
    "parameter in the address": (lambda url: ["--api-url", f"{url}?key={quote(KEY, safe='')}"], {}),
}
AS_HEADER = {"temperature": 0.5, "extra_headers": {"Authorization": f"Bearer {KEY}"}}
AS_PARAMETER = {"temperature": 0.5, "extra_query": {"key": KEY}}


class Echo:
    """Repeats what it was told in whatever it refuses, as careless servers do; most questions it answers."""

    def __init__(self, *, refuses_all: bool) -> None:
        self.refuses_all, self.num = refuses_all, 0
        self.heads: list[str] = []

    def __call__(self, method: str, body: Any) -> Reply:
        echo = f"{self.heads[-1]} {ECHOED}"
        if method != "POST" or self.refuses_all:
            return error(401, echo)
        self.num += 1
        if self.num in STATUSES:
            return error(STATUSES[self.num], echo, Retry_After="0")
        if self.num in (TORN, LEAKING_PAGE):
            return http(("<html>" if self.num == LEAKING_PAGE else '{"choices": ') + echo)
        return completion(f"ANSWER: {self.num}")


@pytest.mark.parametrize("refuses_all", [False, True], ids=["some fail", "all fail"])
@pytest.mark.parametrize(("flags", "variables"), WAYS.values(), ids=WAYS)
async def test_a_key_is_in_nothing_that_a_run_writes_or_prints(flags, variables, refuses_all, tmp_path: Path):
    write_gsm8k(tmp_path / "data", num=60)
    args = json.dumps({"gsm8k": {"local_path": str(tmp_path / "data"), "few_shot_num": 0}})
    words = [sys.executable, "-m", "evalscope", "eval", "--model", "m", "--datasets", "gsm8k", "--dataset-args", args]
    words += ["--debug", "--eval-batch-size", "2"]
    echo = Echo(refuses_all=refuses_all)
    async with choosing(echo) as server:
        echo.heads = server.heads
        done = await run([*words, *flags(server.url)], tmp_path / "work", variables)
    assert any(form in head for form in SENT for head in server.heads), "the server was told the key"
    assert done.returncode == (2 if refuses_all else 1), done.stderr
    assert_unshown(done.stdout + done.stderr, tmp_path / "work")
    if refuses_all:
        assert "401" in done.stderr
    else:
        rows = rows_of(tmp_path / "work/outputs/latest/predictions/m/gsm8k_main.jsonl")
        assert sum("***" in row.get("error", "") for row in rows) >= 3, "what the server said is in the rows, masked"


async def test_a_key_in_a_file_of_the_task_stays_there(tmp_path: Path):
    write_gsm8k(tmp_path / "data", num=60)
    task = {"model": "m", "datasets": ["gsm8k"], "api_key": KEY, "debug": True, "eval_batch_size": 2}
    args = {"gsm8k": {"local_path": str(tmp_path / "data"), "few_shot_num": 0}}
    echo = Echo(refuses_all=False)
    async with choosing(echo) as server:
        echo.heads = server.heads
        task |= {"api_url": server.url, "dataset_args": args, "work_dir": str(tmp_path / "work" / "outputs")}
        (tmp_path / "task.yaml").write_text(yaml.safe_dump(task))
        script = "from evalscope import run_task; run_task('../task.yaml')"
        done = await run([sys.executable, "-c", script], tmp_path / "work", {})
    assert done.returncode == 0, done.stderr
    assert_unshown(done.stdout + done.stderr, tmp_path / "work")


async def run(words: list[str], cwd: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    cwd.mkdir()
    return await asyncio.to_thread(
        subprocess.run,
        words,
        cwd=cwd,
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_unshown(printed: str, folder: Path) -> None:
    assert not [piece for piece in PIECES if piece in printed]
    for path in folder.rglob("*"):
        assert not [piece for piece in PIECES if piece in str(path)]
        if path.is_file():
            content = path.read_bytes()
            assert not [piece for piece in PIECES if piece.encode() in content], path
