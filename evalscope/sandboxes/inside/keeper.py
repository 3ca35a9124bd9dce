"""The keeper of a sandbox: takes jobs, has tests and program run in children of their own, and says how it went.

Two keepers share a sandbox. This one forks the processes that run tests; its twin, forked before any job was read,
forks those that run programs, so that no memory a program can see has ever held a test.
"""

import contextlib
import gc
import os
import signal
import sys
import time
from functools import partial
from typing import NamedTuple, NoReturn

from evalscope.sandboxes.inside import answering, examining, frames
from evalscope.sandboxes.inside.children import Child, ChildEnd, Work, end_child, fork_children
from evalscope.sandboxes.inside.confinement import Confinement, Filter, confine_keeper, limit_time
from evalscope.sandboxes.inside.spares import Spares

_LOOK_EVERY_S = 0.25
_GRACE_S = 0.5
"""So long may a child that closed its channel take to die by itself."""
_MOST_VERDICT_BYTES = 64 * 2**10

# what programs and tests import most; a fork has them already
_COMMON = """
bisect collections copy functools heapq io itertools math operator re string sys traceback types typing
"""


class _Pair(NamedTuple):
    """Two processes that wait for a job.

    Attributes:
        tests: the one that will run the tests.
        program_pid: of the one that will run the program, which the other has a channel to; None where it will do both.
    """

    tests: Child
    program_pid: int | None

    def pids(self) -> list[int]:
        """Of both, or of the only one."""
        return [self.tests.pid] if self.program_pid is None else [self.tests.pid, self.program_pid]


class _Sandbox(NamedTuple):
    """What a keeper knows of its sandbox.

    Attributes:
        cores: all that may be used; short jobs keep to one.
    """

    twin: answering.Twin
    pairs: Spares[_Pair]
    singles: Spares[_Pair]
    cores: frozenset[int]
    tmp: str
    tmp_files: int


def serve() -> NoReturn:
    """Takes jobs from standard input until it is closed; verdicts go to what was standard output."""
    own_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ.clear()
    settings = frames.receive(0)
    if settings is None:
        os._exit(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cores = _settle(settings["place"])
    _warm_up(own_path)
    limits = Confinement(
        memory_bytes=settings["memory_bytes"], file_bytes=settings["file_bytes"], open_files=settings["open_files"]
    )
    jobs, replies = confine_keeper(limits)
    filter_of_calls = Filter(bytes.fromhex(settings["filter"]))
    twin = answering.Twin(filter_of_calls, (jobs, replies))
    sandbox = _Sandbox(
        twin=twin,
        pairs=Spares(partial(_fork_pairs, twin, filter_of_calls)),
        singles=Spares(partial(_fork_singles, filter_of_calls)),
        cores=cores,
        tmp=settings["tmp"],
        tmp_files=settings["tmp_files"],
    )
    frames.send(replies, {"ready": True})
    with contextlib.suppress(BrokenPipeError):  # whoever asked was killed
        while (job := frames.receive(jobs)) is not None:
            frames.send(replies, _judge(sandbox, job))
    if sandbox.tmp != "/tmp":  # a folder of the machine, which nobody else is there to remove
        import shutil  # heavy, and of no use to any fork

        shutil.rmtree(sandbox.tmp, ignore_errors=True)
    os._exit(0)


def _settle(place: int) -> frozenset[int]:
    """Has this process and its forks keep to one core; what comes back are all that it had.

    Tests and program wait for each other, so one core is enough for both, and to wake another one for each call takes
    longer than the call.
    """
    if not hasattr(os, "sched_setaffinity"):  # no Linux
        return frozenset()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[place % len(cores)]})
    return frozenset(cores)


def _warm_up(own_path: list[str]) -> None:
    _import_random()
    for name in _COMMON.split():
        __import__(name)
    sys.path[:] = [entry for entry in sys.path if entry not in own_path]  # a program has no use for this package
    gc.collect()
    gc.freeze()  # a child that collects garbage would copy every page otherwise


def _import_random() -> None:
    """Each fork has the same seed; else the module would seed itself in each, for a quarter of a fork's price."""
    register, os.register_at_fork = os.register_at_fork, lambda **_: None
    try:
        import random
    finally:
        os.register_at_fork = register
    random.seed(0)


def _fork_pairs(twin: answering.Twin, filter_of_calls: Filter, num: int) -> list[_Pair]:
    programs = twin.fork(num)
    tests = fork_children([Work(_examine, (program.fd,)) for program in programs], filter_of_calls)
    for program in programs:
        os.close(program.fd)
    return [_Pair(test, program.pid) for test, program in zip(tests, programs, strict=True)]


def _fork_singles(filter_of_calls: Filter, num: int) -> list[_Pair]:
    return [_Pair(tests, None) for tests in fork_children([Work(_examine)] * num, filter_of_calls)]


def _examine(fd: int, channel: int | None = None) -> None:
    """The child that runs tests: its job comes from the keeper alone, so it may be what only Python itself can read."""
    job = frames.receive_trusted(fd)
    if job is not None:
        frames.send(fd, examining.examine(examining.Examination(*job), channel))


def _judge(sandbox: _Sandbox, job: frames.Json) -> frames.Json:
    """The verdict of one job: ending, explanation, cpu_s, and whether the sandbox is as it was before."""
    try:
        examination = examining.prepare(job)
    except examining.TestsAtFault as error:
        return {**examining.at_fault(error), "cpu_s": 0.0, "is_clean": True}
    pair = (sandbox.singles if job["is_weak"] else sandbox.pairs).take()
    fd = pair.tests.fd
    for pid in pair.pids():
        limit_time(pid, job["timeout_s"])
    frames.send_bytes(fd, frames.pack_trusted(tuple(examination)))
    verdict = _await(sandbox, pair, time.monotonic() + job["timeout_s"])
    if job["is_weak"] and not _is_verdict(verdict):
        verdict = None
    os.close(fd)
    if pair.program_pid is None:
        program = end_child(pair.tests.pid, _GRACE_S if verdict is None else 0)
        verdict, cpu_s = verdict or _of_dead(program), program.cpu_s
    else:
        verdict, cpu_s = _end_both(sandbox.twin, pair.tests.pid, pair.program_pid, verdict)
    return {**verdict, "cpu_s": cpu_s, "is_clean": _is_empty(sandbox.tmp)}


def _end_both(
    twin: answering.Twin, tests_pid: int, program_pid: int, verdict: frames.Json
) -> tuple[frames.Json, float]:
    """The final verdict, and the CPU time of tests and program; the two are ended side by side."""
    has_ended = verdict is not None and verdict["ending"] == "ended"
    twin.begin_end(program_pid, _GRACE_S if has_ended else 0)
    tests = end_child(tests_pid, _GRACE_S if verdict is None else 0)
    program = twin.hear_end()
    verdict = _of_dead(program) if has_ended else verdict or _of_dead_tests(tests)
    return verdict, tests.cpu_s + program.cpu_s


def _await(sandbox: _Sandbox, pair: _Pair, until: float) -> frames.Json:
    """The verdict that the tests' process writes; None where it dies without one that can be read."""
    fd = pair.tests.fd
    while not frames.is_readable(fd, min(until, time.monotonic() + _LOOK_EVERY_S)):
        if time.monotonic() >= until:
            return {"ending": "timed_out"}
        _let_roam(pair, sandbox.cores)
        if _num_files(sandbox.tmp) > sandbox.tmp_files:
            return {"ending": "failed", "explanation": f"the program made more than {sandbox.tmp_files} files"}
    try:
        return frames.receive(fd, until=until, most=_MOST_VERDICT_BYTES)
    except TimeoutError:
        return {"ending": "timed_out"}
    except (ValueError, frames.TooLong):
        return None


def _let_roam(pair: _Pair, cores: frozenset[int]) -> None:
    """A job that takes its time may go where there is room: others may want the core that it began on."""
    for pid in pair.pids() if cores else ():
        with contextlib.suppress(OSError):  # it has ended
            os.sched_setaffinity(pid, cores)


def _is_verdict(said: frames.Json) -> bool:
    """Whether this is what tests say of a program; one that shares their process may have written anything."""
    endings = ("passed", "failed", "out_of_memory", "timed_out")
    return isinstance(said, dict) and said.get("ending") in endings and isinstance(said.get("explanation", ""), str)


def _of_dead_tests(tests: ChildEnd) -> frames.Json:
    if tests.code == -signal.SIGXCPU:
        return {"ending": "timed_out"}
    return {"ending": "broken", "explanation": f"the tests' process {_manner(tests)}"}


def _of_dead(program: ChildEnd) -> frames.Json:
    """The verdict on a program whose process has gone before its tests were through."""
    if program.code == -signal.SIGXCPU:
        return {"ending": "timed_out"}
    if program.code == -signal.SIGKILL and not program.is_stopped:
        return {"ending": "out_of_memory", "explanation": "the system killed the program's process"}
    return {"ending": "failed", "explanation": f"the program {_manner(program)} before its tests were through"}


def _manner(end: ChildEnd) -> str:
    if end.is_stopped:
        return "stopped answering"
    return f"ended itself (exit code {end.code})" if end.code >= 0 else f"died of {signal.Signals(-end.code).name}"


def _num_files(tmp: str) -> int:
    """Files in the file system of /tmp; of the host's, nothing can be said."""
    facts = os.statvfs(tmp)
    return facts.f_files - facts.f_ffree if tmp == "/tmp" else 0


def _is_empty(tmp: str) -> bool:
    try:
        return not os.listdir(tmp)  # noqa: PTH208 - as pathlib would be in every fork
    except OSError:
        return False
