"""The keeper of a sandbox: takes jobs, has tests and program run in children of their own, and says how it went.

Two keepers share a sandbox. This one forks the processes that run tests; its twin, forked before any job was read,
forks those that run programs, so that no memory a program can see has ever held a test.
"""

import base64
import gc
import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from evalscope.sandboxes.inside import answering, examining, frames
from evalscope.sandboxes.inside.children import ChildEnd, end_child
from evalscope.sandboxes.inside.confinement import Confinement, confine, forbid_tracing

_LOOK_EVERY_S = 0.25
_GRACE_S = 0.5
"""So long may a child that closed its channel take to die by itself."""
_MOST_VERDICT_BYTES = 64 * 2**10

# what programs and tests import most; a fork has them already
_COMMON = """
bisect cmath collections copy dataclasses datetime decimal enum fractions functools hashlib heapq io itertools math
numbers operator random re statistics string sys textwrap time traceback types typing
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sandbox:
    """What a keeper knows of its sandbox."""

    limits: Confinement
    twin: socket.socket
    tmp: Path
    tmp_files: int
    replies: int


def serve() -> NoReturn:
    """Takes jobs from standard input until it is closed; verdicts go to what was standard output."""
    forbid_tracing()
    own_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ.clear()
    replies = os.dup(1)
    os.dup2(2, 1)  # a library that prints is no verdict
    settings = frames.receive(0)
    if settings is None:
        os._exit(0)
    limits = Confinement(
        memory_bytes=settings["memory_bytes"],
        file_bytes=settings["file_bytes"],
        open_files=settings["open_files"],
        filter=base64.b64decode(settings["filter"]),
    )
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _warm_up(own_path)
    twin = _fork_twin(limits, replies)
    sandbox = _Sandbox(
        limits=limits, twin=twin, tmp=Path(settings["tmp"]), tmp_files=settings["tmp_files"], replies=replies
    )
    frames.send(replies, {"ready": True})
    while (job := frames.receive(0)) is not None:
        frames.send(replies, _judge(sandbox, job))
    os._exit(0)


def _warm_up(own_path: list[str]) -> None:
    for name in _COMMON.split():
        __import__(name)
    sys.path[:] = [entry for entry in sys.path if entry not in own_path]  # a program has no use for this package
    gc.collect()
    gc.freeze()  # a child that collects garbage would copy every page otherwise


def _fork_twin(limits: Confinement, replies: int) -> socket.socket:
    own, other = socket.socketpair()
    if os.fork() == 0:
        own.close()
        os.close(0)
        os.close(replies)
        answering.serve(other, limits)
    other.close()
    return own


def _judge(sandbox: _Sandbox, job: frames.Json) -> frames.Json:
    """The verdict of one job: ending, explanation, cpu_s, and whether the sandbox is as it was before."""
    is_weak = job["is_weak"]
    channel = None if is_weak else _start_program(sandbox, job)
    verdict_fd, written_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        _examine(sandbox, job, written_fd, channel)
    os.close(written_fd)
    if channel is not None:
        os.close(channel)
    verdict = _await(sandbox, verdict_fd, time.monotonic() + job["timeout_s"])
    os.close(verdict_fd)
    tests = end_child(pid, _GRACE_S if verdict is None else 0)
    cpu_s = tests.cpu_s
    if verdict is None:
        verdict = _of_dead(tests) if is_weak else _of_dead_tests(tests)
    if not is_weak:
        program = _end_program(sandbox, _GRACE_S if verdict["ending"] == "ended" else 0)
        cpu_s += program.cpu_s
        if verdict["ending"] == "ended":
            verdict = _of_dead(program)
    return {**verdict, "cpu_s": cpu_s, "is_clean": _is_empty(sandbox.tmp)}


def _end_program(sandbox: _Sandbox, grace_s: float) -> ChildEnd:
    fd = sandbox.twin.fileno()
    frames.send(fd, {"grace_s": grace_s})
    end = frames.receive(fd)
    if end is None:
        os._exit(1)  # without its twin a keeper keeps nothing; whoever started it starts another
    return ChildEnd(**end)


def _start_program(sandbox: _Sandbox, job: frames.Json) -> int:
    """Has the twin run the program; what comes back is our end of the channel to it."""
    own, other = socket.socketpair()
    part = {name: job[name] for name in ("programs", "timeout_s", "message_bytes")}
    answering.order(sandbox.twin, part, other.fileno())
    other.close()
    return own.detach()


def _examine(sandbox: _Sandbox, job: frames.Json, written_fd: int, channel: int | None) -> NoReturn:
    try:
        kept = (written_fd,) if channel is None else (written_fd, channel)
        fds = confine(sandbox.limits, job["timeout_s"], kept)
        examining.write_verdict(fds[0], examining.examine(job, fds[1] if channel is not None else None))
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


def _num_files(tmp: Path) -> int:
    """Files in the file system of /tmp; of the host's, nothing can be said."""
    facts = os.statvfs(tmp)
    return facts.f_files - facts.f_ffree if tmp == Path("/tmp") else 0


def _is_empty(tmp: Path) -> bool:
    try:
        return not any(tmp.iterdir())
    except OSError:
        return False
