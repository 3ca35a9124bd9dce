"""Who answers: the protocol that every kind of model fulfils."""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion


@runtime_checkable
class Model(Protocol):
    """Something that answers; many questions may be asked at once."""

    @property
    def name(self) -> str:
        """The name in reports, folders and tables."""
        ...

    @property
    def identity(self) -> Mapping[str, str]:
        """What decides its answers: an id and revision, or a fingerprint of weights. No address, no secret."""
        ...

    @property
    def concurrency(self) -> int:
        """How many questions it wants to have in hand at once, at least 1; it may change while it is asked."""
        ...

    async def generate(self, messages: Sequence[Message], config: Generation) -> Completion:
        """One answer.

        Raises:
            EndpointError: no request can succeed, whatever the question.
            ModelError: no answer to this one.
        """
        ...

    async def loglikelihood(self, context: str, continuations: Sequence[str]) -> tuple[float, ...]:
        """How likely each continuation is behind the context, which no chat template is put around.

        Returns:
            For each continuation the sum of the log-probabilities of its tokens, in nats.

        Raises:
            EndpointError: whoever answers cannot tell, whatever the question.
            ModelError: no figures for this one.
        """
        ...

    async def aclose(self) -> None:
        """Lets go of connections, threads and memory."""
        ...
