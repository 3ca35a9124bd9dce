"""When a failed attempt is repeated: what is worth it, after how long a wait."""

import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from evalscope.models.service.pace import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long is waited, all in seconds.

    Attributes:
        first_wait_s: the most before the first repetition; it doubles from one to the next.
        longest_wait_s: where the doubling ends.
        longest_retry_after_s: the most of what a server may ask for in Retry-After.
        connect_s: for a connection, until the address has answered once.
        later_connect_s: for a connection afterwards, when a full queue of a busy server is the likeliest cause.
    """

    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    longest_retry_after_s: float = 120.0
    connect_s: float = 3.0
    later_connect_s: float = 30.0

    def wait_s(self, num_failed: int, retry_after_s: float | None, rng: random.Random) -> float:
        """Seconds before the next attempt after `num_failed` >= 1 failed ones.

        Drawn evenly between 0 and the doubling bound ("full jitter"), on top of what the server asked for: requests
        that were refused together must not come back together.
        """
        bound = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(num_failed - 1, 60))
        return min(retry_after_s or 0.0, self.longest_retry_after_s) + rng.uniform(0.0, bound)


class AttemptFailed(Exception):
    """One attempt failed in a way that may pass. It stays within this package.

    Attributes:
        reason: what happened, fit for a message.
        retry_after_s: how long the server asks to wait; None where it does not.
        most_if_silent: how many repetitions make sense while the address has never answered; None for the usual number.
        ending: what it says about how fast the service may be asked.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after_s: float | None = None,
        most_if_silent: int | None = None,
        ending: Ending = Ending.FAILED,
    ) -> None:
        super().__init__(reason)
        self.ending = ending
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.most_if_silent = most_if_silent


def is_worth_repeating(status: int) -> bool:
    """Whether an HTTP status may pass: time-outs, conflicts, too many requests, faults of the server.

    501 does not pass: the server has not learnt what is asked.
    """
    return status in (408, 409, 425, 429) or (status >= 500 and status != 501)


def ending_of(status: int) -> Ending:
    """What an HTTP status that is no success says about how fast the service may be asked.

    529 is what some services say for 503.
    """
    if status == 429:
        return Ending.TOO_MANY
    return Ending.TOO_BUSY if status in (408, 503, 504, 529) else Ending.FAILED


def parse_retry_after(header: str | None) -> float | None:
    """Seconds from now that a Retry-After header asks for, in either form; None where it is absent or unreadable."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds else None
