"""Questions from many tasks become batches for one thread."""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from evalscope.errors import EndpointError, EvalscopeError
from evalscope.models.checkpoint.questions import Answer, Question

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 10.0
"""A thread in the middle of loading cannot be stopped; it is left behind, and ends by itself."""


class Prompt(Protocol):
    """A question as tokens."""

    @property
    def tokens(self) -> tuple[int, ...]:
        """Ids, at least one."""
        ...

    @property
    def way(self) -> Hashable:
        """How it is computed; prompts of one way may share a batch."""
        ...

    @property
    def is_wanted(self) -> Callable[[], bool]:
        """Whether somebody still waits."""
        ...


class Backend(Protocol):
    """What computes; called by one thread only."""

    def prepare(self, question: Question, is_wanted: Callable[[], bool]) -> Prompt:
        """A prompt, ready to be batched."""
        ...

    def answer(self, batch: Sequence[Prompt]) -> Sequence[Answer | None]:
        """Answers to prompts of one way, in their order; None to one that ended early since nobody waited."""
        ...

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether a smaller batch could succeed where this one failed."""
        ...

    def explain(self, error: Exception, num_tokens: int) -> EvalscopeError:
        """Why a prompt of so many tokens got no answer even alone."""
        ...

    def reclaim(self) -> None:
        """Gives back the memory that a failed batch left behind."""
        ...

    def close(self) -> None:
        """Lets go of the model."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class Waiting:
    """One question whose asker waits."""

    question: Question
    future: "asyncio.Future[Answer]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """One question with its prompt."""

    waiting: Waiting
    prompt: Prompt

    @property
    def num_tokens(self) -> int:
        """Length of the prompt."""
        return len(self.prompt.tokens)


@dataclass(slots=True, kw_only=True)
class Inbox:
    """What the event loops and the thread share, under one lock."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    arrived: list[Waiting] = field(default_factory=list)
    is_awake: bool = False
    is_closing: bool = False


class Worker:
    """One thread that opens a backend at the first question and answers in batches until it is closed.

    As soon as it is idle it takes what is there, up to `batch_size` questions of one way, and never waits for
    more to come. Questions may come from several event loops, also one after the other.
    """

    def __init__(self, open_backend: Callable[[], Backend], batch_size: int) -> None:
        self._open_backend = open_backend
        self._batch_size = batch_size
        self._inbox = Inbox()
        self._opening = threading.Lock()
        self._backend: Backend | None = None
        self._failure: Exception | None = None
        self._pending: list[Prepared] = []
        self._thread = threading.Thread(target=self._run, name="checkpoint", daemon=True)
        self._thread.start()

    async def ask(self, question: Question) -> Answer:
        """The answer to one question.

        Raises:
            EndpointError: the model cannot be loaded, or was closed.
            ModelError: no answer to this one.
        """
        loop = asyncio.get_running_loop()
        waiting = Waiting(question=question, future=loop.create_future())
        with self._inbox.changed:
            if self._inbox.is_closing:
                raise _closed()
            self._inbox.arrived.append(waiting)
        # tasks that are ready now run before this callback, so their questions come into the same batch
        loop.call_soon(self._wake)
        return await waiting.future

    async def load(self) -> None:
        """Opens the backend, if that is not yet done.

        Raises:
            EndpointError, ConfigError: it cannot be opened.
        """
        await asyncio.to_thread(self._opened)

    async def close(self) -> None:
        """Stops at the next token, refuses what still waits, and lets go of the backend."""
        with self._inbox.changed:
            self._inbox.is_closing = True
            self._inbox.changed.notify()
        await asyncio.to_thread(self._thread.join, CLOSE_TIMEOUT_S)

    def _wake(self) -> None:
        with self._inbox.changed:
            self._inbox.is_awake = bool(self._inbox.arrived)
            self._inbox.changed.notify()

    def _opened(self) -> Backend:
        """The backend; a failure to open it is remembered, since a second try would take as long and fail too."""
        with self._opening:
            if self._failure is not None:
                raise self._failure
            if self._backend is None:
                try:
                    self._backend = self._open_backend()
                except Exception as error:
                    self._failure = error
                    raise
            return self._backend

    def _run(self) -> None:
        try:
            while self._take_arrived():
                if self._pending:
                    self._answer(self._opened(), self._next_batch())
        finally:
            self._end()

    def _end(self) -> None:
        with self._inbox.changed:
            self._inbox.is_closing = True
            arrived, self._inbox.arrived = self._inbox.arrived, []
        _settle((waiting, _closed()) for waiting in (*(prepared.waiting for prepared in self._pending), *arrived))
        self._pending = []
        with self._opening:
            backend, self._backend, self._failure = self._backend, None, _closed()
        if backend is not None:
            backend.close()

    def _take_arrived(self) -> bool:
        """Prepares what has arrived, waiting for something while there is nothing; False when it is time to end."""
        inbox = self._inbox
        with inbox.changed:
            if not self._pending:
                inbox.changed.wait_for(lambda: inbox.is_closing or inbox.is_awake)
            if inbox.is_closing:
                return False
            arrived, inbox.arrived = inbox.arrived, []
            inbox.is_awake = False
        for waiting in arrived:
            self._prepare(waiting)
        self._pending = [prepared for prepared in self._pending if prepared.prompt.is_wanted()]
        return True

    def _prepare(self, waiting: Waiting) -> None:
        def is_wanted() -> bool:
            return not (self._inbox.is_closing or waiting.future.cancelled())

        try:
            prompt = self._opened().prepare(waiting.question, is_wanted)
        except Exception as error:  # noqa: BLE001  # whatever it is, it belongs to whoever asked, not to the thread
            _settle([(waiting, error)])
        else:
            self._pending.append(Prepared(waiting=waiting, prompt=prompt))

    def _next_batch(self) -> Sequence[Prepared]:
        """The oldest question, and those of the same way whose prompts are closest to it in length."""
        oldest = self._pending[0]
        fitting = [prepared for prepared in self._pending if prepared.prompt.way == oldest.prompt.way]
        fitting.sort(key=lambda prepared: -prepared.num_tokens)
        size = min(self._batch_size, len(fitting))
        place = fitting.index(oldest)
        starts = range(max(0, place - size + 1), min(place, len(fitting) - size) + 1)
        start = min(starts, key=lambda first: fitting[first].num_tokens - fitting[first + size - 1].num_tokens)
        batch = fitting[start : start + size]
        self._pending = [prepared for prepared in self._pending if prepared not in batch]
        return batch

    def _answer(self, backend: Backend, batch: Sequence[Prepared]) -> None:
        """Settles every question of a batch, in smaller ones where it fails as a whole."""
        left, size = batch, len(batch)
        while left:
            part = left[:size]
            failure = self._try(backend, part)
            if failure is None or len(part) == 1:
                left = left[size:]
            if failure is None:
                continue
            backend.reclaim()
            if len(part) == 1:
                _settle([(part[0].waiting, backend.explain(failure, part[0].num_tokens))])
            else:
                size = self._halve(len(part)) if backend.is_out_of_memory(failure) else 1

    def _try(self, backend: Backend, batch: Sequence[Prepared]) -> Exception | None:
        """Settles a batch as a whole, or tells why that failed."""
        try:
            answers = backend.answer([prepared.prompt for prepared in batch])
        except Exception as error:  # noqa: BLE001  # as in _prepare
            return error.with_traceback(None)  # its frames hold the tensors that filled the memory
        # a row that nobody waited for has ended early, and must not pass for an answer
        _settle(
            (prepared.waiting, _closed() if answer is None else answer)
            for prepared, answer in zip(batch, answers, strict=True)
        )
        return None

    def _halve(self, num_rows: int) -> int:
        """Half a batch, remembered for those to come."""
        self._batch_size = num_rows // 2
        logger.warning("%d prompts at once do not fit into memory; going on with %d", num_rows, self._batch_size)
        return self._batch_size


def _closed() -> EndpointError:
    return EndpointError("the model was closed before it had answered; ask it again for it to be loaded again")


def _settle(outcomes: Iterable[tuple[Waiting, Answer | Exception]]) -> None:
    """Hands outcomes to the event loops of those who wait, all of one loop at once, so that they go on together."""
    by_loop = defaultdict(list)
    for waiting, outcome in outcomes:
        by_loop[waiting.future.get_loop()].append((waiting.future, outcome))
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, settled)


def _resolve(settled: Sequence[tuple["asyncio.Future[Answer]", Answer | Exception]]) -> None:
    for future, outcome in settled:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
