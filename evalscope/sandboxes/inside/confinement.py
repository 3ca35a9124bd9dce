"""The limits that keepers put on themselves, and their children on top before they run code that nobody trusts.

What a child does after its fork is paid for by every program (page faults, mostly), so whatever can be is inherited.
"""

import contextlib
import ctypes
import math
import os
import resource
from collections.abc import Sequence
from typing import NamedTuple

_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_MOST_DESCRIPTORS = 4096

_LIBC = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


class Filter:
    """A filter of system calls, ready to be installed."""

    def __init__(self, steps: bytes) -> None:
        """Takes the bytes of a BPF program; without any, nothing is filtered."""
        self._program = ctypes.byref(_Program(len(steps) // 8, steps)) if steps else None

    def install(self) -> None:
        """Filters the calls of this process for the rest of its life.

        Raises:
            OSError: the kernel does not take the filter.
        """
        if self._program and _LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, self._program, 0, 0):
            raise OSError(ctypes.get_errno(), "the kernel does not take the filter of system calls")


class Confinement(NamedTuple):
    """What one process may use.

    Attributes:
        memory_bytes: address space.
        file_bytes: size of one file.
        open_files: at a time.
    """

    memory_bytes: int
    file_bytes: int
    open_files: int


def confine_keeper(limits: Confinement) -> tuple[int, int]:
    """Confines this process and all that it will fork, but for their time and their system calls.

    Returns:
        Descriptors of what were standard input and output; 0, 1 and 2 are /dev/null from now on.
    """
    with contextlib.suppress(AttributeError):  # no Linux
        _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # others of the same user cannot read its memory
        _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    jobs, replies, null = os.dup(0), os.dup(1), os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_CORE, 0)
    return jobs, replies


def confine(filter_of_calls: Filter, kept: Sequence[int]) -> None:
    """Confines this process, a keeper's child, for the rest of its life: only the kept descriptors stay open.

    Raises:
        OSError: the kernel does not take the filter.
    """
    first = 3
    for fd in sorted(kept):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, _MOST_DESCRIPTORS)
    filter_of_calls.install()


def limit_time(pid: int, timeout_s: float) -> None:
    """Ends a child a little after its time even where nobody watches the clock; not there on every system."""
    if hasattr(resource, "prlimit"):
        cpu_s = math.ceil(timeout_s) + 1
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))


def _limit(what: int, most: int) -> None:
    """Sets a limit, never above the one that is there."""
    _, ceiling = resource.getrlimit(what)
    top = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
    resource.setrlimit(what, (top, top))
