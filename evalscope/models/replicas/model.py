"""Copies of a checkpoint that are asked as one model."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion
from evalscope.errors import EndpointError, ModelError
from evalscope.models.replicas.actor import versions
from evalscope.models.replicas.crew import Crew, Ground
from evalscope.models.replicas.crossing import Answer, Carried, Question, Reply
from evalscope.models.replicas.handle import ReplicaLost
from evalscope.models.replicas.pool import Pool, Seat
from evalscope.models.replicas.recipe import Face

logger = logging.getLogger(__name__)

MOST_LOSSES = 3
"""A question that so many replicas were lost over is given up."""

ALONE_AFTER = 2
"""A question that so many were lost over is asked alone, so that no other is blamed for what it does."""


class Grounds(Protocol):
    """A cluster that is opened with the first question."""

    async def open(self) -> Ground:
        """Where replicas can be started.

        Raises:
            EndpointError: there is no cluster.
        """
        ...

    async def close(self) -> None:
        """Lets go of it; ends it where it was started for this."""
        ...


class Replicas:
    """So many copies; they are started with the first question, and started again where they are lost.

    Args:
        face: the model that they are copies of, which is not loaded itself.
        num: how many.
        grounds: where they run.
        patience_s: how long a question waits while there is no replica and none is loading.
    """

    def __init__(self, *, face: Face, num: int, grounds: Grounds, patience_s: float) -> None:
        self._face = face
        self._num = num
        self._grounds = grounds
        self._patience_s = patience_s
        self._starting = asyncio.Lock()
        self._crew: Crew | None = None

    @property
    def name(self) -> str:
        """The name in reports."""
        return self._face.name

    @property
    def identity(self) -> Mapping[str, str]:
        """What decides answers: the same as that of a single copy."""
        return self._face.identity

    @property
    def is_base_model(self) -> bool:
        """Whether it has no chat template, and so continues plain text."""
        return self._face.is_base_model

    @property
    def concurrency(self) -> int:
        """The sum of what the replicas want now; while there are none, what they will want."""
        now = self._crew.pool.concurrency if self._crew is not None else 0
        return now or self._num * self._face.concurrency

    def check(self, generation: Generation) -> None:
        """Refuses settings that the model would drop, before anything is asked.

        Raises:
            ConfigError: naming the settings.
        """
        self._face.check(generation)

    async def generate(self, messages: Sequence[Message], config: Generation) -> Completion:
        """One answer, by any of the replicas.

        Raises:
            EndpointError: there is no replica, and none will come.
            ModelError: as from a single checkpoint; or replica after replica was lost over this question.
        """
        answer = await self._ask(Question("generate", (tuple(messages), config)))
        assert isinstance(answer, Completion), "a conversation is answered by a completion"
        return answer

    async def loglikelihood(self, context: str, continuations: Sequence[str]) -> tuple[float, ...]:
        """How likely each continuation is behind the context: sums of log-probabilities in nats.

        Raises:
            EndpointError, ModelError: as generate.
        """
        answer = await self._ask(Question("loglikelihood", (context, tuple(continuations))))
        assert isinstance(answer, tuple), "continuations are answered by figures"
        return answer

    async def aclose(self) -> None:
        """Ends the replicas, and their cluster where it was started for them; a later question starts them again."""
        crew, self._crew = self._crew, None
        self._starting = asyncio.Lock()  # the next question may come from another event loop
        try:
            if crew is not None:
                await crew.close()
        finally:
            await self._grounds.close()

    async def _ask(self, question: Question) -> Answer:
        pool = (await self._started()).pool
        num_losses = 0
        while True:
            try:
                async with _seat(pool, num_losses) as seat:
                    reply = await self._reply(pool, seat, question)
            except ReplicaLost as loss:
                num_losses += 1
                if num_losses == MOST_LOSSES:
                    raise ModelError(
                        f"{MOST_LOSSES} replicas were lost while they had this question in hand, the last one when it "
                        f"had nothing else: {loss}"
                    ) from None
                continue
            if isinstance(reply.outcome, Carried):
                raise reply.outcome.error()
            return reply.outcome

    async def _reply(self, pool: Pool, seat: Seat, question: Question) -> Reply:
        """The reply of one replica, which is asked nothing more where it shows that it cannot answer.

        Raises:
            ReplicaLost: it is gone, or its device is.
        """
        try:
            reply = await seat.handle.ask(question)
            if isinstance(reply.outcome, Carried) and issubclass(reply.outcome.kind, EndpointError):
                raise ReplicaLost(str(reply.outcome.error()))
        except ReplicaLost:
            pool.remove(seat)
            seat.handle.kill()
            raise
        seat.wants = reply.wants
        return reply

    async def _started(self) -> Crew:
        async with self._starting:
            if self._crew is None:
                ground = await self._grounds.open()
                self._crew = Crew(
                    ground=ground,
                    num=self._num,
                    pool=Pool(),
                    identity=self.identity,
                    versions=versions(),
                    patience_s=self._patience_s,
                )
                self._crew.start()
            return self._crew


def _seat(pool: Pool, num_losses: int) -> AbstractAsyncContextManager[Seat]:
    return pool.seat_alone() if num_losses >= ALONE_AFTER else pool.seat(first=num_losses > 0)
