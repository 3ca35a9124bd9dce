"""One thread computes what many tasks ask."""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from evalscope.errors import EndpointError, EvalscopeError
from evalscope.models.checkpoint.questions import Answer, Question
from evalscope.models.checkpoint.schedule import Prompt, Room, Schedule

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 10.0
"""A thread in the middle of loading cannot be stopped; it is left behind, and ends by itself."""


class Backend(Protocol):
    """What computes; called by one thread only."""

    def prepare(self, question: Question, is_wanted: Callable[[], bool]) -> Prompt:
        """A prompt, ready to be computed."""
        ...

    @property
    def room(self) -> Room:
        """How much may stand side by side, as far as its memory tells."""
        ...

    def is_joinable(self, prompt: Prompt) -> bool:
        """Whether others may join a prompt that runs."""
        ...

    def begin(self, prompts: Sequence[Prompt]) -> None:
        """Lets prompts of one way run, beside those that run already."""
        ...

    def advance(self) -> Sequence[tuple[Prompt, Answer | None]]:
        """Computes on, at most until some have ended; these, with None where it ended early since nobody waited."""
        ...

    def drop(self) -> None:
        """Forgets all that runs, and gives back the memory it took; what is begun again goes on where it was."""
        ...

    def is_out_of_memory(self, error: Exception) -> bool:
        """Whether fewer prompts at once could succeed where this failed."""
        ...

    def explain(self, error: Exception, num_tokens: int) -> EvalscopeError:
        """Why a prompt of so many tokens got no answer even alone."""
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


@dataclass(slots=True, kw_only=True)
class Inbox:
    """What the event loops and the thread share, under one lock."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    arrived: list[Waiting] = field(default_factory=list)
    is_awake: bool = False
    is_closing: bool = False


class Worker:
    """One thread that opens a backend at the first question and computes answers until it is closed.

    It takes what is there, up to `batch_size` questions of one way at once, and never waits for more to come; each
    answer is handed over as soon as it is there. Questions may come from several event loops, also one after the other.

    Args:
        open_backend: loads what computes.
        batch_size: how many questions may be computed at once; None for as many as the backend has room for.
    """

    def __init__(self, open_backend: Callable[[], Backend], batch_size: int | None) -> None:
        self._open_backend = open_backend
        self._inbox = Inbox()
        self._opening = threading.Lock()
        self._backend: Backend | None = None
        self._failure: Exception | None = None
        self._is_automatic = batch_size is None
        self._schedule: Schedule[Prepared] = Schedule(Room(most_at_once=batch_size or 1))
        self._running: dict[Prompt, Prepared] = {}
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

    @property
    def most_at_once(self) -> int | None:
        """How many questions may be computed at once; None where that is not known before the backend is open."""
        return None if self._is_automatic and self._backend is None else self._schedule.most_at_once

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
                    if self._is_automatic:
                        self._schedule.resize(self._backend.room)
                except Exception as error:
                    self._failure = error
                    raise
            return self._backend

    def _run(self) -> None:
        try:
            while self._take_arrived():
                if self._running or len(self._schedule):
                    self._compute(self._opened())
        finally:
            self._end()

    def _end(self) -> None:
        with self._inbox.changed:
            self._inbox.is_closing = True
            arrived, self._inbox.arrived = self._inbox.arrived, []
        left = (*self._running.values(), *self._schedule.take_all())
        _settle((waiting, _closed()) for waiting in (*(prepared.waiting for prepared in left), *arrived))
        self._running.clear()
        with self._opening:
            backend, self._backend, self._failure = self._backend, None, _closed()
        if backend is not None:
            backend.close()

    def _take_arrived(self) -> bool:
        """Prepares what has arrived, waiting for something while there is nothing; False when it is time to end."""
        inbox = self._inbox
        with inbox.changed:
            if not (self._running or len(self._schedule)):
                inbox.changed.wait_for(lambda: inbox.is_closing or inbox.is_awake)
            if inbox.is_closing:
                return False
            arrived, inbox.arrived = inbox.arrived, []
            inbox.is_awake = False
        for waiting in arrived:
            self._prepare(waiting)
        self._schedule.drop_unwanted()
        return True

    def _prepare(self, waiting: Waiting) -> None:
        def is_wanted() -> bool:
            return not (self._inbox.is_closing or waiting.future.cancelled())

        try:
            prompt = self._opened().prepare(waiting.question, is_wanted)
        except Exception as error:  # noqa: BLE001  # whatever it is, it belongs to whoever asked, not to the thread
            _settle([(waiting, error)])
        else:
            self._schedule.add(Prepared(waiting=waiting, prompt=prompt))

    def _compute(self, backend: Backend) -> None:
        """Begins what there is room for, computes on, and settles what has ended or failed."""
        is_joinable = all(map(backend.is_joinable, self._running))
        try:
            if begun := self._schedule.next(tuple(self._running.values()), is_joinable=is_joinable):
                self._running.update((prepared.prompt, prepared) for prepared in begun)
                backend.begin([prepared.prompt for prepared in begun])
            ended = backend.advance() if self._running else ()
        except Exception as error:  # noqa: BLE001  # as in _prepare
            self._retreat(backend, error.with_traceback(None))  # its frames hold the tensors that filled the memory
            return
        # a row that nobody waited for has ended early, and must not pass for an answer
        _settle((self._leave(prompt).waiting, _closed() if answer is None else answer) for prompt, answer in ended)

    def _leave(self, prompt: Prompt) -> Prepared:
        prepared = self._running.pop(prompt)
        self._schedule.clear_of_suspicion(prepared)
        return prepared

    def _retreat(self, backend: Backend, failure: Exception) -> None:
        """After a failure all that ran is begun again: fewer at once, or each alone; one that was alone has failed."""
        begun = tuple(self._running.values())
        backend.drop()
        is_out_of_memory = backend.is_out_of_memory(failure)
        # alone for the first time, it may have lacked only the memory that dropping gave back
        is_final = not is_out_of_memory or self._schedule.is_suspect(begun[0])
        if len(begun) == 1 and is_final:
            prompt = begun[0].prompt
            _settle([(self._leave(prompt).waiting, backend.explain(failure, prompt.num_tokens))])
            return
        self._running.clear()
        self._schedule.give_back(begun)
        if is_out_of_memory and len(begun) > 1:
            self._schedule.halve(len(begun))
            logger.warning(
                "%d prompts at once do not fit into memory; going on with %d", len(begun), self._schedule.most_at_once
            )
        else:
            logger.warning("%d prompts failed together (%s); each is asked alone", len(begun), failure)
            self._schedule.suspect(begun)


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
