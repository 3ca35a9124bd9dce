"""A model that is no model: it replies what it is told to, for trying things out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion, Usage


class MockModel:
    """Replies with a text, or with what a function of the messages returns."""

    def __init__(
        self,
        reply: str | Callable[[Sequence[Message]], str] = "ANSWER: A",
        *,
        name: str = "mock_llm",
        concurrency: int = 8,
    ) -> None:
        self._reply = reply
        self.name = name
        self.concurrency = concurrency

    @property
    def identity(self) -> Mapping[str, str]:
        """The text it replies, or the function's name."""
        reply = self._reply if isinstance(self._reply, str) else getattr(self._reply, "__qualname__", "a function")
        return {"kind": "mock_llm", "reply": reply}

    async def generate(self, messages: Sequence[Message], config: Generation) -> Completion:
        """The reply; words are counted as tokens."""
        await asyncio.sleep(0)
        text = self._reply if isinstance(self._reply, str) else self._reply(messages)
        asked = sum(len(message.content.split()) for message in messages)
        return Completion(text=text, usage=Usage(input_tokens=asked, output_tokens=len(text.split())))

    async def aclose(self) -> None:
        """Nothing to let go of."""
