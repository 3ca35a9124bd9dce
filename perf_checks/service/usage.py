"""What a command used: CPU of it and of the processes it waited for, wall time and peak of memory."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.commands import ROOT, environment

EVALSCOPE = (sys.executable, "-m", "evalscope")
BYTECODE = Path(tempfile.gettempdir()) / "evalscope-perf-checks-bytecode"
"""Compiled modules are kept there, as they are beside the modules on a user's machine."""


class CommandFailed(Exception):
    """A command ended with an exit code that says so, or was ended for taking too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one command used, and what it wrote to stdout.

    Attributes:
        cpu_s: of the command and of all its descendants that were waited for.
        peak_mb: resident memory of the largest of these processes. Linux counts from the fork on, so that it is never
            less than what the measuring process itself had: which is why nothing large is ever read whole here.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float
    stdout: str
    stderr: str


def run(
    command: Sequence[str],
    *,
    cwd: Path = ROOT,
    limit_s: float = 1800,
    extra: Mapping[str, str] | None = None,
    exit_codes: Collection[int] = (0,),
) -> Usage:
    """The command's usage, once it has ended.

    Raises:
        CommandFailed: it ended otherwise than with one of `exit_codes`; with the last line that it said.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=_environment(extra),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        # the whole session, for a command may have left workers behind
        watch = threading.Timer(limit_s, os.killpg, (process.pid, signal.SIGKILL))
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        watch.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        stdout, stderr = out.read(), err.read()
    if process.returncode not in exit_codes:
        said = [line for line in (stderr.strip() or stdout.strip()).splitlines() if line.strip()]
        when = f"after {wall_s:.0f} s with {process.returncode}"
        raise CommandFailed(f"{Path(command[0]).name} ended {when}: {said[-1].strip() if said else 'nothing was said'}")
    return Usage(
        cpu_s=used.ru_utime + used.ru_stime,
        wall_s=wall_s,
        peak_mb=used.ru_maxrss / 1024,
        stdout=stdout,
        stderr=stderr,
    )


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """That of a user, where Python may keep what it has compiled."""
    kept = {name: value for name, value in environment(extra).items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(BYTECODE)}
