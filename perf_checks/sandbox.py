"""What a sandbox costs: HumanEval's canonical solutions a second, beside a plain `subprocess` for each test.

    python -m perf_checks.sandbox --data HumanEval.jsonl.gz

Three ways in turn, as many programs side by side each time: Python started anew for each problem, without any sandbox;
warm sandboxes with tests and program in processes of their own, which is how problems are scored; warm sandboxes with
both in one. Of --repeat rounds the median counts, of rates and of what each round's rates are to one another. The CPU
time of a program says on a busy machine what rates cannot. Needs bubblewrap on Linux.
"""

import argparse
import asyncio
import contextlib
import gzip
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import NamedTuple

from evalscope.registry import find_benchmark
from evalscope.sandboxes.engine import EngineName, Settings
from evalscope.sandboxes.job import Ending, Job
from evalscope.sandboxes.pool import Sandboxes
from evalscope.scorers.run_tests import make_job

TARGETS = {"apart": 2.0, "together": 4.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--side-by-side", type=int, default=os.cpu_count())
    flags = parser.parse_args()
    with gzip.open(flags.data, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    samples = [find_benchmark("humaneval").to_sample(record) for record in records]
    apart = [make_job(str(sample.target), sample) for sample in samples]
    together = [replace(job, is_weak=True, setup="") for job in apart]
    rounds = asyncio.run(_rounds(records, {"apart": apart, "together": together}, flags.repeat, flags.side_by_side))
    plain = rounds.pop("plain")
    print(f"plain subprocess: {_text(plain)}, {flags.side_by_side} side by side")
    for way, costs in rounds.items():
        times = median(other.wall_s / own.wall_s for own, other in zip(costs, plain, strict=True))
        print(f"sandbox, tests and program {way}: {_text(costs)}; {times:.2f} x (target {TARGETS[way]:g})")


class Cost(NamedTuple):
    """Of one program, with the tests of its problem; CPU time over all cores."""

    wall_s: float
    cpu_s: float


def _text(costs: Sequence[Cost]) -> str:
    rate, cpu_s = median(1 / cost.wall_s for cost in costs), median(cost.cpu_s for cost in costs)
    return f"{rate:.0f} a second, {cpu_s * 1000:.1f} ms of CPU each"


async def _rounds(
    records: Sequence[dict], ways: dict[str, Sequence[Job]], repeat: int, side_by_side: int
) -> dict[str, list[Cost]]:
    pool = Sandboxes(Settings(engine=EngineName.BUBBLEWRAP, num_sandboxes=side_by_side))
    costs: dict[str, list[Cost]] = {"plain": [], **{way: [] for way in ways}}
    for jobs in ways.values():
        await _run_all(pool, jobs[: 8 * side_by_side])  # start-up is no part of a rate
    for _ in range(repeat):
        began, cpu_s = time.perf_counter(), _cpu_s_of_children()
        _run_plainly(records, side_by_side)
        costs["plain"].append(_cost(time.perf_counter() - began, _cpu_s_of_children() - cpu_s, len(records)))
        for way, jobs in ways.items():
            began, cpu_s = time.perf_counter(), _cpu_s_of(pool.pids) + time.process_time()
            await _run_all(pool, jobs)
            used_s = _cpu_s_of(pool.pids) + time.process_time() - cpu_s
            costs[way].append(_cost(time.perf_counter() - began, used_s, len(jobs)))
    await pool.aclose()
    return costs


def _cost(wall_s: float, cpu_s: float, num: int) -> Cost:
    return Cost(wall_s / num, cpu_s / num)


def _cpu_s_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cpu_s_of(pids: Sequence[int]) -> float:
    """CPU time of processes, of those below them, and of those that have ended there."""
    ticks = 0.0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
            below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            ticks += _cpu_s_of([*map(int, below)]) * os.sysconf("SC_CLK_TCK")
    return ticks / os.sysconf("SC_CLK_TCK")


async def _run_all(pool: Sandboxes, jobs: Sequence[Job]) -> None:
    verdicts = await asyncio.gather(*(pool.run(job) for job in jobs))
    assert all(verdict.ending is Ending.PASSED for verdict in verdicts), verdicts


def _run_plainly(records: Sequence[dict], side_by_side: int) -> None:
    def run(record: dict) -> None:
        text = f"{record['prompt']}{record['canonical_solution']}\n{record['test']}\ncheck({record['entry_point']})"
        subprocess.run([sys.executable, "-c", text], check=True)

    with ThreadPoolExecutor(side_by_side) as threads:
        list(threads.map(run, records))


if __name__ == "__main__":
    main()
