"""A service and its questions in simulated time: what the pace makes of them."""

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from evalscope.models.service.pace import MOST_SLEEPING, Attempt, Ending, Pace

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
    rng, order, done = random.Random(seed), itertools.count(), Walked()
    events: list[tuple[float, int, Callable[[float], None]]] = []
    line: deque[int] = deque()  # numbers of failed attempts of the requests that want to leave
    left, asking, sleeping, gate_held = num, 0, 0, False

    def at(time: float, event: Callable[[float], None]) -> None:
        heapq.heappush(events, (time, next(order), event))

    def refill(now: float) -> None:
        nonlocal left, asking
        wanted = slots if pace.slots is None else pace.slots.limit + min(sleeping, MOST_SLEEPING)
        while left and asking < wanted:
            left, asking = left - 1, asking + 1
            line.append(0)
        open_gate(now)

    def open_gate(now: float) -> None:
        nonlocal gate_held
        while line and pace.has_room and not gate_held:
            if (wait_s := pace.wait_s(now)) > 0:
                gate_held = True
                at(now + min(wait_s, 0.5), lambda now: let_go(now))
                return
            send(now, line.popleft(), is_held=False)

    def let_go(now: float) -> None:
        nonlocal gate_held
        gate_held = False
        if line and pace.has_room and pace.wait_s(now) <= 1e-9:
            send(now, line.popleft(), is_held=True)
        open_gate(now)

    def send(now: float, num_failed: int, *, is_held: bool) -> None:
        attempt = pace.leave(now, 400, is_held=is_held)
        done.num_attempts += 1
        done.peak = max(done.peak, pace.in_flight)
        latency_s, ending = serve(now, pace.in_flight)
        at(now + latency_s, lambda now: end(now, attempt, ending, num_failed))

    def end(now: float, attempt: Attempt, ending: Ending, num_failed: int) -> None:
        nonlocal asking, sleeping
        pace.ended(attempt, ending, now, retry_after_s if ending is Ending.TOO_MANY else None)
        if ending is Ending.ANSWERED:
            asking -= 1
            done.answered_at.append(now)
            refill(now)
            return
        done.num_refused += ending is Ending.TOO_MANY
        sleeping += 1
        asked_s = retry_after_s if ending is Ending.TOO_MANY else 0.0
        at(now + asked_s + rng.uniform(0, 0.5 * 2**num_failed), lambda now: come_back(now, num_failed + 1))
        open_gate(now)

    def come_back(now: float, num_failed: int) -> None:
        nonlocal sleeping
        sleeping -= 1
        line.append(num_failed)
        open_gate(now)

    refill(0.0)
    while events:
        now, _, event = heapq.heappop(events)
        event(now)
    assert len(done.answered_at) == num
    done.span_s = done.answered_at[-1]
    return done


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
