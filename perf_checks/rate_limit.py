"""How close a run comes to what a service allows: requests a second, and the share refused.

    python -m perf_checks.rate_limit

1319 questions with --eval-batch-size auto against the stub server, which allows 20 requests a second in a sliding
window or out of a bucket and answers the others 429 with Retry-After 1. Targets: within 10 % of 20 a second in the
second half, fewer than 2 % refused. Then the spans with auto beside those with 64 at once, without limit and where the
server serves 32 at once. What faults at random cost is measured by perf_checks.service.
"""

import argparse
import json
import shlex
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.commands import shell
from tests.own_data import sums, write_jsonl
from tests.servers.running import running_stub

NUM = 1319


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=("limits", "spans"), default=("limits", "spans"))
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        check = Check(Path(name), flags.seed)
        if "limits" in flags.only:
            check.print_limits()
        if "spans" in flags.only:
            check.print_spans()


@dataclass(frozen=True)
class Run:
    """What the server had counted half-way and at the end, and seconds of the whole command."""

    half: dict[str, Any]
    stats: dict[str, Any]
    wall_s: float

    @property
    def rate_at_the_end(self) -> float:
        """Answers a second in the second half."""
        return (self.stats["ok"] - self.half["ok"]) / (self.stats["span_s"] - self.half["span_s"])


class Check:
    """Runs in one folder; each asks all questions anew."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder, seed
        write_jsonl(folder / "gsm8k" / "test.jsonl", sums(NUM, first=100))

    def print_limits(self) -> None:
        """Rates against a service that allows 20 requests a second."""
        for kind in ("window", "bucket"):
            for latency_ms in (0, 300, 1000):
                server = f"--allow-per-second 20 --allow-kind {kind} --latency-ms {latency_ms} --jitter 0.5"
                run = self.evaluate(server, "auto")
                share = run.stats["error_429"] / run.stats["requests"]
                print(
                    f"20 a second, {kind}, {latency_ms} ms: {run.rate_at_the_end:.2f} a second in the second half, "
                    f"{NUM / run.stats['span_s']:.2f} over all, {share:.2%} refused",
                    flush=True,
                )

    def print_spans(self) -> None:
        """Auto beside a fixed number."""
        for server in (
            "--latency-ms 0",
            "--latency-ms 50 --jitter 0.5",
            "--latency-ms 500 --jitter 0.5",
            "--latency-ms 100 --jitter 0.5 --max-concurrency 32",
        ):
            auto, fixed = self.evaluate(server, "auto"), self.evaluate(server, "64")
            print(
                f"{server}: auto {auto.stats['span_s']:.2f} s with at most {auto.stats['peak_concurrency']} at once, "
                f"64 at once {fixed.stats['span_s']:.2f} s",
                flush=True,
            )

    def evaluate(self, server: str, batch_size: str) -> Run:
        """A whole run against a stub server with such flags."""
        args = json.dumps({"gsm8k": {"local_path": str(self.folder / "gsm8k"), "few_shot_num": 0}})
        with running_stub("--seed", self.seed, *shlex.split(server)) as stub:
            began = time.perf_counter()
            with ThreadPoolExecutor(1) as beside:
                evaluation = beside.submit(
                    shell,
                    f"evalscope eval --model stub --api-url {stub.url} --datasets gsm8k --quiet "
                    f"--eval-batch-size {batch_size} --dataset-args '{args}'",
                    self.folder,
                )
                while not evaluation.done() and stub.stats()["ok"] < NUM / 2:
                    time.sleep(0.25)
                half = stub.stats()
                done = evaluation.result()
            assert done.returncode == 0, done.stderr
            return Run(half, stub.stats(), time.perf_counter() - began)


if __name__ == "__main__":
    main()
