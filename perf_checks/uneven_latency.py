"""Slots under uneven latency: our span beside a bare client loop's and that of a perfect pool.

    python -m perf_checks.uneven_latency

400 requests, 32 at a time, nine in ten answered after 50 ms and one in ten after 1.5 s. A perfect pool refills a slot
at once and costs nothing; its span is simulated (median of many draws). It is longer than the whole waiting time
divided by the slots, which nobody can reach who does not know the latencies beforehand: the last slow answers are
waited for while other slots stand empty. The bare loop is aiohttp with 32 workers over one list, against a server with
the same seed. The target is 1.2 times the perfect pool.
"""

import argparse
import asyncio
import heapq
import json
import random
import statistics
import tempfile
from pathlib import Path

import aiohttp

from tests.commands import shell
from tests.own_data import sums, write_jsonl
from tests.servers.running import running_stub

NUM, SLOTS = 400, 32
FAST_MS, SLOW_MS, SLOW_SHARE = 50, 1500, 0.1
WORK_S = NUM * ((1 - SLOW_SHARE) * FAST_MS + SLOW_SHARE * SLOW_MS) / 1000 / SLOTS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as folder:
        path = write_jsonl(Path(folder) / "gsm8k" / "test.jsonl", sums(NUM))
        ours, bare = [], []
        for seed in range(repeat):
            bare.append(_span(seed, lambda url: asyncio.run(_bare_loop(url, path))))
            ours.append(_span(seed, lambda url: _evaluate(url, Path(folder))))
            print(f"seed {seed}: ours {ours[-1]:.2f} s, bare loop {bare[-1]:.2f} s", flush=True)
    own, limit, perfect = statistics.median(ours), statistics.median(bare), _perfect_pool()
    print(f"perfect pool {perfect:.2f} s; all waiting divided by the slots {WORK_S:.2f} s")
    print(f"median: ours is {own / perfect:.3f} x the perfect pool (target 1.2) and {own / limit:.3f} x the bare loop")


def _perfect_pool(draws: int = 1001) -> float:
    """The median span of a pool that costs nothing, over random orders of slow and fast answers."""
    rng = random.Random(0)
    spans = []
    for _ in range(draws):
        ends = [0.0] * SLOTS
        for _ in range(NUM):
            wait_ms = SLOW_MS if rng.random() < SLOW_SHARE else FAST_MS
            heapq.heapreplace(ends, ends[0] + wait_ms / 1000)
        spans.append(max(ends))
    return statistics.median(spans)


def _span(seed: int, ask) -> float:
    """Seconds from the first request to the last answer, as the server saw them."""
    flags = ["--seed", str(seed), "--latency-ms", str(FAST_MS), "--slow-share", str(SLOW_SHARE)]
    with running_stub(*flags, "--slow-ms", str(SLOW_MS - FAST_MS)) as stub:
        ask(stub.url)
        stats = stub.stats()
    assert stats["ok"] == NUM, stats
    return stats["span_s"]


async def _bare_loop(url: str, path: Path) -> None:
    questions = iter([json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines()])

    async def worker(session: aiohttp.ClientSession) -> None:
        for question in questions:
            body = {"model": "stub", "messages": [{"role": "user", "content": question}]}
            async with session.post(f"{url}/chat/completions", json=body) as reply:
                await reply.json()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(worker(session) for _ in range(SLOTS)))


def _evaluate(url: str, folder: Path) -> None:
    args = json.dumps({"gsm8k": {"local_path": str(folder / "gsm8k"), "few_shot_num": 0}})
    done = shell(
        f"evalscope eval --model stub --api-url {url} --datasets gsm8k --eval-batch-size {SLOTS} --quiet "
        f"--dataset-args '{args}'",
        folder,
    )
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    main()
