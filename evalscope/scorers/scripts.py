"""A program that reads standard input, as a function from its input to its output."""

from collections.abc import Sequence

_RUNNER = '''
SOURCES = {sources!r}


def compiled():
    """The first reading of the program that compiles."""
    faults = []
    for source in SOURCES:
        try:
            return compile(source, "<program>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as fault:
            faults.append(fault)
    raise faults[0]


SCRIPT = compiled()


def run_script(text):
    """What the program writes when it reads this text."""
    import io
    import os
    import sys
    import tempfile

    kept = sys.stdin, sys.stdout
    while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass  # the run before may have closed a standard descriptor
    os.close(spare)
    with tempfile.TemporaryFile() as read, tempfile.TemporaryFile() as written:
        read.write(text.encode())
        read.seek(0)
        # as descriptors too: open(0), os.read and os.write are usual in contests
        os.dup2(read.fileno(), 0)
        os.dup2(written.fileno(), 1)
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), encoding="utf-8")
        try:
            exec(SCRIPT, {{"__name__": "__main__"}})
        except SystemExit:
            pass
        finally:
            sys.stdout.flush()
            sys.stdin, sys.stdout = kept
        written.seek(0)
        return written.read().decode("utf-8", "replace")
'''


def as_function(sources: Sequence[str]) -> str:
    """A program that defines run_script(text), which runs the first of the readings that compiles, from its top."""
    return _RUNNER.format(sources=list(sources))
