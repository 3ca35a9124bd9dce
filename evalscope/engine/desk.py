"""A judge at work: asked once about each answer, however often that answer comes, and never again after a crash."""

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import orjson

from evalscope.core.message import Message
from evalscope.core.response import Completion
from evalscope.core.sample import Sample
from evalscope.engine.judging import Judge
from evalscope.errors import EndpointError, ModelError
from evalscope.runs.answers import completion_of, prediction_row
from evalscope.runs.kept import KeptRows

TURNS = 2
"""A judge is asked, and where its reply holds no verdict, once more."""

PLACES = 2 * TURNS
"""So many questions there are about an answer: of two that are compared, one with each of them first."""


class Answered(Protocol):
    """A question whose answer is judged: a request of a run, or a line of a file of labelled answers."""

    @property
    def sample(self) -> Sample:
        """The question and its target."""
        ...

    @property
    def repeat(self) -> int:
        """Which of its answers, from 0."""
        ...

    @property
    def order(self) -> int:
        """Its place among all whose judgements are stored in the same file."""
        ...

    def row_name(self) -> Mapping[str, Any]:
        """What names its rows."""
        ...


class Desk:
    """One judge of a run, for all data sets; it belongs to the event loop in which it is first used."""

    def __init__(self, judge: Judge, num_at_once: int | None, *, draw: int = 0) -> None:
        """A desk without a judgement yet.

        Args:
            judge: who is asked.
            num_at_once: bounds the questions in flight; None leaves that to the judge's own pace.
            draw: which reply to the same question this desk is about: another draw is another reply.
        """
        self.judge = judge
        self._generation = replace(judge.generation, draw=draw)
        self._gate = contextlib.nullcontext() if num_at_once is None else asyncio.Semaphore(num_at_once)
        self._stored: dict[str, tuple[KeptRows, int]] = {}
        self._in_flight: dict[str, asyncio.Future[Completion]] = {}
        self._has_answered = False
        self._base = hashlib.blake2b(judge.decisive, digest_size=16)
        if draw:
            self._base.update(b"draw %d" % draw)

    def learn(self, rows: KeptRows) -> None:
        """Takes note of replies that an earlier walk left."""
        self._stored.update({key: (rows, offset) for key, offset in rows.stored_requests()})

    async def ask(self, rows: KeptRows, answered: Answered, messages: Sequence[Message], place: int) -> Completion:
        """The judge's reply, written down.

        Args:
            rows: where replies about this subset are stored.
            answered: whose answer is judged.
            messages: what the judge is asked.
            place: of the question among those about this answer, from 0.

        Raises:
            EndpointError: the judge cannot be asked at all.
            ModelError: no reply to this one.
        """
        named = self._base.copy()
        named.update(orjson.dumps(messages))
        key = named.hexdigest()
        order = PLACES * answered.order + place
        if (row := rows.find(answered.sample.id, answered.repeat, key, order)) is not None:
            return completion_of(row)
        reply = await self._reply(key, messages)
        row = prediction_row(key, answered.row_name(), tuple(messages), reply)
        self._stored[key] = (rows, rows.append(row, order))
        return reply

    async def _reply(self, key: str, messages: Sequence[Message]) -> Completion:
        if held := self._stored.get(key):
            return completion_of(held[0].read(held[1]))
        if waiting := self._in_flight.get(key):
            return await asyncio.shield(waiting)
        future: asyncio.Future[Completion] = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be waiting
        self._in_flight[key] = future
        try:
            reply = await self._asked(messages)
            future.set_result(reply)
            return reply
        except ModelError as error:
            future.set_exception(error)
            raise
        finally:
            future.cancel()
            del self._in_flight[key]

    async def _asked(self, messages: Sequence[Message]) -> Completion:
        judge = self.judge
        try:
            async with self._gate:
                reply = await judge.model.generate(messages, self._generation)
        except EndpointError as error:
            if self._has_answered:
                raise ModelError(str(error)) from error
            raise EndpointError(f"judge {judge.name}: {error}") from error
        self._has_answered = True
        return reply
