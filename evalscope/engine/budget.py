"""What a walk may spend, in seconds and in tokens: no request leaves that could pass it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from evalscope.core.response import Response
from evalscope.engine.plan import Request

TOKENS_A_BYTE = 1.0
"""No tokenizer makes more tokens than bytes; until an answer says how many they really are, that is what is counted."""

TOKENS_AROUND = 32
"""What chat templates put around a conversation, about."""

MARGIN = 1.1
"""Prompts are not all as dense as those seen so far."""


@dataclass(slots=True, kw_only=True)
class Budget:
    """Counts what was spent and what is in flight.

    Attributes:
        max_tokens: of prompts and answers together; None for any number.
        max_time_s: from the making of this value; None for any time.
        clock: seconds.
        spent_by: which limit ended the walk, as the flag that sets it; empty while none has.
    """

    max_tokens: int | None = None
    max_time_s: float | None = None
    clock: Callable[[], float] = time.monotonic
    spent_by: str = ""
    _started: float = field(init=False)
    _spent: int = 0
    _reserved: int = 0
    _ratio: float = 0.0
    _longest_answer: int = 0
    _longest_s: float = 0.0
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._started = self.clock()

    async def admit(self, request: Request) -> int | None:
        """Tokens set aside for a request, once that many are left; None where they never will be, or time is up."""
        while not self.spent_by:
            if self.max_time_s is not None and self.clock() + self._longest_s > self._started + self.max_time_s:
                self.spent_by = f"--max-time {self.max_time_s:g}"
                break
            if self.max_tokens is None:
                return 0
            needed = self._needed(request)
            if self._spent + self._reserved + needed <= self.max_tokens:
                self._reserved += needed
                return needed
            if not self._reserved:
                self.spent_by = f"--max-tokens-total {self.max_tokens}"
                break
            self._released.clear()
            await self._released.wait()
        return None

    def settle(self, request: Request, reserved: int, response: Response | None) -> None:
        """Counts what a request really took; nothing where it failed."""
        self._reserved -= reserved
        self._released.set()
        for completion in response.completions if response else ():
            asked, said = completion.usage.input_tokens, completion.usage.output_tokens
            self._spent += reserved if asked is None or said is None else asked + said
            self._longest_s = max(self._longest_s, completion.latency_s or 0.0)
            self._longest_answer = max(self._longest_answer, said or 0)
            if asked is not None:
                self._ratio = max(self._ratio, (asked - TOKENS_AROUND) / max(1, _num_bytes(request)))

    def _needed(self, request: Request) -> int:
        """The most tokens a request could take, as far as answers so far tell."""
        ratio = min(TOKENS_A_BYTE, self._ratio * MARGIN) if self._ratio > 0 else TOKENS_A_BYTE
        prompt = int(ratio * _num_bytes(request)) + TOKENS_AROUND
        most = request.generation.max_tokens
        return prompt + (most if most is not None else 2 * self._longest_answer)


def _num_bytes(request: Request) -> int:
    return sum(len(message.content.encode("utf-8", "surrogatepass")) for message in request.messages)
