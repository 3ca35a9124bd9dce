"""How many requests a second a service allows: learned from its refusals."""

from dataclasses import dataclass

ACCEPTED, REFUSED, SEVERAL = 1, 5, 25
"""A refusal counts for as much as five answers count against it; at 25 it is no accident of single requests.

Five in a row get there, so do refusals of every fourth request before long. Where one in twenty is refused at random,
it takes tens of thousands of requests on average.
"""

KEPT = 0.97
"""The share of a measured rate that is kept to: at the very rate, every unevenness would be refused."""

LEAST_SPAN_S = 1.0
MEMORY_S = 10.0
LEAST_PER_S = 0.02
FEW = 10
"""So few accepted requests measure nothing."""


FIRST_STEP, SURE_STEP, LEAST_STEP = 1.5, 1.1, 1.02
FIRST_HOLD_S, SURE_HOLD_S, LONGEST_HOLD_S = 1.0, 2.0, 12.0

FORGET_BELOW = 0.25
"""Where slowing down to this share of a rate does not end the refusals, they have another cause."""


@dataclass(slots=True)
class Episodes:
    """Tells refusals that come in numbers from those of single requests.

    Attributes:
        several: how much makes an episode.
    """

    several: int = SEVERAL
    _score: int = 0
    _began: float = -1.0

    def accepted(self) -> None:
        """Counts an attempt that was not refused."""
        if self._score:
            self._score -= ACCEPTED

    def refused(self, now: float, sent_at: float, in_flight: int) -> bool:
        """Counts a refused attempt; whether an episode begins with it.

        What was sent before the last episode began belongs to that one. Refusals come sooner than answers, so those
        still on their way are taken to be half accepted.
        """
        if sent_at <= self._began:
            return False
        self._score += REFUSED
        if self._score < self.several + in_flight / 2:
            return False
        self._score, self._began = 0, now
        return True


@dataclass(slots=True)
class Rate:
    """Requests a second: none known until an episode of refusals, then raised and lowered in ever smaller steps.

    Between two episodes a service has given out exactly what it allows, whatever its window or its bucket; before the
    first, what it gave is all that is known.

    Attributes:
        per_s: what is kept to; None while none is known.
    """

    per_s: float | None = None
    _learned: float = 0.0
    _step: float = FIRST_STEP
    _hold_s: float = FIRST_HOLD_S
    _is_raised: bool = False
    _changed: float = 0.0
    _num: float = 0.0
    _since: float = -1.0
    _num_before: float = 0.0
    _since_before: float = -1.0

    def accepted(self, now: float, sent_at: float, *, is_held: bool) -> None:
        """Counts an answer; after a while without refusals the rate is tried a little higher.

        Args:
            now: seconds of any clock.
            sent_at: when the request left.
            is_held: whether the request had to wait for its turn: a rate that holds nobody back needs no raise.
        """
        if self._since < 0:
            self._since = sent_at
        self._num += 1
        if now - self._since > MEMORY_S:
            self._num, self._since = self._num / 2, (self._since + now) / 2
        if self.per_s is not None and is_held and now - self._changed > max(self._hold_s, 4 / self.per_s):
            self.per_s *= self._step
            self._changed, self._is_raised = now, True

    def refused(self, now: float, sent_at: float) -> bool:
        """Lowers a known rate by a step; False where that has been of no use, and no rate is known any more."""
        if self.per_s is None or sent_at <= self._changed:
            return True
        self.per_s = max(LEAST_PER_S, self.per_s / self._step)
        if self._is_raised:
            self._step = max(LEAST_STEP, self._step**0.5)
            self._hold_s = min(LONGEST_HOLD_S, 2 * self._hold_s)
        self._changed, self._is_raised = now, False
        if self.per_s > FORGET_BELOW * self._learned:
            return True
        self.per_s, self._step, self._hold_s = None, FIRST_STEP, FIRST_HOLD_S
        self._num, self._since = 0, now
        return False

    def learn(self, now: float, in_flight: int) -> bool:
        """Takes the rate of what has been accepted since the last episode; whether that was more than a few.

        Half of what is in flight is taken to be accepted.
        """
        is_fruitful = self._num >= FEW
        if not is_fruitful:  # a span so short, or so poor, is seen together with the one before
            self._num, self._since = self._num + self._num_before, self._since_before
        if self._since < 0:
            self._since = now
        measured = KEPT * max(1.0, self._num + in_flight / 2) / max(LEAST_SPAN_S, now - self._since)
        if self.per_s is not None:
            measured = min(self.per_s, measured)
        if is_fruitful:
            self._step, self._hold_s = min(self._step, SURE_STEP), max(self._hold_s, SURE_HOLD_S)
        self.per_s = self._learned = max(LEAST_PER_S, measured)
        self._changed, self._is_raised = now, False
        self._num_before, self._since_before = self._num, self._since
        self._num, self._since = 0, now
        return is_fruitful
