"""What the walk costs beside a bare client loop: CPU per sample, and the span at three latencies.

    python -m perf_checks.service --train train.jsonl --test test.jsonl

GSM8K's records (any files of that shape; made up ones where none are named), 4-shot, 64 requests at once, against the
stub server, which is restarted with the same seed for every run. At 0 ms it prints the CPU time of a whole run less
that of a run of five samples, per sample; at 50 and 500 ms (lognormal) the span that the server saw beside that of a
bare aiohttp loop which sends the very same bodies. Medians of --repeat runs.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import aiohttp
import orjson

from tests.own_data import sums, write_jsonl
from tests.servers.running import running_stub

SLOTS = 64
ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--latencies-ms", type=float, nargs="*", default=[50, 500])
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _lay_out(folder, flags.train, flags.test)
        num = sum(1 for _ in (folder / "gsm8k" / "test.jsonl").open())
        _print_cpu(folder, num, flags.repeat)
        for latency_ms in flags.latencies_ms:
            _print_span(folder, latency_ms, flags.repeat)


def _lay_out(folder: Path, train: Path | None, test: Path | None) -> None:
    (folder / "gsm8k").mkdir()
    for split, path, rows in (("train", train, sums(8)), ("test", test, sums(1319, first=100))):
        if path is None:
            write_jsonl(folder / "gsm8k" / f"{split}.jsonl", rows)
        else:
            (folder / "gsm8k" / f"{split}.jsonl").write_bytes(path.read_bytes())


def _print_cpu(folder: Path, num: int, repeat: int) -> None:
    whole, few, bare = [], [], []
    for seed in range(repeat):
        with running_stub("--seed", str(seed)) as stub:
            few.append(_evaluate(stub.url, folder, limit=5))
            whole.append(_evaluate(stub.url, folder))
            bodies = [entry["body"] for entry in stub.requests()][-5:]
            bare.append(_cpu_of(lambda url=stub.url, bodies=bodies: asyncio.run(_bare_loop(url, bodies, num))))
    cost_ms = (statistics.median(whole) - statistics.median(few)) / (num - 5) * 1000
    bare_ms = statistics.median(bare) / num * 1000
    print(f"{num} samples at 0 ms: {cost_ms:.3f} ms of CPU a sample (target 0.25); bare loop {bare_ms:.3f} ms")
    print(f"a whole run of 5 samples: {statistics.median(few):.2f} s of CPU (target 0.6)", flush=True)


def _print_span(folder: Path, latency_ms: float, repeat: int) -> None:
    ours, bare = [], []
    for seed in range(repeat):
        flags = ["--seed", str(seed), "--latency-ms", str(latency_ms), "--jitter", "0.5"]
        with running_stub(*flags) as stub:
            _evaluate(stub.url, folder)
            ours.append(stub.stats()["span_s"])
        bodies = _bodies(folder)
        with running_stub(*flags) as stub:
            asyncio.run(_bare_loop(stub.url, bodies, len(bodies)))
            bare.append(stub.stats()["span_s"])
    ratio = statistics.median(ours) / statistics.median(bare)
    print(
        f"at {latency_ms:g} ms: {statistics.median(ours):.2f} s, bare loop {statistics.median(bare):.2f} s: "
        f"{ratio:.3f} x (target 1.05)",
        flush=True,
    )


def _evaluate(url: str, folder: Path, limit: int | None = None) -> float:
    """Seconds of CPU that a whole run takes, start of Python included."""
    args = json.dumps({"gsm8k": {"local_path": str(folder / "gsm8k")}})
    command = [sys.executable, "-m", "evalscope", "eval", "--model", "stub", "--api-url", url, "--datasets", "gsm8k"]
    command += ["--eval-batch-size", str(SLOTS), "--dataset-args", args, "--work-dir", str(folder / "out"), "--quiet"]
    command += ["--limit", str(limit)] * (limit is not None)
    return _cpu_of(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT))


def _cpu_of(work: Callable[[], object]) -> float:
    before = _cpu_s()
    work()
    return _cpu_s() - before


def _cpu_s() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _bodies(folder: Path) -> list[dict]:
    """The bodies that our own run sends, taken from what it stored."""
    runs = sorted((folder / "out").glob("2*"), key=os.path.getmtime)
    rows = (runs[-1] / "predictions/stub/gsm8k_main.jsonl").read_text(encoding="utf-8").split("\n")
    return [{"model": "stub", "messages": json.loads(row)["messages"], "max_tokens": 2048} for row in rows if row]


async def _bare_loop(url: str, bodies: list[dict], num: int) -> None:
    work = iter([bodies[place % len(bodies)] for place in range(num)])
    headers = {"Content-Type": "application/json"}

    async def worker(session: aiohttp.ClientSession) -> None:
        for body in work:
            async with session.post(f"{url}/chat/completions", data=orjson.dumps(body), headers=headers) as reply:
                orjson.loads(await reply.read())["choices"][0]["message"]["content"]

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(worker(session) for _ in range(SLOTS)))


if __name__ == "__main__":
    main()
