"""What the stub server remembers and counts."""

import argparse
import json
import math
import random
import resource
import time
from collections import deque
from pathlib import Path
from typing import Any

import orjson

from tests.servers.allowance import Allowance
from tests.servers.answers import Answer, Answers
from tests.servers.known import read_arc, read_gsm8k, read_known, read_mcq

KEPT_REQUESTS = 200

COUNTED = (
    "requests",
    "ok",
    "duplicates",
    "duplicates_of_ok",
    "streams",
    "error_500",
    "error_429",
    "refused",
    "dropped",
    "malformed",
    "empty",
    "hung",
    "slow",
    "aborted_by_client",
    "connections",
    "bytes_in",
)


class State:
    """Shared by all connections of one server."""

    def __init__(self, flags: argparse.Namespace) -> None:
        self.flags = flags
        known = [entry for path in flags.gsm8k for entry in read_gsm8k(path)]
        known += [entry for path in flags.arc for entry in read_arc(path)]
        known += [entry for path in flags.mcq for entry in read_mcq(path)]
        known += [entry for path in flags.known for entry in read_known(path)]
        self.answers = Answers(
            known=known,
            p_correct=flags.p_correct,
            shares=flags.shares,
            template=flags.answer_template,
            words=flags.answer_tokens,
        )
        self.rng = random.Random(flags.seed)
        self.waiting: deque = deque()
        self.busy = 0
        self.tasks: set = set()
        self.logged: set[int] = set()
        self.models = flags.known_model or [flags.model]
        if flags.log_verdicts:
            Path(flags.log_verdicts).write_text("", encoding="utf-8")
        self.reset()

    def reset(self) -> None:
        flags = self.flags
        self.allowance = None
        if flags.allow_per_second:
            self.allowance = Allowance(flags.allow_per_second, flags.allow_kind, flags.allow_headers)
        self.seen: set[int] = set()
        self.served: set[int] = set()
        self.count = dict.fromkeys(COUNTED, 0)
        self.kept: deque[tuple[bytes, bytes]] = deque(maxlen=KEPT_REQUESTS)
        self.slow_rng = random.Random(self.flags.seed + 1)
        self.inflight = self.peak = 0
        self.first = self.last = None
        self.cpu_at_start = time.process_time()

    def stats(self) -> dict[str, Any]:
        return {
            **self.count,
            "unique_prompts": len(self.seen),
            "unique_served": len(self.served),
            "peak_concurrency": self.peak,
            "inflight": self.inflight,
            "span_s": round(self.last - self.first, 4) if self.first and self.last else 0,
            "cpu_s": round(time.process_time() - self.cpu_at_start, 4),
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }

    def requests(self) -> list[dict[str, Any]]:
        """The last requests for a completion; they are kept raw and only understood here, off the fast path."""
        return [understand(head, body) for head, body in self.kept]

    def begin(self, digest: int) -> None:
        """Counts a request that is going to be answered."""
        if digest in self.seen:
            self.count["duplicates"] += 1
        else:
            self.seen.add(digest)
        if digest in self.served:
            self.count["duplicates_of_ok"] += 1
        self.inflight += 1
        self.peak = max(self.peak, self.inflight)

    def latency_s(self) -> float:
        flags = self.flags
        mean, sigma = flags.latency_ms / 1000, flags.jitter
        # less by half the variance, which keeps the mean
        drawn = self.rng.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma) if mean and sigma else mean
        if flags.slow_share and self.slow_rng.random() < flags.slow_share:
            self.count["slow"] += 1
            drawn += flags.slow_ms / 1000
        return drawn

    def draw_fault(self) -> str | None:
        rates = self.flags.fault_rates
        if not rates:
            return None
        unit = self.rng.random()
        for name, rate in rates:
            if unit < rate:
                return name
            unit -= rate
        return None

    def was_served(self, digest: int, answer: Answer) -> None:
        self.count["ok"] += 1
        self.served.add(digest)
        if self.flags.log_verdicts and digest not in self.logged:
            self.logged.add(digest)
            line = {"question": answer.question, "verdict": answer.verdict, "answer": answer.target}
            line["prompt"] = f"{digest:016x}"
            with Path(self.flags.log_verdicts).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def understand(head: bytes, body: bytes) -> dict[str, Any]:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    try:
        understood = orjson.loads(body)
    except orjson.JSONDecodeError:
        understood = body.decode("utf-8", "replace")
    return {"method": method, "path": path, "headers": headers, "body": understood}
