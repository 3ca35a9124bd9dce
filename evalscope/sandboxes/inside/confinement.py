"""The limits that a process puts on itself before it runs code that nobody trusts."""

import contextlib
import ctypes
import math
import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass

_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 4, 22, 38
_SECCOMP_MODE_FILTER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What a tested process may use.

    Attributes:
        memory_bytes: address space.
        file_bytes: size of one file.
        open_files: at a time.
        filter: BPF bytes that decide which system calls are allowed; empty where there is none for this machine.
    """

    memory_bytes: int
    file_bytes: int
    open_files: int
    filter: bytes


_LIBC = ctypes.CDLL(None, use_errno=True)  # looked up before a fork: it costs a child a hundred page faults


class _Program(ctypes.Structure):
    """struct sock_fprog of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def forbid_tracing() -> None:
    """Makes this process's memory unreadable to others of the same user."""
    with contextlib.suppress(AttributeError):  # no Linux
        _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine(limits: Confinement, timeout_s: float, kept: Sequence[int]) -> tuple[int, ...]:
    """Confines this process for the rest of its life.

    Args:
        limits: what it may use.
        timeout_s: of the clock; a little more of CPU time ends it even where nobody watches.
        kept: descriptors that stay open.

    Returns:
        The kept descriptors under their new numbers, from 3 on; 0, 1 and 2 are /dev/null.

    Raises:
        OSError: the kernel does not take the filter.
    """
    fds = _keep_only(kept)
    cpu_s = math.ceil(timeout_s) + 1
    _limit(resource.RLIMIT_CPU, cpu_s, cpu_s + 1)
    _limit(resource.RLIMIT_AS, limits.memory_bytes)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError, ValueError):  # an ordinary user who has more processes than that already
        _limit(resource.RLIMIT_NPROC, 1)
    if limits.filter:
        _install(limits.filter)
    return fds


def _keep_only(kept: Sequence[int]) -> tuple[int, ...]:
    high = [os.dup2(fd, 200 + place) for place, fd in enumerate(kept)]  # out of the way of 3, 4, …
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    fds = tuple(os.dup2(fd, 3 + place) for place, fd in enumerate(high))
    os.closerange(3 + len(fds), 4096)
    return fds


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    """Sets a limit, never above the one that is there."""
    _, ceiling = resource.getrlimit(what)
    wanted = soft if hard is None else hard
    top = wanted if ceiling == resource.RLIM_INFINITY else min(wanted, ceiling)
    resource.setrlimit(what, (min(soft, top), top))


def _install(steps: bytes) -> None:
    program = _Program(len(steps) // 8, steps)
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or _LIBC.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel does not take the filter of system calls")
