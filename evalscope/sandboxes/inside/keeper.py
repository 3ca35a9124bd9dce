"""The keeper of a sandbox: takes jobs, has tests and program run in children of their own, and says how it went.

Two keepers share a sandbox. This one forks the processes that run tests; its twin, forked before any job was read,
forks those that run programs, so that no memory a program can see has ever held a test.
"""

import gc
import os
import signal
import socket
import sys
import time
from typing import NamedTuple, NoReturn

from evalscope.sandboxes.inside import answering, examining, frames
from evalscope.sandboxes.inside.children import ChildEnd, end_child
from evalscope.sandboxes.inside.confinement import Confinement, Filter, confine, confine_keeper, limit_time

_LOOK_EVERY_S = 0.25
_GRACE_S = 0.5
"""So long may a child that closed its channel take to die by itself."""
_MOST_VERDICT_BYTES = 64 * 2**10

# what programs and tests import most; a fork has them already
_COMMON = """
bisect collections copy functools heapq io itertools math operator random re string sys traceback types typing
"""


class _Sandbox(NamedTuple):
    """What a keeper knows of its sandbox."""

    filter: Filter
    twin: socket.socket
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
    _warm_up(own_path)
    limits = Confinement(
        memory_bytes=settings["memory_bytes"], file_bytes=settings["file_bytes"], open_files=settings["open_files"]
    )
    jobs, replies = confine_keeper(limits)
    filter_of_calls = Filter(bytes.fromhex(settings["filter"]))
    twin = _fork_twin(filter_of_calls, (jobs, replies))
    sandbox = _Sandbox(filter=filter_of_calls, twin=twin, tmp=settings["tmp"], tmp_files=settings["tmp_files"])
    frames.send(replies, {"ready": True})
    while (job := frames.receive(jobs)) is not None:
        frames.send(replies, _judge(sandbox, job))
    os._exit(0)


def _warm_up(own_path: list[str]) -> None:
    for name in _COMMON.split():
        __import__(name)
    sys.path[:] = [entry for entry in sys.path if entry not in own_path]  # a program has no use for this package
    gc.collect()
    gc.freeze()  # a child that collects garbage would copy every page otherwise


def _fork_twin(filter_of_calls: Filter, own_fds: tuple[int, int]) -> socket.socket:
    own, other = socket.socketpair()
    if os.fork() == 0:
        own.close()
        for fd in own_fds:
            os.close(fd)
        answering.serve(other, filter_of_calls)
    other.close()
    return own


def _judge(sandbox: _Sandbox, job: frames.Json) -> frames.Json:
    """The verdict of one job: ending, explanation, cpu_s, and whether the sandbox is as it was before."""
    try:
        compiled = examining.compile_tests(job["setup"], job["tests"])
    except examining.TestsAtFault as error:
        return {**examining.at_fault(error), "cpu_s": 0.0, "is_clean": True}
    is_weak = job["is_weak"]
    channel = None if is_weak else _start_program(sandbox, job)
    verdict_fd, written_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        _examine(sandbox, job, compiled, written_fd, channel)
    limit_time(pid, job["timeout_s"])
    os.close(written_fd)
    if channel is not None:
        os.close(channel)
    verdict = _await(sandbox, verdict_fd, time.monotonic() + job["timeout_s"])
    os.close(verdict_fd)
    if is_weak:
        program = end_child(pid, _GRACE_S if verdict is None else 0)
        verdict, cpu_s = verdict or _of_dead(program), program.cpu_s
    else:
        verdict, cpu_s = _end_both(sandbox, pid, verdict)
    return {**verdict, "cpu_s": cpu_s, "is_clean": _is_empty(sandbox.tmp)}


def _end_both(sandbox: _Sandbox, pid: int, verdict: frames.Json) -> tuple[frames.Json, float]:
    """The final verdict, and the CPU time of tests and program; the two are ended side by side."""
    has_ended = verdict is not None and verdict["ending"] == "ended"
    fd = sandbox.twin.fileno()
    frames.send(fd, {"grace_s": _GRACE_S if has_ended else 0})
    tests = end_child(pid, _GRACE_S if verdict is None else 0)
    end = frames.receive(fd)
    if end is None:
        os._exit(1)  # without its twin a keeper keeps nothing; whoever started it starts another
    program = ChildEnd(**end)
    verdict = _of_dead(program) if has_ended else verdict or _of_dead_tests(tests)
    return verdict, tests.cpu_s + program.cpu_s


def _start_program(sandbox: _Sandbox, job: frames.Json) -> int:
    """Has the twin run the program; what comes back is our end of the channel to it."""
    own, other = socket.socketpair()
    part = {name: job[name] for name in ("programs", "timeout_s", "message_bytes")}
    answering.order(sandbox.twin, part, other.fileno())
    other.close()
    return own.detach()


def _examine(
    sandbox: _Sandbox, job: frames.Json, compiled: examining.Tests, written_fd: int, channel: int | None
) -> NoReturn:
    try:
        kept = (written_fd,) if channel is None else (written_fd, channel)
        confine(sandbox.filter, kept)
        frames.send(written_fd, examining.examine(job, compiled, channel))
    finally:
        os._exit(1)


def _await(sandbox: _Sandbox, fd: int, until: float) -> frames.Json:
    """The verdict that the tests' process writes; None where it dies without one that can be read."""
    while not frames.is_readable(fd, min(until, time.monotonic() + _LOOK_EVERY_S)):
        if time.monotonic() >= until:
            return {"ending": "timed_out"}
        if _num_files(sandbox.tmp) > sandbox.tmp_files:
            return {"ending": "failed", "explanation": f"the program made more than {sandbox.tmp_files} files"}
    try:
        return frames.receive(fd, until=until, most=_MOST_VERDICT_BYTES)
    except TimeoutError:
        return {"ending": "timed_out"}
    except (ValueError, frames.TooLong):
        return None


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
