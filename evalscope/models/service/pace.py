"""How fast a service is asked: how many requests at once, and when the next may leave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from evalscope.models.service.quota import Quota, read_quotas
from evalscope.models.service.rate import Episodes, Rate
from evalscope.models.service.slots import Slots

PAUSE_S = 1.0
WINDOW_S = 1.0
LONGEST_PAUSE_S = 120.0
CATCH_UP_S = 0.02
"""Requests that left late, since the loop was busy, are made up for within this time; it bounds what leaves at once."""

FULL = 0.8
MOST_SLEEPING = 64


class Ending(StrEnum):
    """What became of an attempt, as far as it says how fast the service may be asked."""

    ANSWERED = "answered"
    FAILED = "failed"  # in a way that has nothing to do with how much is asked
    TOO_MANY = "too many requests"
    TOO_BUSY = "too busy"  # not available, or out of time


@dataclass(slots=True)
class Attempt:
    """One request on its way.

    Attributes:
        sent_at: seconds of the clock that the pace is told.
        is_held: whether it had to wait for its turn.
        tokens: how many it was taken to need.
    """

    sent_at: float
    is_held: bool
    tokens: float = 0.0


@dataclass(slots=True)
class Pace:
    """What is known of a service, and what follows for the next request.

    It reads no clock: every time is handed in, in seconds of any one clock.

    Attributes:
        slots: how many at once; None where the user fixed their number.
        max_rpm: requests a minute that the user allows; None for any number.
        max_tpm: tokens a minute, prompts and answers together, that the user allows.
    """

    slots: Slots | None = None
    max_rpm: float | None = None
    max_tpm: float | None = None
    rate: Rate = field(default_factory=Rate)
    in_flight: int = 0
    _crowds: Episodes = field(default_factory=Episodes)
    _loads: Episodes = field(default_factory=Episodes)
    _next: float = 0.0
    _next_by_tokens: float = 0.0
    _paused_until: float = 0.0
    _pause_s: float = PAUSE_S
    _quotas: tuple[Quota | None, Quota | None] = (None, None)
    _told_at: float = 0.0
    _tokens: float = 0.0
    _num: int = 0

    @property
    def has_room(self) -> bool:
        """Whether one more may be in flight."""
        return self.slots is None or self.in_flight < self.slots.limit

    def wait_s(self, now: float) -> float:
        """Seconds until the next request may leave, 0 or less for at once; it may turn out to be less later on."""
        if (per_s := self._per_s(now)) is not None and per_s <= 0:
            return PAUSE_S
        return max(self._paused_until, self._next, self._next_by_tokens) - now

    def leave(self, now: float, size_bytes: int, *, is_held: bool) -> Attempt:
        """Sends a request, now."""
        self.in_flight += 1
        if per_s := self._per_s(now):
            self._next = max(self._next, now - CATCH_UP_S) + 1 / per_s
        tokens = self._tokens / self._num if self._num else size_bytes / 4
        if self.max_tpm is not None:
            self._next_by_tokens = max(self._next_by_tokens, now - CATCH_UP_S) + tokens * 60 / self.max_tpm
        return Attempt(now, is_held, tokens)

    def spent(self, attempt: Attempt, num_tokens: int) -> None:
        """Counts the tokens of an answered request; where it took more than was thought, the next ones wait for it."""
        self._tokens += num_tokens
        self._num += 1
        if self.max_tpm is not None:
            self._next_by_tokens += (num_tokens - attempt.tokens) * 60 / self.max_tpm

    def told(self, headers: Mapping[str, str], now: float, epoch_s: float) -> None:
        """Takes note of what the service says is left of its allowance."""
        requests, tokens = read_quotas(headers, epoch_s)
        if requests or tokens:
            self._quotas, self._told_at = (requests, tokens), now

    def ended(self, attempt: Attempt, ending: Ending, now: float, retry_after_s: float | None = None) -> None:
        """Takes note of what became of a request."""
        is_full = self.slots is None or self.in_flight >= FULL * self.slots.limit
        self.in_flight -= 1
        if ending is Ending.TOO_MANY:
            self._refused(attempt, now, retry_after_s)
        elif ending is Ending.TOO_BUSY:
            if self._loads.refused(now, attempt.sent_at, self.in_flight) and self.slots is not None:
                self.slots.cut(is_rate=False)
        else:
            self._crowds.accepted()
            self._loads.accepted()
            self.rate.accepted(now, attempt.sent_at, is_held=attempt.is_held)
            if self.slots is not None:
                self.slots.answered(now, now - attempt.sent_at, is_full=is_full and not attempt.is_held)

    def _refused(self, attempt: Attempt, now: float, retry_after_s: float | None) -> None:
        if self._crowds.refused(now, attempt.sent_at, self.in_flight):
            # a pause after which next to nothing was accepted was too short
            self._pause_s = PAUSE_S if self.rate.learn(now, self.in_flight) else min(LONGEST_PAUSE_S, 2 * self._pause_s)
            pause_s = min(LONGEST_PAUSE_S, max(self._pause_s, retry_after_s or 0.0))
            self._paused_until = max(self._paused_until, now + pause_s)
            if self.slots is not None:
                self.slots.cut(is_rate=True)
            return
        before = self.rate.per_s
        if not self.rate.refused(now, attempt.sent_at):
            self._crowds.several *= 2  # lowering the rate was of no use: so many refusals are this service's habit
        elif before is not None and self.rate.per_s is not None:
            # what was too much has to leave the service's window first
            self._next = max(self._next, now) + (before / self.rate.per_s - 1) * WINDOW_S

    def _per_s(self, now: float) -> float | None:
        """The lowest of all rates that are known."""
        lowest = self.rate.per_s
        if self.max_rpm is not None:
            lowest = self.max_rpm / 60 if lowest is None else min(lowest, self.max_rpm / 60)
        requests, tokens = self._quotas
        for quota, size in ((requests, 1.0), (tokens, self._tokens / self._num if self._num else 0.0)):
            if quota is None or not size or now - self._told_at >= min(quota.reset_s, LONGEST_PAUSE_S):
                continue
            per_s = quota.per_s(size * self.in_flight, LONGEST_PAUSE_S)
            if per_s is not None:
                lowest = per_s / size if lowest is None else min(lowest, per_s / size)
        return lowest
