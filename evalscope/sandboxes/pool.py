"""Warm sandboxes side by side, started when they are needed."""

import asyncio
import itertools
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from evalscope.errors import ScoringError
from evalscope.sandboxes.choose import find_engine
from evalscope.sandboxes.engine import Engine, Settings
from evalscope.sandboxes.job import Ending, Job, Verdict
from evalscope.sandboxes.warm import WarmSandbox

_BUSY_SHARE = 0.8
"""A program that timed out with less of its time spent computing may have been kept waiting by others."""


class Sandboxes:
    """As many sandboxes as run side by side. Calls may come from any event loop; a closed pool starts again when asked.

    Attributes:
        settings: which engine, how many, what a program may use.
    """

    def __init__(self, settings: Settings) -> None:
        """Prepares the pool; nothing is started yet."""
        self.settings = settings
        self._num = settings.num_sandboxes or os.cpu_count() or 1
        self._engine: Engine | None = None
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._idle: list[WarmSandbox] = []
        self._busy: set[WarmSandbox] = set()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that were started and are in use or waiting, sorted."""
        with self._lock:
            return tuple(sorted(sandbox.pid for sandbox in (*self._idle, *self._busy)))

    async def run(self, job: Job) -> Verdict:
        """The verdict of one job.

        A sandbox that broke is replaced, and the job is run once more. A time-out with little CPU time spent is tried
        once more with twice the time, and the verdict says so.

        Raises:
            ScoringError: no sandbox could be started, or the pool was closed.
        """
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._num, thread_name_prefix="evalscope-sandbox")
            threads = self._threads
        return await asyncio.get_running_loop().run_in_executor(threads, self._judge, job, threads)

    async def aclose(self) -> None:
        """Ends all sandboxes at once; jobs in hand fail."""
        with self._lock:
            threads, self._threads = self._threads, None
            for sandbox in self._busy:
                sandbox.stop()
            idle, self._idle = self._idle, []
        for sandbox in idle:
            sandbox.close()
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    def _judge(self, job: Job, threads: ThreadPoolExecutor) -> Verdict:
        """Runs in a thread of the pool, for pipes block; there are as many threads as sandboxes."""
        timeout_s = self.settings.limits.timeout_s
        verdict = self._run_once(job, timeout_s, threads)
        if verdict.ending is Ending.BROKEN:
            return self._run_once(job, timeout_s, threads)
        if verdict.ending is not Ending.TIMED_OUT or verdict.cpu_s > _BUSY_SHARE * timeout_s:
            return _with_time(verdict, f"timed out after {timeout_s:g} s")
        verdict = self._run_once(job, 2 * timeout_s, threads)
        again = f"a second try with twice the time, {2 * timeout_s:g} s, after one that was kept waiting for the CPU"
        if verdict.ending is Ending.TIMED_OUT:
            return _with_time(verdict, f"timed out in {again}")
        return replace(verdict, explanation=f"{verdict.explanation}\n({again})".lstrip())

    def _run_once(self, job: Job, timeout_s: float, threads: ThreadPoolExecutor) -> Verdict:
        sandbox = self._take(threads)
        try:
            verdict = sandbox.run(job, timeout_s)
        except BaseException:
            self._drop(sandbox)
            raise
        with self._lock:
            self._busy.discard(sandbox)
            is_kept = sandbox.is_fresh and self._threads is threads
            if is_kept:
                self._idle.append(sandbox)
        if not is_kept:
            sandbox.close()
        return verdict

    def _take(self, threads: ThreadPoolExecutor) -> WarmSandbox:
        with self._lock:
            if self._threads is not threads:
                raise ScoringError("the program was not run, for the run has ended")
            if self._engine is None:
                self._engine = find_engine(self.settings)
            sandbox = self._idle.pop() if self._idle else self._start(self._engine)
            self._busy.add(sandbox)
        return sandbox

    def _start(self, engine: Engine) -> WarmSandbox:
        """One in the first place that is free; the lock is held."""
        taken = {sandbox.place for sandbox in (*self._idle, *self._busy)}
        place = next(place for place in itertools.count() if place not in taken)
        return WarmSandbox(engine, self.settings.limits, place)

    def _drop(self, sandbox: WarmSandbox) -> None:
        with self._lock:
            self._busy.discard(sandbox)
        sandbox.close()


def _with_time(verdict: Verdict, explanation: str) -> Verdict:
    return replace(verdict, explanation=explanation) if verdict.ending is Ending.TIMED_OUT else verdict
