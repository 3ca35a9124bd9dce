"""The bare loop in a process of its own, against a stub server of its own."""

import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perf_checks.service.usage import run
from tests.servers.running import running_stub


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """What the loop took: CPU of itself for each request, and the span that the server saw."""

    cpu_ms: float
    span_s: float


def send_all(bodies: Path, num: int, server: Sequence[str] = ()) -> Bare:
    """The `num` bodies of the file, sent to a stub server with such flags."""
    with running_stub(*server) as stub:
        said = run([sys.executable, "-m", "perf_checks.service.bare_loop", stub.url, str(bodies)])
        stats = stub.stats()
    assert stats["ok"] == num, stats
    return Bare(cpu_ms=float(said.stdout) / num * 1000, span_s=stats["span_s"])


def say_cpu(loops: Sequence[Bare]) -> str:
    """Median and range of the loops' CPU: how quiet the machine was can be read off it."""
    costs = [loop.cpu_ms for loop in loops]
    return f"bare loop {statistics.median(costs):.3f} ms ({min(costs):.3f} – {max(costs):.3f})"
