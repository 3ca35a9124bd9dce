"""Where requests to a service leave, one after the other, as its pace allows."""

import asyncio
import time
from collections.abc import Mapping

from evalscope.models.service.pace import MOST_SLEEPING, Attempt, Ending, Pace

LONGEST_NAP_S = 0.5
"""What is known of the service may change while a request waits, so it looks again after this time."""


class Door:
    """Lets requests out in the order in which they come; it belongs to the event loop in which it is first used."""

    def __init__(self, pace: Pace, num_fixed: int = 0) -> None:
        """`num_fixed` is how many requests the user wants at once, where the pace does not find out."""
        self._pace, self._num_fixed = pace, num_fixed
        self._line = asyncio.Lock()
        self._ended = asyncio.Event()
        self._num_resting = 0

    @property
    def concurrency(self) -> int:
        """How many questions should be in hand: one that waits to be sent again makes room for another."""
        if self._pace.slots is None:
            return self._num_fixed
        return self._pace.slots.limit + min(self._num_resting, MOST_SLEEPING)

    async def enter(self, size_bytes: int) -> Attempt:
        """Waits until a request of that size may leave; whoever enters tells by `leave` what became of it."""
        pace, is_held = self._pace, False
        now = time.monotonic()
        if not self._line.locked() and pace.has_room and pace.wait_s(now) <= 0:
            return pace.leave(now, size_bytes, is_held=False)
        async with self._line:  # it is handed on in the order of arrival
            while True:
                if not pace.has_room:
                    self._ended.clear()
                    await self._ended.wait()
                    continue
                now = time.monotonic()
                if (wait_s := pace.wait_s(now)) <= 0:
                    return pace.leave(now, size_bytes, is_held=is_held)
                is_held = True
                await asyncio.sleep(min(wait_s, LONGEST_NAP_S))

    def leave(self, attempt: Attempt, ending: Ending, retry_after_s: float | None = None) -> None:
        """Takes note of what became of a request."""
        self._pace.ended(attempt, ending, time.monotonic(), retry_after_s)
        self._ended.set()

    async def rest(self, seconds: float) -> None:
        """Waits before a request is sent again."""
        self._num_resting += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self._num_resting -= 1

    def told(self, headers: Mapping[str, str]) -> None:
        """Takes note of what the service says is left of its allowance."""
        self._pace.told(headers, time.monotonic(), time.time())

    def spent(self, attempt: Attempt, num_tokens: int) -> None:
        """Counts the tokens of an answered request."""
        self._pace.spent(attempt, num_tokens)
