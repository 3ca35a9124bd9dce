"""Long-lived worker processes for work that is too heavy for the event loop, each call with a hard time limit."""

import asyncio
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, NoReturn

import orjson

from evalscope.errors import ScoringError

Json = Any

MOST_WORKERS = 4
START_LIMIT_S = 120.0
"""So long may a worker take to import what it needs; that is no part of any call's limit."""

MEMORY_LIMIT_BYTES = 4 * 1024**3
_ORPHAN_LIMITS = 3
"""A worker that works for so many limits has lost its parent, which would have killed it, and ends itself."""

_ROOT = str(Path(__file__).parent.parent)
# what an interpreter needs to start; workers read hostile text, so no key of the user's is handed to them
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT", "TEMP", "TMP")


class WorkerPool:
    """Workers of one module, started when they are needed, and only as many as are.

    A worker is `python -m module`, so that scripts without a __main__ guard, notebooks and threads may use it. It calls
    `serve`, and speaks lines of JSON. Calls may come from any event loop; a closed pool starts again when it is asked.
    """

    def __init__(self, module: str, *, limit_s: float, num_workers: int | None = None) -> None:
        """Prepares the pool; nothing is started yet.

        Args:
            module: what workers run.
            limit_s: how long one call may take.
            num_workers: the most at a time; None for one on each core, and four at most.
        """
        self._module = module
        self._limit_s = limit_s
        self._num_workers = num_workers or min(MOST_WORKERS, os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that are alive, sorted."""
        with self._lock:
            return tuple(sorted(worker.pid for worker in (*self._idle, *self._busy)))

    async def ask(self, question: Json) -> Json:
        """What a worker answers.

        Raises:
            ScoringError: it took longer than the limit, died, could not start, or said that it failed.
        """
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._num_workers, thread_name_prefix="evalscope-worker")
            threads = self._threads
        return await asyncio.get_running_loop().run_in_executor(threads, self._ask, question, threads)

    async def aclose(self) -> None:
        """Ends all workers at once; calls in hand fail."""
        with self._lock:
            threads, self._threads = self._threads, None
            for worker in self._busy:
                worker.stop()
            for worker in self._idle:
                worker.close()
            self._idle.clear()
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, question: Json, threads: ThreadPoolExecutor) -> Json:
        """Runs in a thread of the pool, for pipes block; there are as many threads as workers may be."""
        worker = self._take(threads)
        try:
            reply = worker.ask(question, self._limit_s)
        except BaseException:
            self._drop(worker)
            raise
        with self._lock:
            self._busy.discard(worker)
            is_kept = self._threads is threads
            if is_kept:
                self._idle.append(worker)
        if not is_kept:
            worker.close()
        if "error" in reply:
            raise ScoringError(reply["error"])
        return reply["value"]

    def _take(self, threads: ThreadPoolExecutor) -> "_Worker":
        with self._lock:
            if self._threads is not threads:
                raise ScoringError("the comparison was given up, for the run has ended")
            worker = self._idle.pop() if self._idle else _Worker(self._module, self._limit_s)
            self._busy.add(worker)
        try:
            worker.wait_until_ready()
        except BaseException:
            self._drop(worker)
            raise
        return worker

    def _drop(self, worker: "_Worker") -> None:
        with self._lock:
            self._busy.discard(worker)
        worker.close()


class _Worker:
    """One process and its pipes."""

    def __init__(self, module: str, limit_s: float) -> None:
        self._module = module
        self._is_ready = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, str(limit_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(os.environ),
            start_new_session=True,  # Ctrl-C in the terminal is for the run alone
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Waits for the worker's first line, which it writes when all is imported."""
        if not self._is_ready:
            reply = self._read(START_LIMIT_S, f"did not start within {START_LIMIT_S:g} s")
            if "error" in reply:
                raise ScoringError(f"the worker {self._module} could not start: {reply['error']}")
            self._is_ready = True

    def ask(self, question: Json, limit_s: float) -> Mapping[str, Json]:
        return self._read(limit_s, f"took longer than {limit_s:g} s and was stopped", orjson.dumps(question) + b"\n")

    def stop(self) -> None:
        """Ends the process, if it lives; whoever waits for its reply gets none."""
        self._process.kill()

    def close(self) -> None:
        """Ends the process and lets go of its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # unsent bytes for a worker that is gone
                if pipe is not None:
                    pipe.close()

    def _read(self, limit_s: float, late: str, question: bytes = b"") -> Mapping[str, Json]:
        """The next line, to a question if there is one.

        Raises:
            ScoringError: it did not come in time, or the worker died.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        is_late = threading.Event()

        def stop() -> None:
            is_late.set()
            self._process.kill()

        timer = threading.Timer(limit_s, stop)
        timer.daemon = True
        timer.start()
        try:
            if question:
                stdin.write(question)
                stdin.flush()
            line = stdout.readline()
        except (OSError, ValueError):  # a broken pipe, or one that was closed with the pool
            line = b""
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            reply: Mapping[str, Json] = orjson.loads(line)
            return reply
        if is_late.is_set():
            raise ScoringError(f"the comparison {late}" if question else f"the worker {self._module} {late}")
        code = self._process.wait()
        raise ScoringError(f"the worker {self._module} died (exit code {code}); is there too little memory?")


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    kept = {name: own[name] for name in _KEPT if name in own}
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (_ROOT, kept.get("PYTHONPATH", ""))))
    return kept


def serve(load: Callable[[], Callable[[Json], Json]]) -> NoReturn:
    """The worker's side: answers lines until there are no more, which is when the parent has ended.

    Args:
        load: imports what is needed, and returns what answers. Whatever either raises is told to the parent.
    """
    limit_s = float(sys.argv[1])
    _limit_memory()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints is no reply
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    try:
        answer = load()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent has to know
        _say(replies, {"error": _explain(error)})
        os._exit(1)
    _say(replies, {"ready": True})
    while True:
        line = questions.get()
        _alarm(limit_s * _ORPHAN_LIMITS)
        try:
            reply = {"value": answer(orjson.loads(line))}
        except MemoryError:
            _say(replies, {"error": "the comparison needed too much memory"})
            os._exit(1)
        except Exception as error:  # noqa: BLE001 - hostile text may break any library; the parent makes it a row
            reply = {"error": _explain(error)}
        _alarm(0)
        _say(replies, reply)


def _listen(questions: "queue.SimpleQueue[bytes]") -> None:
    """Takes lines in; at their end the process ends, whatever it is doing."""
    for line in sys.stdin.buffer:
        questions.put(line)
    os._exit(0)


def _say(replies: IO[bytes], reply: Json) -> None:
    try:
        replies.write(orjson.dumps(reply) + b"\n")
        replies.flush()
    except BrokenPipeError:
        os._exit(0)


def _explain(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}".rstrip(": ")[:500]
    return text.encode("utf-8", "replace").decode("utf-8")


def _alarm(after_s: float) -> None:
    """Ends the process after so long by the system's own clock; 0 calls it off. Not there on every system."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, after_s)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
