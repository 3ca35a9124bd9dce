"""A model's program, compiled and run as a module of its own."""

import linecache
import sys
import traceback
import types
from collections.abc import Sequence

NAME = "<program>"
"""The program's file name in tracebacks."""

_MOST_CHARACTERS = 1000


def load(programs: Sequence[str]) -> dict[str, object]:
    """The names that the program defines; its `if __name__ == "__main__"` block does not run.

    Args:
        programs: readings of it; the first that compiles is run.

    Raises:
        SyntaxError: none compiles; the first one's.
        BaseException: whatever the program raises, SystemExit included.
    """
    faults: list[Exception] = []
    for text in programs:
        try:
            code = compile(text, NAME, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError) as error:  # ValueError: a null character, half of a surrogate
            faults.append(error)
            continue
        keep_lines(NAME, text)
        module = types.ModuleType("program")
        sys.modules["program"] = module  # dataclasses and pickle look their module up
        exec(code, module.__dict__)
        return module.__dict__
    raise faults[0]


def keep_lines(name: str, text: str) -> None:
    """Lets tracebacks quote a text."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)


def explain(error: BaseException, names: Sequence[str] = (NAME,)) -> str:
    """The traceback of an error, without lines of our own, trimmed in the middle."""
    try:
        summary = traceback.TracebackException.from_exception(error, limit=-8)
        summary.stack = traceback.StackSummary.from_list([frame for frame in summary.stack if frame.filename in names])
        summary.__cause__ = summary.__context__ = None
        return trim("".join(summary.format()).strip())
    except BaseException:  # noqa: BLE001 - a hostile __str__ may raise anything
        return type(error).__name__


def trim(text: str) -> str:
    """The text, its middle left out where it is long."""
    half = _MOST_CHARACTERS // 2
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:half]}\n…\n{text[-half:]}"
