"""What hubs' clients print of their own accord: progress where somebody watches, and nothing else."""

import contextlib
import io
import logging
import sys
from collections.abc import Iterator
from typing import TextIO

LIBRARIES = ("modelscope_hub", "huggingface_hub")

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def only_progress(*, shows_progress: bool) -> Iterator[None]:
    """Lets the clients draw their progress bars on a terminal; their log goes into ours.

    Args:
        shows_progress: whether bars are wanted; none are drawn where standard error is no terminal.
    """
    is_watched = shows_progress and sys.stderr is not None and sys.stderr.isatty()
    with contextlib.ExitStack() as stack:
        for library in LIBRARIES:
            stack.enter_context(_forwarded(logging.getLogger(library), _Forward(sys.stderr)))
        if not is_watched:
            stack.enter_context(contextlib.redirect_stderr(io.StringIO()))  # where tqdm draws, whoever calls it
        yield


class _Forward(logging.Handler):
    """Takes a client's log over: errors are told once, by us; only a long wait must be heard of at once."""

    def __init__(self, stderr: TextIO) -> None:
        super().__init__(logging.WARNING)
        self._stderr = stderr

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().partition("\n")[0]
        level = logging.WARNING if text.startswith("Rate limited") else logging.INFO
        with contextlib.redirect_stderr(self._stderr):  # ours goes to the screen even while bars do not
            logger.log(level, "%s: %s", record.name.partition(".")[0], text)


@contextlib.contextmanager
def _forwarded(client: logging.Logger, forward: logging.Handler) -> Iterator[None]:
    handlers, propagate = client.handlers[:], client.propagate
    client.handlers[:] = [forward]
    client.propagate = False
    try:
        yield
    finally:
        client.handlers[:] = handlers
        client.propagate = propagate
