"""A model that is no model: it replies what it is told to, for trying things out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion, Usage

REPLY = "ANSWER: A"


def minus_length(context: str, continuation: str) -> float:
    """Minus the number of characters: one nat for each, so that the shortest continuation is the likeliest."""
    return -float(len(continuation))


class MockModel:
    """Replies with a text, or with what a function of the messages returns.

    Args:
        reply: the text, or the function.
        loglikelihood: (context, continuation) → nats.
        name: in reports.
        concurrency: how many questions it wants to have in hand at once.
    """

    def __init__(
        self,
        reply: str | Callable[[Sequence[Message]], str] = REPLY,
        *,
        loglikelihood: Callable[[str, str], float] = minus_length,
        name: str = "mock_llm",
        concurrency: int = 8,
    ) -> None:
        self._reply = reply
        self._loglikelihood = loglikelihood
        self.name = name
        self.concurrency = concurrency

    @property
    def identity(self) -> Mapping[str, str]:
        """The text it replies, or the function's name; that of the other function where it is not the usual one."""
        identity = {"kind": "mock_llm", "reply": self._reply if isinstance(self._reply, str) else _name_of(self._reply)}
        if self._loglikelihood is not minus_length:
            identity["loglikelihood"] = _name_of(self._loglikelihood)
        return identity

    async def generate(self, messages: Sequence[Message], config: Generation) -> Completion:
        """The reply; words are counted as tokens."""
        await asyncio.sleep(0)
        text = self._reply if isinstance(self._reply, str) else self._reply(messages)
        asked = sum(len(message.content.split()) for message in messages)
        return Completion(text=text, usage=Usage(input_tokens=asked, output_tokens=len(text.split())))

    async def loglikelihood(self, context: str, continuations: Sequence[str]) -> tuple[float, ...]:
        """What the function says of each."""
        await asyncio.sleep(0)
        return tuple(self._loglikelihood(context, continuation) for continuation in continuations)

    async def aclose(self) -> None:
        """Nothing to let go of."""


def _name_of(function: Callable[..., object]) -> str:
    return getattr(function, "__qualname__", "a function")
