"""evalscope eval: a model, benchmarks, a table."""

from collections.abc import Sequence

from evalscope.run import run_command


def main(argv: Sequence[str]) -> int:
    """Runs the task of the command line."""
    return run_command("evalscope eval", argv)
