"""Standard error during a run: progress, warnings, and where the log goes."""

import contextlib
import logging
import logging.handlers
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evalscope.core.hidden import harmless_lines

if TYPE_CHECKING:
    from rich.console import Console

LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
EARLY_RECORDS = 10_000
"""So many log records are kept until the run has a folder to write them to."""

LogTo = Callable[[Path], None]


class Screen:
    """Standard error, which takes text as it is; rich draws where somebody watches, and is not loaded elsewhere."""

    @property
    def is_terminal(self) -> bool:
        """Whether somebody watches."""
        return sys.stderr is not None and sys.stderr.isatty()

    @cached_property
    def rich(self) -> "Console":
        """What draws on a terminal."""
        from rich.console import Console

        return Console(stderr=True, markup=False, highlight=False, soft_wrap=True)

    def print(self, text: str) -> None:
        """Writes a line, above progress bars instead of through them; signs that would act are escaped."""
        text = harmless_lines(text)
        if self.is_terminal:
            self.rich.print(text)
        elif sys.stderr is not None:
            encoding = sys.stderr.encoding or "utf-8"
            sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
            sys.stderr.flush()


class _ScreenHandler(logging.Handler):
    """Prints what is logged."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # standard error may be gone; that must not end a run
            self._screen.print(self.format(record))


class _LogFile(logging.FileHandler):
    """Writes while there is room: a full disk ends the run with one message, not with one for each line of the log."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Passes over a line that could not be written."""

    def close(self) -> None:
        """Closes the file."""
        with contextlib.suppress(OSError):
            super().close()


@contextlib.contextmanager
def logging_to(screen: Screen, *, quiet: bool, debug: bool) -> Iterator[LogTo]:
    """Lets this package log to the screen, and to a file once there is one.

    Yields:
        A function that is told the file; what was logged before goes there too.
    """
    package = logging.getLogger("evalscope")
    on_screen = _ScreenHandler(screen)
    on_screen.setLevel(logging.DEBUG if debug else logging.ERROR if quiet else logging.WARNING)
    on_screen.setFormatter(logging.Formatter(LOG_FORMAT if debug else "%(levelname)s: %(message)s"))
    early = logging.handlers.MemoryHandler(EARLY_RECORDS, flushLevel=logging.CRITICAL + 1, flushOnClose=False)
    handlers: list[logging.Handler] = [on_screen, early]
    files: list[logging.FileHandler] = []

    def log_to(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = _LogFile(path, encoding="utf-8")
        file.setFormatter(logging.Formatter(LOG_FORMAT))
        early.setTarget(file)
        early.flush()
        package.removeHandler(early)
        package.addHandler(file)
        files.append(file)

    level, propagate = package.level, package.propagate
    package.setLevel(logging.DEBUG if debug else logging.INFO)
    package.propagate = False
    for handler in handlers:
        package.addHandler(handler)
    try:
        yield log_to
    finally:
        for handler in (*handlers, *files):
            package.removeHandler(handler)
            handler.close()
        package.setLevel(level)
        package.propagate = propagate
