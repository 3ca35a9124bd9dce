"""An endpoint that goes away in mid-run: failures in a row are held back until it shows whose fault they were."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from evalscope.engine.plan import Request
from evalscope.errors import AnswerRefused, ModelError, PromptTooLong, RequestRefused

FEWEST_IN_A_ROW = 8
"""Fewer failures in a row may be accidents."""

PROBE_EVERY_S = 5.0

Failure = tuple[Request, ModelError]


@dataclass(slots=True, kw_only=True)
class Outage:
    """Failures since the last answer, and whether they mean that nobody is there.

    Attributes:
        give_up_after_s: seconds without an answer after which there is no hope.
        clock: seconds.
        suspects: requests that failed since the last answer; nothing is written about them yet.
        is_on: whether the endpoint is taken for gone, and all slots stand still.
        over: set while it is not.
        num_answered: answers so far.
    """

    give_up_after_s: float = 600.0
    clock: Callable[[], float] = time.monotonic
    suspects: deque[Failure] = field(default_factory=deque)
    is_on: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    num_answered: int = 0
    _answered_at: float = 0.0
    _had_second_chance: set[tuple[str, str, str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.over.set()
        self._answered_at = self.clock()

    @property
    def probe_every_s(self) -> float:
        """Seconds between two attempts while it lasts."""
        return min(PROBE_EVERY_S, self.give_up_after_s / 20)

    @property
    def is_hopeless(self) -> bool:
        """Whether it has lasted for too long."""
        return self.clock() - self._answered_at > self.give_up_after_s

    def answered(self) -> Iterator[Failure]:
        """Takes note of an answer: whoever failed before it, while others were answered, failed by its own fault."""
        self._answered_at = self.clock()
        self.num_answered += 1
        while self.suspects and not self.is_on:
            yield self.suspects.popleft()

    def holds(self, request: Request, error: ModelError) -> bool:
        """Keeps a failure back, unless the endpoint itself has judged the request, or it failed twice."""
        if (
            isinstance(error, PromptTooLong | AnswerRefused | RequestRefused)
            or _name(request) in self._had_second_chance
        ):
            return False
        self.suspects.append((request, error))
        return True

    def begins(self, num_slots: int) -> bool:
        """Whether as many have failed in a row as are asked at once: then it begins."""
        num = len({id(error) for _, error in self.suspects})  # equal questions share one failure
        if self.is_on or num < max(FEWEST_IN_A_ROW, num_slots):
            return False
        self.is_on = True
        self.over.clear()
        return True

    def end(self) -> list[Request]:
        """The requests that are to be asked again, now that it is over."""
        again = [request for request, _ in self.suspects]
        self._had_second_chance.update(map(_name, again))
        self.suspects.clear()
        self.is_on = False
        self.over.set()
        return again


def _name(request: Request) -> tuple[str, str, str, int]:
    return request.subset.dataset.name, request.subset.name, request.sample.id, request.repeat
