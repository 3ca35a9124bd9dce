"""What Ray does to a program that joins a cluster, and is kept from doing here."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray._private.worker

logger = logging.getLogger(__name__)


@contextmanager
def sigterm_kept() -> Iterator[None]:
    """Takes SIGTERM back from what is called within.

    Ray puts a handler of its own under Python's when it connects. It prints where the program stood, calls the one that
    was there, and aborts the process three seconds later, whatever that is still doing.
    """
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread() and before is not None:
            signal.signal(signal.SIGTERM, before)
            if hasattr(signal, "siginterrupt"):
                signal.siginterrupt(signal.SIGTERM, False)  # as event loops set it


def log_what_would_be_printed() -> None:
    """Sends news of dead workers and nodes to our log.

    Ray prints them, with twenty lines of a node's log, on standard output, where the report stands alone; no setting of
    its own turns that off, `log_to_driver` included.
    """
    ray._private.worker.print_to_stdstream = _log


def _log(news: dict[str, Any], ignore_prefix: bool) -> None:
    logger.debug("Ray tells: %s", "\n".join(news["lines"]))
