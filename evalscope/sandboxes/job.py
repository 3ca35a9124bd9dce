"""What a sandbox is given and what comes back: a job, its limits, a verdict."""

from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """How a program's test ended; `broken` says nothing about the program."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one tested program may use.

    Attributes:
        timeout_s: seconds by the clock, for all tests of a problem together.
        memory_bytes: address space of the process.
        tmp_bytes: files in its /tmp, all together.
        tmp_files: how many.
        file_bytes: one file.
        open_files: at a time.
        message_bytes: one call's arguments, or its value.
    """

    timeout_s: float = 10.0
    memory_bytes: int = 1024 * 2**20
    tmp_bytes: int = 64 * 2**20
    tmp_files: int = 10_000
    file_bytes: int = 32 * 2**20
    open_files: int = 64
    message_bytes: int = 16 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A program and its tests.

    Attributes:
        programs: readings of what the model wrote, whole programs; the first that compiles is run.
        names: the functions of the program that the tests call.
        setup: what the tests need before they start; run beside the tests, not beside the program.
        tests: they raise where the program is wrong.
        is_weak: whether tests and program share one process, because the tests need the program's own classes. Then a
            program that sets out to can fake its verdict.
    """

    programs: tuple[str, ...]
    names: tuple[str, ...]
    tests: str
    setup: str = ""
    is_weak: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How it went.

    Attributes:
        ending: the one word.
        explanation: the assertion or traceback, trimmed; empty where all tests passed.
        cpu_s: CPU time of program and tests together.
    """

    ending: Ending
    explanation: str = ""
    cpu_s: float = 0.0
