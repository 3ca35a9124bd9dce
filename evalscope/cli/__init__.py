"""The command line: evalscope SUBCOMMAND …"""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

from evalscope.errors import EvalscopeError, nearest
from evalscope.version import __version__

# name → (module, what it does): the help lists them without importing any
SUBCOMMANDS: Mapping[str, tuple[str, str]] = {
    "eval": ("evalscope.cli.eval", "ask a model the questions of benchmarks, and score its answers"),
    "score": ("evalscope.cli.score", "grade the stored answers of a run once more, without asking the model"),
    "compare": ("evalscope.cli.compare", "say whether runs differ, and on which samples"),
    "verify": ("evalscope.cli.verify", "say whether data, prompts and versions are still those of a run"),
    "judge-check": ("evalscope.cli.judge_check", "measure a judge on answers that people have labelled"),
    "app": ("evalscope.cli.app", "look at runs in a browser"),
    "download": ("evalscope.cli.download", "fetch data sets and models for a machine without a network"),
    "benchmarks": ("evalscope.cli.benchmarks", "list the benchmarks, or show one with its prompt"),
}

EXAMPLE = """\
example:
  evalscope eval --model Qwen/Qwen2.5-0.5B-Instruct --datasets gsm8k arc --limit 5
  evalscope eval --model qwen2.5 --api-url http://127.0.0.1:8801/v1 --datasets gsm8k --limit 10"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a subcommand and returns its exit code; a reader that has gone away ends the output, not the program."""
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is flushed at exit
        return 0


def _run(words: Sequence[str]) -> int:
    if len(words) == 2 and words[0] == "help":
        return _run((words[1], "--help"))
    if not words or words[0] in {"-h", "--help", "help"}:
        print(_help(), flush=True)
        return 0 if words else 2
    if words[0] in {"--version", "-V"}:
        print(f"evalscope {__version__}", flush=True)
        return 0
    if words[0] not in SUBCOMMANDS:
        print(f"error: subcommand {words[0]!r} is unknown; {nearest(words[0], SUBCOMMANDS)}", file=sys.stderr)
        return 2
    module, _ = SUBCOMMANDS[words[0]]
    try:
        code: int = importlib.import_module(module).main(words[1:])
    except EvalscopeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return code


def _help() -> str:
    lines = [f"  {name:<12}{what}" for name, (_, what) in SUBCOMMANDS.items()]
    return "\n".join(
        (
            "usage: evalscope SUBCOMMAND …",
            "",
            "Evaluate language models.",
            "",
            "subcommands:",
            *lines,
            "",
            "'evalscope SUBCOMMAND --help' tells more.",
            "",
            EXAMPLE,
        )
    )
