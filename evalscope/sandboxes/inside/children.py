"""Child processes: born confined, each with a socket to whoever forked it, and ended for good."""

import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, NoReturn

from evalscope.sandboxes.inside.confinement import Filter, confine


class Child(NamedTuple):
    """A child process.

    Attributes:
        pid: its number.
        fd: the socket to it.
    """

    pid: int
    fd: int


class Work(NamedTuple):
    """What a child is for.

    Attributes:
        do: is called with the child's end of the socket, and the kept descriptors.
        kept: further descriptors that stay open in it.
    """

    do: Callable[..., None]
    kept: tuple[int, ...] = ()


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


def fork_children(works: Sequence[Work], filter_of_calls: Filter) -> list[Child]:
    """Children that do their work with one end of a socket, and end; nothing else but what the work keeps is open.

    The sockets are made first: what lies between two forks is copied page by page for the second.
    """
    sockets = [socket.socketpair() for _ in works]
    pids = []
    for work, (_, other) in zip(works, sockets, strict=True):
        pid = os.fork()
        if pid == 0:
            _begin(work, other.fileno(), filter_of_calls)
        pids.append(pid)
    for _, other in sockets:
        other.close()
    return [Child(pid, own.detach()) for pid, (own, _) in zip(pids, sockets, strict=True)]


def _begin(work: Work, fd: int, filter_of_calls: Filter) -> NoReturn:
    try:
        confine(filter_of_calls, (fd, *work.kept))
        work.do(fd, *work.kept)
        os._exit(0)
    finally:
        os._exit(1)


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
