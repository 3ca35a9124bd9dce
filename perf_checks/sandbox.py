"""What a sandbox costs: HumanEval's canonical solutions a second, beside a plain `subprocess` for each test.

    python -m perf_checks.sandbox --data HumanEval.jsonl.gz

Three ways in turn, as many programs side by side each time: Python started anew for each problem, without any sandbox;
warm sandboxes with tests and program in processes of their own, which is how problems are scored; warm sandboxes with
both in one. Of --repeat rounds the fastest counts: whatever else runs on the machine only ever slows one down. Needs
bubblewrap.
"""

import argparse
import asyncio
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from evalscope.registry import find_benchmark
from evalscope.sandboxes.engine import EngineName, Settings
from evalscope.sandboxes.job import Ending, Job
from evalscope.sandboxes.pool import Sandboxes
from evalscope.scorers.run_tests import make_job

TARGETS = {"apart": 2.0, "together": 4.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=8)
    parser.add_argument("--side-by-side", type=int, default=os.cpu_count())
    flags = parser.parse_args()
    with gzip.open(flags.data, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    samples = [find_benchmark("humaneval").to_sample(record) for record in records]
    apart = [make_job(str(sample.target), sample) for sample in samples]
    together = [replace(job, is_weak=True, setup="") for job in apart]
    rates = asyncio.run(_rates(records, {"apart": apart, "together": together}, flags.repeat, flags.side_by_side))
    plain = rates.pop("plain")
    print(f"plain subprocess: {plain:.0f} a second, {flags.side_by_side} side by side")
    for way, rate in rates.items():
        print(f"sandbox, tests and program {way}: {rate:.0f} a second, {rate / plain:.1f} x (target {TARGETS[way]:g})")


async def _rates(
    records: Sequence[dict], ways: dict[str, Sequence[Job]], repeat: int, side_by_side: int
) -> dict[str, float]:
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, num_sandboxes=side_by_side))
    seconds: dict[str, list[float]] = {"plain": [], **{way: [] for way in ways}}
    await _run_all(pool, ways["apart"][:side_by_side])  # start-up is no part of a rate
    for _ in range(repeat):
        seconds["plain"].append(_seconds_of(lambda: _run_plainly(records, side_by_side)))
        for way, jobs in ways.items():
            started = time.perf_counter()
            await _run_all(pool, jobs)
            seconds[way].append(time.perf_counter() - started)
    await pool.aclose()
    return {way: len(records) / min(spans) for way, spans in seconds.items()}


async def _run_all(pool: Sandboxes, jobs: Sequence[Job]) -> None:
    verdicts = await asyncio.gather(*(pool.run(job) for job in jobs))
    assert all(verdict.ending is Ending.PASSED for verdict in verdicts), verdicts


def _run_plainly(records: Sequence[dict], side_by_side: int) -> None:
    def run(record: dict) -> None:
        text = f"{record['prompt']}{record['canonical_solution']}\n{record['test']}\ncheck({record['entry_point']})"
        subprocess.run([sys.executable, "-c", text], check=True)

    with ThreadPoolExecutor(side_by_side) as threads:
        list(threads.map(run, records))


def _seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
