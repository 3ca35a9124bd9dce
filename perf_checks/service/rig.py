"""What every part measures with: folders of questions, a folder to write to, and how often."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from perf_checks.service.ours import evaluate, write_bodies
from perf_checks.service.questions import lay_out_gsm8k, num_rows


@dataclass(frozen=True, kw_only=True)
class Rig:
    """Shared by all parts.

    Attributes:
        folder: where everything is written; it is thrown away.
        given: a folder with GSM8K's train.jsonl and test.jsonl.
        peers: where the peers' environments are kept.
        num_rounds: how often each thing is measured, in turn with what it is compared with.
    """

    folder: Path
    given: Path | None
    peers: Path
    num_rounds: int

    @cached_property
    def gsm8k(self) -> Path:
        """GSM8K in jsonl."""
        return lay_out_gsm8k(self.folder / "gsm8k", self.given)

    @cached_property
    def num_gsm8k(self) -> int:
        """Its number of questions."""
        return num_rows(self.gsm8k / "test.jsonl")

    @cached_property
    def bodies(self) -> Path:
        """What our own run asks about GSM8K; whoever wants it first makes that run, which warms the disk's cache."""
        return write_bodies(self.folder / "gsm8k.jsonl", self.work_dir, evaluate(self.work_dir, "gsm8k", self.gsm8k))

    @property
    def num_long_rounds(self) -> int:
        """Rounds of what takes minutes."""
        return min(self.num_rounds, 3)

    @property
    def work_dir(self) -> Path:
        """Where our runs write, each in place of the one before."""
        return self.folder / "out"
