"""A service and its questions in simulated time: what the pace makes of them."""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from evalscope.models.service.door import LONGEST_NAP_S
from evalscope.models.service.pace import MOST_SLEEPING, Attempt, Ending, Pace

START = 1000.0
"""Clocks do not begin at 0."""

Serve = Callable[[float, int], tuple[float, Ending]]
"""(time, number in flight) → (seconds until the reply, what it is)."""


@dataclass
class Walked:
    """What a simulated run came to."""

    span_s: float = 0.0
    answered_at: list[float] = field(default_factory=list)
    num_attempts: int = 0
    num_refused: int = 0
    peak: int = 0

    @property
    def share_refused(self) -> float:
        return self.num_refused / self.num_attempts

    def rate_between(self, first: float, last: float) -> float:
        """Answers a second between two shares of the run."""
        times = self.answered_at[int(first * len(self.answered_at)) : int(last * len(self.answered_at))]
        return (len(times) - 1) / (times[-1] - times[0])


def walk(pace: Pace, serve: Serve, num: int, *, retry_after_s: float = 1.0, slots: int = 64, seed: int = 0) -> Walked:
    """Asks `num` questions as the engine and the service's client do: slots, one gate, waits before repetitions."""
    return Simulation(pace, serve, num, retry_after_s, slots, seed).run()


class Simulation:
    """Events in the order of their times."""

    def __init__(self, pace: Pace, serve: Serve, num: int, retry_after_s: float, slots: int, seed: int) -> None:
        self.pace, self.serve, self.num, self.slots = pace, serve, num, slots
        self.retry_after_s, self.rng = retry_after_s, random.Random(seed)
        self.events: list[tuple[float, int, Callable[[float], None]]] = []
        self.order = itertools.count()
        self.line: deque[int] = deque()  # requests that want to leave, each as the number of its failed attempts
        self.left, self.num_asked, self.num_sleeping, self.is_gate_held = num, 0, 0, False
        self.done = Walked()

    def run(self) -> Walked:
        self.refill(START)
        while self.events:
            now, _, event = heapq.heappop(self.events)
            event(now)
        assert len(self.done.answered_at) == self.num
        self.done.span_s = self.done.answered_at[-1] - START
        return self.done

    def at(self, time: float, event: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (time, next(self.order), event))

    def refill(self, now: float) -> None:
        slots = self.pace.slots
        wanted = self.slots if slots is None else slots.limit + min(self.num_sleeping, MOST_SLEEPING)
        while self.left and self.num_asked < wanted:
            self.left, self.num_asked = self.left - 1, self.num_asked + 1
            self.line.append(0)
        self.open_gate(now)

    def open_gate(self, now: float) -> None:
        while self.line and self.pace.has_room and not self.is_gate_held:
            if (wait_s := self.pace.wait_s(now)) > 0:
                self.is_gate_held = True
                self.at(now + min(wait_s, LONGEST_NAP_S), self.let_go)
                return
            self.send(now, is_held=False)

    def let_go(self, now: float) -> None:
        self.is_gate_held = False
        if self.line and self.pace.has_room and self.pace.wait_s(now) <= 1e-9:
            self.send(now, is_held=True)
        self.open_gate(now)

    def send(self, now: float, *, is_held: bool) -> None:
        num_failed = self.line.popleft()
        attempt = self.pace.leave(now, 400, is_held=is_held)
        self.done.num_attempts += 1
        self.done.peak = max(self.done.peak, self.pace.in_flight)
        latency_s, ending = self.serve(now, self.pace.in_flight)
        self.at(now + latency_s, lambda now: self.end(now, attempt, ending, num_failed))

    def end(self, now: float, attempt: Attempt, ending: Ending, num_failed: int) -> None:
        asked_s = self.retry_after_s if ending is Ending.TOO_MANY else 0.0
        self.pace.ended(attempt, ending, now, asked_s or None)
        if ending is Ending.ANSWERED:
            self.num_asked -= 1
            self.done.answered_at.append(now)
            self.refill(now)
            return
        self.done.num_refused += ending is Ending.TOO_MANY
        self.num_sleeping += 1
        wait_s = asked_s + self.rng.uniform(0, 0.5 * 2**num_failed)
        self.at(now + wait_s, lambda now: self.come_back(now, num_failed + 1))
        self.open_gate(now)

    def come_back(self, now: float, num_failed: int) -> None:
        self.num_sleeping -= 1
        self.line.append(num_failed)
        self.open_gate(now)


@dataclass
class Window:
    """Allows so many requests within any so many seconds."""

    num: int
    span_s: float = 1.0
    _times: deque[float] = field(default_factory=deque)

    def allows(self, now: float) -> bool:
        while self._times and self._times[0] <= now - self.span_s:
            self._times.popleft()
        if len(self._times) >= self.num:
            return False
        self._times.append(now)
        return True


@dataclass
class Bucket:
    """Allows so many requests a second, and `size` at once after a quiet while."""

    per_s: float
    size: float
    _level: float = -1.0
    _at: float = 0.0

    def allows(self, now: float) -> bool:
        level = self.size if self._level < 0 else min(self.size, self._level + (now - self._at) * self.per_s)
        self._level, self._at = level - (level >= 1), now
        return level >= 1


@dataclass
class Calendar:
    """Allows so many requests in each second of the clock."""

    num: int
    _second: int = -1
    _used: int = 0

    def allows(self, now: float) -> bool:
        if int(now) != self._second:
            self._second, self._used = int(now), 0
        self._used += 1
        return self._used <= self.num
