"""The end of a child process."""

import os
import signal
import time
from typing import NamedTuple


class ChildEnd(NamedTuple):
    """How a child ended.

    Attributes:
        code: its exit code, negative for a signal.
        is_stopped: whether it was still running, and was killed.
        cpu_s: CPU time it took.
    """

    code: int
    is_stopped: bool
    cpu_s: float


def end_child(pid: int, grace_s: float) -> ChildEnd:
    """Waits so long for a child that seems to be dying by itself, then kills it."""
    until = time.monotonic() + grace_s
    while not (ended := os.wait4(pid, os.WNOHANG))[0] and time.monotonic() < until:
        time.sleep(0.001)
    is_stopped = not ended[0]
    if is_stopped:
        os.kill(pid, signal.SIGKILL)
        ended = os.wait4(pid, 0)
    _, status, usage = ended
    return ChildEnd(os.waitstatus_to_exitcode(status), is_stopped, usage.ru_utime + usage.ru_stime)
