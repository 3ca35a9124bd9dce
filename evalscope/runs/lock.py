"""One process at a time writes to a run."""

from collections.abc import Iterator
from contextlib import contextmanager

from evalscope.errors import ConfigError
from evalscope.runs.folder import RunFolder


@contextmanager
def locked(folder: RunFolder) -> Iterator[None]:
    """Holds the run's lock; it ends with the process, however that dies.

    Raises:
        ConfigError: another process holds it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder.root / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise ConfigError(f"another process is writing to the run in {folder.root}; wait for it or stop it") from None
    try:
        yield
    finally:
        lock.release()
