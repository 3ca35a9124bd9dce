"""Faults of a service as a whole run meets them: each costs its own sample at most, and the row says why."""

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evalscope import run_task
from tests.commands import environment
from tests.own_data import sums, write_gsm8k, write_jsonl
from tests.run_content import rows_of, stored_rows
from tests.servers.running import running_stub
from tests.servers.scripted import Reply, choosing, completion, error, event_stream, http, json_reply

HTML = "<html><head><title>502 Bad Gateway</title></head></html>"
HALF = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
PIECE = {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]}

PASSING = {
    **{f"HTTP {status}": (error(status, "oops"), f"HTTP {status}: oops") for status in (408, 409, 425, 500, 503, 529)},
    "429": (error(429, "slow down", Retry_After="0"), "HTTP 429: slow down"),
    "reset before an answer": (Reply(b"", "reset"), "the connection (broke|was closed)"),
    "reset in the middle": (Reply(HALF, "reset"), "the connection broke"),
    "closed before an answer": (Reply(b"", "close"), "the connection was closed without an answer"),
    "cut in the middle": (Reply(HALF, "close"), "the connection broke off in the middle of the answer"),
    "malformed JSON": (http('{"choices": [{"mess'), "the reply is no JSON"),
    "error object under 200": (error(200, "overloaded"), "an error under HTTP 200: overloaded"),
    "no choice": (json_reply({"choices": []}), "the reply has no choices"),
    "empty choice": (json_reply({"choices": [{}]}), "the reply's choice holds no message"),
    "page of a gateway": (http(HTML, 502, "text/html"), "HTTP 502: it is a page in HTML"),
    "page under 200": (http(HTML, 200, "text/html"), "the reply is no JSON: it is a page in HTML"),
    "silence": (Reply(b"", "hold"), "no whole answer within"),
    "header after header": (Reply(HEAD, drops=b"X-Wait: more\r\n"), "no whole answer within"),
    "blank after blank": (Reply(HALF, drops=b" "), "no whole answer within"),
    "stream without its last event": (event_stream(PIECE), "the stream ended before the answer did"),
    "stream that stalls": (event_stream(PIECE, then="hold"), "no whole answer within"),
    "stream without end": (Reply(HEAD + b"\r\n", drops=b": awake\n\n"), "no whole answer within"),
    "error in a stream": (event_stream(PIECE, {"error": {"message": "no memory"}}), "an error under HTTP 200: no mem"),
}
LASTING = {
    "401": (error(401, "bad key"), r"does not accept the key \(HTTP 401: bad key\).*--api-key"),
    "403": (error(403, "not you"), r"does not accept the key \(HTTP 403: not you\)"),
    "404": (error(404, "nothing here"), r"does not take questions there \(HTTP 404.*check --api-url"),
    "unknown model": (error(404, "The model `m` does not exist."), "knows no model 'm'"),
    "prompt too long": (error(400, "maximum context length is 9"), "the prompt does not fit the model's context"),
    "setting refused": (error(400, "no such field: x"), "does not accept the request .*generation_config"),
}
FAULTS = {**PASSING, **LASTING}
EVERY = 4
BEFORE = 16
"""So many questions come before the first faulty one, for whoever refuses the very first is taken at its word."""


def faulty(index: int) -> str | None:
    """The name of the fault that the question of that place always meets; None for most."""
    place, rest = divmod(index - BEFORE, EVERY)
    return list(FAULTS)[place] if rest == 0 and 0 <= place < len(FAULTS) else None


def place_of(body: Any) -> int:
    """Of the question; tests/own_data.py makes them."""
    return int(re.search(r"Nora has (\d+) ", body["messages"][-1]["content"])[1]) - 11


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_each_fault_costs_its_own_sample_and_no_other(stream: bool, tmp_path: Path):
    num = BEFORE + EVERY * len(FAULTS)
    write_jsonl(tmp_path / "gsm8k" / "test.jsonl", sums(num))
    task = {
        **{"model": "m", "datasets": ["gsm8k"], "work_dir": str(tmp_path / "out"), "quiet": True, "stream": stream},
        **{"timeout": 0.6, "max_retries": 1, "eval_batch_size": 8},
        "dataset_args": {"gsm8k": {"local_path": str(tmp_path / "gsm8k"), "few_shot_num": 0}},
    }

    def choose(method: str, body: Any) -> Reply:
        if method != "POST":
            return http("{}", 404)
        name = faulty(place_of(body))
        return FAULTS[name][0] if name else completion(f"ANSWER: {14 + 3 * place_of(body)}")

    async with choosing(choose) as server:
        report = (await asyncio.to_thread(run_task, {**task, "api_url": server.url}))["gsm8k"]
    assert dict(report.outcomes) == {"correct": num - len(FAULTS), "request_failed": len(FAULTS)}
    attempts = Counter(map(place_of, server.bodies))
    for row in rows_of(tmp_path / "out/latest/reviews/m/gsm8k_main.jsonl"):
        place = int(row["sample_id"])
        if (name := faulty(place)) is None:
            assert (row["outcome"], attempts[place]) == ("correct", 1)
        else:
            assert re.search(FAULTS[name][1], row["error"]), (name, row["error"])
            assert attempts[place] == (2 if name in PASSING else 1), name


def task_words(url: str, folder: Path, *flags: str) -> list[str]:
    args = json.dumps({"gsm8k": {"local_path": str(folder / "gsm8k"), "few_shot_num": 0}})
    words = [sys.executable, "-m", "evalscope", "eval", "--model", "m", "--api-url", url, "--datasets", "gsm8k"]
    return [*words, "--dataset-args", args, "--output-format", "json", *flags]


def run(words: list[str], cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=cwd, env=environment(extra), capture_output=True, text=True, timeout=300, check=False
    )


REFUSALS = {
    "wrong key": (["--api-key", "right"], "--api-key-env"),
    "unknown model": (["--known-model", "mm"], "did you mean 'mm'?"),
    "setting refused": (["--refuse-400", "no such field"], "check the settings of generation_config"),
}


@pytest.mark.parametrize(("flags", "advice"), REFUSALS.values(), ids=REFUSALS)
def test_who_refuses_everything_is_asked_little_and_quoted_once(flags, advice, tmp_path):
    write_gsm8k(tmp_path / "gsm8k", num=300)
    with running_stub(*flags) as stub:
        done = run(task_words(stub.url, tmp_path, "--api-key", "wrong"), tmp_path)
        asked = stub.stats()["requests"]
    assert done.returncode == 2
    assert done.stderr.count(advice) == 1
    assert done.stderr.count("error:") == 1
    assert asked <= 16
    assert not list((tmp_path / "outputs").glob("2*"))


def test_a_prompt_too_long_is_no_answer_and_says_so_in_its_row(tmp_path):
    write_gsm8k(tmp_path / "gsm8k", num=30)
    with running_stub("--refuse-400", "This model's maximum context length is 4096 tokens") as stub:
        done = run(task_words(stub.url, tmp_path), tmp_path)
        assert stub.stats()["requests"] == 30
    assert done.returncode == 1
    assert json.loads(done.stdout)["gsm8k"]["outcomes"] == {"request_failed": 30}
    rows = rows_of(tmp_path / "outputs/latest/reviews/m/gsm8k_main.jsonl")
    assert all("does not fit the model's context" in row["error"] for row in rows)


def test_nobody_there_is_said_within_two_attempts(tmp_path):
    write_gsm8k(tmp_path / "gsm8k", num=30)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = run(task_words(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", tmp_path), tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("connection refused") == 1
    assert done.stderr.count("is the server running?") == 1


async def test_a_key_that_is_refused_in_mid_run_stops_it_and_the_next_one_continues(tmp_path):
    write_gsm8k(tmp_path / "gsm8k", num=60)
    answered: list[int] = []
    is_revoked = True

    def choose(method: str, body: Any) -> Reply:
        if method != "POST" or (is_revoked and len(answered) >= 30):
            return error(401, "revoked")
        answered.append(place_of(body))
        return completion("ANSWER: 1")

    async with choosing(choose) as server:
        flags = ["--give-up-after", "1", "--eval-batch-size", "4"]
        words = task_words(server.url, tmp_path, *flags, "--run-name", "one")
        stopped = await asyncio.to_thread(run, words, tmp_path)
        is_revoked = False
        words = task_words(server.url, tmp_path, *flags, "--use-cache", "outputs/one")
        done = await asyncio.to_thread(run, words, tmp_path)
    assert stopped.returncode == 1
    assert stopped.stderr.count("--api-key-env") == 1
    assert f"--use-cache {tmp_path / 'outputs/one'}" in stopped.stderr
    assert json.loads(stopped.stdout)["gsm8k"]["missing"] == 30
    assert done.returncode == 0
    assert sorted(answered) == sorted(set(answered))
    assert json.loads(done.stdout)["gsm8k"]["outcomes"] == {"wrong": 60}


@pytest.mark.slow
@pytest.mark.parametrize("signals", [(signal.SIGKILL,), (signal.SIGSTOP, signal.SIGCONT)], ids=["dies", "freezes"])
def test_a_server_that_comes_back_costs_no_sample(signals, tmp_path):
    """It is killed and started anew at the same address, or stopped until requests have timed out."""
    write_gsm8k(tmp_path / "gsm8k", num=300)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = [sys.executable, "-m", "tests.servers.stub", "--port", str(port), "--latency-ms", "40"]
    flags = ["--timeout", "2", "--max-retries", "1", "--eval-batch-size", "8"]
    words = task_words(f"http://127.0.0.1:{port}/v1", tmp_path, *flags)
    processes = [start_server(server)]
    try:
        run_of_it = subprocess.Popen(
            words, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while stored_rows(tmp_path / "outputs/latest") < 60:
            assert run_of_it.poll() is None
            time.sleep(0.01)
        processes[0].send_signal(signals[0])
        time.sleep(6)
        if len(signals) == 2:
            processes[0].send_signal(signals[1])
        else:
            processes.append(start_server(server))
        stdout, stderr = run_of_it.communicate(timeout=120)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert run_of_it.returncode == 0, stderr
    assert json.loads(stdout)["gsm8k"]["num"] == 300
    assert stderr.count("requests in a row failed") == 1


def start_server(words: list[str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(words, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("stub server on")
    return process


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_server_with_all_faults_at_once_gets_every_question_answered(seed: int, tmp_path):
    write_gsm8k(tmp_path / "gsm8k", num=1319)
    faults = ["--error-rate", "0.05", "--rate-429", "0.05", "--drop-rate", "0.02", "--malformed-rate", "0.02"]
    with running_stub(*faults, "--retry-after", "1", "--seed", seed, "--latency-ms", "5") as stub:
        done = run(task_words(stub.url, tmp_path), tmp_path)
        counted = stub.stats()
    assert done.returncode == 0, done.stderr
    assert sum(json.loads(done.stdout)["gsm8k"]["outcomes"].values()) == json.loads(done.stdout)["gsm8k"]["num"] == 1319
    assert counted["ok"] == 1319
    assert min(counted[name] for name in ("error_500", "error_429", "dropped", "malformed")) > 0
    assert stored_rows(tmp_path / "outputs/latest") == 1319
    log = (tmp_path / "outputs/latest/logs/eval_log.log").read_text()
    assert len(log.splitlines()) <= 4, "a line for each episode, not for each of hundreds of retries"
