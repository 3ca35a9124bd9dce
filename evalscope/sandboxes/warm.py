"""One warm sandbox, seen from outside: started once, asked many times, thrown away when it is not clean."""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from evalscope.errors import ScoringError
from evalscope.sandboxes.engine import Engine, Start
from evalscope.sandboxes.filter import MACHINES, filter_bytes
from evalscope.sandboxes.inside import frames
from evalscope.sandboxes.job import Ending, Job, Limits, Verdict

START_LIMIT_S = 60.0
_SLACK_S = 10.0
"""So much longer than its time limit may a job take before the sandbox counts as broken."""


class WarmSandbox:
    """A keeper and the pipes to it.

    Attributes:
        place: its number among those side by side.
        is_fresh: whether a further program finds it as the first one did.
    """

    def __init__(self, engine: Engine, limits: Limits, place: int = 0) -> None:
        """Starts the keeper; whether it came up is seen when it is first asked."""
        self._limits = limits
        self.place = place
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if engine.needs_folder:
            self._folder = tempfile.TemporaryDirectory(prefix="evalscope-sandbox-", ignore_cleanup_errors=True)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the sandbox
        folder = Path("/") if self._folder is None else Path(self._folder.name)
        start = engine.start(limits, folder)
        self.is_fresh = True
        self._is_ready = False
        try:
            self._process = subprocess.Popen(
                start.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
                env=start.environment,
                cwd=folder,
                start_new_session=True,  # Ctrl-C in the terminal is for the run alone
            )
        except OSError as error:
            self._let_go()
            raise ScoringError(f"the sandbox could not be started: {error}") from error
        self._settings = _settings(limits, start, place)

    @property
    def pid(self) -> int:
        """Of the process that was started."""
        return self._process.pid

    def run(self, job: Job, timeout_s: float) -> Verdict:
        """The verdict of one job.

        Raises:
            ScoringError: the sandbox could not be started.
        """
        self._wait_until_ready()
        message = {
            "programs": job.programs,
            "names": job.names,
            "setup": job.setup,
            "tests": job.tests,
            "is_weak": job.is_weak,
            "timeout_s": timeout_s,
            "message_bytes": self._limits.message_bytes,
        }
        reply = self._ask(message, timeout_s + _SLACK_S)
        if reply is None:
            self.is_fresh = False
            return Verdict(ending=Ending.BROKEN, explanation="the sandbox died or stopped answering")
        self.is_fresh = reply["is_clean"]
        explanation = reply.get("explanation", "")
        return Verdict(ending=Ending(reply["ending"]), explanation=explanation, cpu_s=reply["cpu_s"])

    def stop(self) -> None:
        """Kills it; with its process 1 everything inside is gone, files too."""
        self._process.kill()

    def close(self) -> None:
        """Kills it, and lets go of all that belongs to it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self._let_go()

    def _let_go(self) -> None:
        self._errors.close()
        if self._folder is not None:
            with contextlib.suppress(RecursionError):  # of folders in folders in folders
                self._folder.cleanup()

    def _wait_until_ready(self) -> None:
        if self._is_ready:
            return
        if self._ask(self._settings, START_LIMIT_S) is None:
            self.is_fresh = False
            self._process.kill()
            self._process.wait()
            self._errors.seek(0)
            said = self._errors.read()[-500:].decode(errors="replace").strip()
            raise ScoringError(f"the sandbox could not be started: {said or 'it said nothing'}")
        self._is_ready = True

    def _ask(self, message: frames.Json, limit_s: float) -> Any:
        """The keeper's reply; None where it is gone, or does not answer in time."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            frames.send(stdin.fileno(), message)
            return frames.receive(stdout.fileno(), until=time.monotonic() + limit_s)
        except (OSError, ValueError, frames.TooLong):  # TimeoutError is an OSError
            return None


def _settings(limits: Limits, start: Start, place: int) -> frames.Json:
    steps = filter_bytes(start.machine) if start.machine in MACHINES else b""
    return {
        "memory_bytes": limits.memory_bytes,
        "file_bytes": limits.file_bytes,
        "open_files": limits.open_files,
        "tmp": start.tmp,
        "tmp_files": limits.tmp_files,
        "filter": steps.hex(),
        "place": os.getpid() + place,  # sandboxes of two runs begin on different cores
    }
