"""Our own runs as a user starts them, each against a stub server of its own."""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from perf_checks.service.usage import EVALSCOPE, Usage, run
from tests.servers.running import running_stub

SLOTS = 64
EVALUATE = (*EVALSCOPE, "eval", "--model", "stub", "--quiet", "--run-name", "run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A whole run.

    Attributes:
        usage: of the command.
        stats: what the server counted.
        num_scored: samples that the reports count.
        last_body: what the server was asked last.
    """

    usage: Usage
    stats: Mapping[str, Any]
    num_scored: int
    last_body: Mapping[str, Any]

    @property
    def span_s(self) -> float:
        """From the first request to the last answer, as the server saw them."""
        return float(self.stats["span_s"])


def evaluate(
    work_dir: Path,
    dataset: str,
    questions: Path,
    *,
    server: Sequence[str] = (),
    slots: int | str = SLOTS,
    limit: int | None = None,
    may_lose: bool = False,
) -> Run:
    """A run in `work_dir`, in place of the one before, against a stub server with such flags.

    Raises:
        CommandFailed: nothing could be asked, or not all samples were scored and the run may not lose any.
    """
    shutil.rmtree(work_dir, ignore_errors=True)
    flags = ["--datasets", dataset, "--dataset-args", json.dumps({dataset: {"local_path": str(questions)}})]
    flags += ["--eval-batch-size", str(slots), "--work-dir", str(work_dir)]
    flags += ["--limit", str(limit)] * (limit is not None)
    with running_stub(*server) as stub:
        usage = run([*EVALUATE, "--api-url", stub.url, *flags], exit_codes=(0, 1) if may_lose else (0,))
        stats, last_body = stub.stats(), stub.requests()[-1]["body"]
    report = json.loads((work_dir / f"run/reports/stub/{dataset}.json").read_text(encoding="utf-8"))
    return Run(usage=usage, stats=stats, num_scored=report["num"], last_body=last_body)


def write_bodies(file: Path, work_dir: Path, made: Run) -> Path:
    """The bodies of all requests of the run in `work_dir`, one a line, in the order of the reports."""
    with file.open("wb") as lines:
        for messages in _stored_messages(work_dir):
            lines.write(orjson.dumps({**made.last_body, "messages": messages}) + b"\n")
    return file


def _stored_messages(work_dir: Path) -> Iterator[Any]:
    for path in sorted((work_dir / "run/predictions/stub").glob("*.jsonl")):
        with path.open("rb") as rows:
            yield from (orjson.loads(row)["messages"] for row in rows)
