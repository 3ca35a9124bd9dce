"""How many requests are sent at once: found out by sending more, and looking whether more comes back."""

from dataclasses import dataclass

START = 8
MOST = 256

CLEAR = 1.7
"""A doubling that brings so much more at once has paid."""

DOUBLING_PAYS = 1.15
STEP, STEP_PAYS = 1.5, 1.1
"""What a trial brings at least, for the next one to be made from there."""

SLOWER = 3.0
"""Where answers take so many times as long as at first, nothing pays, even if a little more comes back."""

LEAST_NUM = 24
LEAST_SPAN_S = 0.05
LEAST_LATENCY_S = 1e-6
"""Fewer seconds than this say nothing about how much comes back."""

FIRST_REST, LONGEST_REST = 1, 32
NUM_DOUBLINGS_FAILED = 2


@dataclass(slots=True)
class Slots:
    """Requests at once: doubled while that pays, then tried a little higher now and then, halved in trouble.

    With n requests in flight all the time, n is their rate times their latency: that the rate rises with n and that the
    latency does not are the same thing, and only the rate is looked at.

    Attributes:
        limit: how many at once now.
        most: never more.
    """

    limit: int = START
    most: int = MOST
    _base: int = START  # the number that has proved itself; where the limit is another one, that is on trial
    _base_rate: float = 0.0
    _first_rate_per_slot: float = 0.0
    _is_doubling: bool = True
    _num_failed: int = 0
    _rest: int = FIRST_REST  # so many measurements lie between a failed trial and the next
    _num_rests: int = 0
    _is_settled: bool = False  # whether the answers that count were asked for since the last change
    _count: int = 0
    _num_idle: int = 0
    _latency_s: float = 0.0
    _since: float = 0.0

    def answered(self, now: float, latency_s: float, *, is_full: bool) -> None:
        """Counts an answer, and decides once there have been enough.

        Args:
            now: seconds of any clock.
            latency_s: how long it took.
            is_full: whether all slots were in use, and nothing but their number held requests back; otherwise there is
                nothing to learn.
        """
        if not self._count:
            self._since = now - latency_s
        self._count += 1
        self._latency_s += latency_s
        self._num_idle += not is_full
        # for as many answers as there are slots it shows how things were before the last change
        enough = max(LEAST_NUM, 2 * self.limit) if self._is_settled else self.limit
        if now - self._since < LEAST_SPAN_S or self._count < enough:
            return
        rate, is_idle = (
            self.limit * self._count / max(self._latency_s, LEAST_LATENCY_S),
            2 * self._num_idle > self._count,
        )
        self._count, self._num_idle, self._latency_s = 0, 0, 0.0
        if is_idle:
            return
        if self.limit == self._base:
            self._go_on(rate)
        else:
            self._judge(rate)

    def cut(self, *, is_rate: bool) -> None:
        """Halves the number; `is_rate` where requests were too many in a time rather than at once.

        The pace then sees to their rate, and the number may soon double again.
        """
        self.limit = max(1, self.limit // 2)
        self._base, self._base_rate = self.limit, 0.0
        self._is_doubling, self._num_failed, self._rest = is_rate, 0, FIRST_REST
        self._start_measuring()

    def _go_on(self, rate: float) -> None:
        """Learns what the proven number brings, and tries a higher one when it is time."""
        if not self._base_rate:
            self._base_rate, self._first_rate_per_slot = rate, rate / self.limit
        elif self._is_settled:
            self._base_rate = (self._base_rate + rate) / 2
        self._is_settled = True
        self._num_rests += 1
        if self._num_rests > self._rest or (not self._num_failed and self._is_doubling):
            self._try_more()

    def _judge(self, rate: float) -> None:
        """Decides whether the higher number stays."""
        needed = self._base_rate * (DOUBLING_PAYS if self._is_doubling else STEP_PAYS)
        needed = max(needed, self._first_rate_per_slot * self.limit / SLOWER)
        is_clear = self._is_doubling and rate > max(needed, CLEAR * self._base_rate)
        if is_clear or (self._is_settled and rate > needed):
            self._base, self._base_rate = self.limit, rate
            self._rest, self._num_failed = FIRST_REST, 0
            self._try_more()
        elif not self._is_settled:
            self._is_settled = True
        else:
            self.limit = self._base
            self._num_failed += 1
            self._is_doubling = self._is_doubling and self._num_failed < NUM_DOUBLINGS_FAILED
            self._rest = min(LONGEST_REST, 2 * self._rest)
            self._start_measuring()

    def _try_more(self) -> None:
        self.limit = min(
            self.most, 2 * self._base if self._is_doubling else max(self._base + 1, int(self._base * STEP))
        )
        self._start_measuring()

    def _start_measuring(self) -> None:
        self._num_rests, self._is_settled = 0, False
        self._count, self._num_idle, self._latency_s = 0, 0, 0.0
