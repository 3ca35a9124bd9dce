"""evalscope eval: a model, benchmarks, a table."""

from collections.abc import Sequence

from evalscope.arguments import make_parser

PROG = "evalscope eval"


def main(argv: Sequence[str]) -> int:
    """Runs the task of the command line."""
    if {"-h", "--help"} & set(argv):
        make_parser(PROG).print_help()
        return 0
    from evalscope.run import run_command  # the engine, which help can do without

    return run_command(PROG, argv)
