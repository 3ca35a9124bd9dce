"""What a service says that is left of its allowance, in the headers of its replies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")
WHOLE = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smhd]))+")

EPOCH_S = 1e9
EPOCH_MS = 1e12
"""Numbers from here on are no spans but points in time since 1970."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests, or tokens, that may still be used.

    Attributes:
        remaining: how many.
        reset_s: seconds until all of it may be used again.
        limit: how many that is; None where the service does not say.
    """

    remaining: float
    reset_s: float
    limit: float | None = None

    def per_s(self, num_in_flight: float, most_wait_s: float) -> float | None:
        """The rate that leaves something to the end; None while there is plenty, 0 where nothing may be sent.

        What is left is spread over the time until the reset once it is less than half. That is right for a window,
        which ends then, and for a bucket, which fills all the time: half full, it fills at just this rate.
        A reset far away, as that of a day's allowance, is not waited for.
        """
        plenty = self.limit / 2 if self.limit is not None else 4 * num_in_flight
        if self.remaining >= max(plenty, num_in_flight) or self.reset_s <= 0:
            return None
        left = self.remaining - num_in_flight
        return max(0.0, left) / min(self.reset_s, most_wait_s)


def read_quotas(headers: Mapping[str, str], now: float) -> tuple[Quota | None, Quota | None]:
    """What is left of requests and of tokens; None where the service does not say.

    Args:
        headers: of a reply; their names in any case.
        now: seconds since 1970.
    """
    requests = _read(headers, "x-ratelimit-%s-requests", now) or _read(headers, "x-ratelimit-%s", now)
    return requests, _read(headers, "x-ratelimit-%s-tokens", now)


def _read(headers: Mapping[str, str], names: str, now: float) -> Quota | None:
    if (said := headers.get(names % "remaining")) is None:
        return None
    remaining, reset_s = _number(said), parse_reset(headers.get(names % "reset"), now)
    if remaining is None or reset_s is None:
        return None
    return Quota(remaining, reset_s, _number(headers.get(names % "limit")))


def parse_reset(text: str | None, now: float) -> float | None:
    """Seconds until a reset, said as "6m0s", "12ms", seconds, or a time (since 1970, or a date); None if unreadable."""
    if not text:
        return None
    text = text.strip()
    if (number := _number(text)) is not None:
        if number >= EPOCH_S:
            number = number / (1000 if number >= EPOCH_MS else 1) - now
        return max(0.0, number)
    if WHOLE.fullmatch(text):
        return sum(float(number) * UNITS_S[unit] for number, unit in PARTS.findall(text))
    try:
        return max(0.0, datetime.fromisoformat(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else None
    except ValueError:
        return None
    return number if number is not None and 0 <= number < float("inf") else None
