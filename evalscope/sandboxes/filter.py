"""The filter of system calls, as the bytes of a BPF program that the kernel runs before each call."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from evalscope.sandboxes.syscalls import allowed_calls

# classic BPF, as in linux/filter.h: load a word of the call's description, compare, return
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ABOVE, _RETURN = 0x20, 0x15, 0x35, 0x25, 0x06
# struct seccomp_data of linux/seccomp.h: number, architecture, the second argument (32 bits, as the kernel reads it)
_NUMBER, _ARCHITECTURE, _SECOND_ARGUMENT = 0, 4, 24
_ALLOW, _KILL, _NOT_PERMITTED = 0x7FFF0000, 0x80000000, 0x00050001

_COMMANDS_OF_FILES = (0, 1, 2, 3, 4, 5, 6, 7, 1030)  # fcntl: copies, flags and locks; no leases, no signals
_COMMANDS_OF_DEVICES = (0x5401, 0x5413, 0x5421, 0x5450, 0x5451)  # ioctl: is it a terminal, how wide, close on exec


@dataclass(frozen=True, slots=True, kw_only=True)
class _Machine:
    """What differs between architectures.

    Attributes:
        token: AUDIT_ARCH_… of linux/audit.h.
        foreign_calls: the number from which calls belong to another calling convention (x32); 0 for none.
        by_command: fcntl and ioctl, which are allowed with a few commands only.
    """

    token: int
    foreign_calls: int
    by_command: Mapping[int, tuple[int, ...]]


_MACHINES = {
    "x86_64": _Machine(
        token=0xC000003E,
        foreign_calls=0x40000000,
        by_command={72: _COMMANDS_OF_FILES, 16: _COMMANDS_OF_DEVICES},
    ),
    "aarch64": _Machine(
        token=0xC00000B7,
        foreign_calls=0,
        by_command={25: _COMMANDS_OF_FILES, 29: _COMMANDS_OF_DEVICES},
    ),
}
MACHINES = tuple(_MACHINES)
"""Architectures that there is a filter for, by the name that `uname -m` gives."""


@lru_cache
def filter_bytes(machine: str) -> bytes:
    """The filter of one architecture: what is not allowed fails with EPERM, a foreign architecture ends the process."""
    own = _MACHINES[machine]
    program = [_step(_LOAD, _ARCHITECTURE), _step(_IF_EQUAL, own.token, 1, 0), _step(_RETURN, _KILL)]
    program.append(_step(_LOAD, _NUMBER))
    if own.foreign_calls:
        program += [_step(_IF_AT_LEAST, own.foreign_calls, 0, 1), _step(_RETURN, _KILL)]
    for number, commands in own.by_command.items():
        steps = [_step(_LOAD, _SECOND_ARGUMENT)]
        for command in commands:
            steps += [_step(_IF_EQUAL, command, 0, 1), _step(_RETURN, _ALLOW)]
        steps.append(_step(_RETURN, _NOT_PERMITTED))
        program += [_step(_IF_EQUAL, number, 0, len(steps)), *steps]
    return b"".join(program + _search(_ranges(allowed_calls(machine))))


def _search(ranges: Sequence[tuple[int, int]]) -> list[bytes]:
    """Steps that allow the numbers in the ranges, by halving: to install them, the kernel tries each call there is."""
    if len(ranges) == 1:
        ((low, high),) = ranges
        steps = [_step(_IF_AT_LEAST, low, 0, 2), _step(_IF_ABOVE, high, 1, 0), _step(_RETURN, _ALLOW)]
        return [*steps, _step(_RETURN, _NOT_PERMITTED)]
    middle = len(ranges) // 2
    below, above = _search(ranges[:middle]), _search(ranges[middle:])
    return [_step(_IF_AT_LEAST, ranges[middle][0], len(below), 0), *below, *above]


def _step(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction; the jumps say how many of the next ones are skipped."""
    return struct.pack("<HBBI", code, if_true, if_false, operand)


def _ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Runs of neighbours among sorted numbers, as (first, last)."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
