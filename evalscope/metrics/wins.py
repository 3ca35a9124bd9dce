"""Which of two models' answers a judge prefers, as a share of comparisons."""

import math
from collections.abc import Sequence
from types import MappingProxyType
from typing import Literal

from evalscope.core.report import Estimate
from evalscope.metrics.shares import estimate_share

Winner = Literal["A", "B", "TIE"]

CREDIT = MappingProxyType({"A": 1.0, "TIE": 0.5, "B": 0.0})
"""What a verdict is worth to A."""

_SWAPPED = MappingProxyType[Winner, Winner]({"A": "B", "TIE": "TIE", "B": "A"})


def swap(winner: Winner) -> Winner:
    """The winner by model where the answers were shown the other way round: A in first place was B's."""
    return _SWAPPED[winner]


def win_rate(comparisons: Sequence[Sequence[Winner]]) -> Estimate:
    """The share of comparisons that A wins, a tie counting half.

    Args:
        comparisons: for each question the winner by model in every order of the two answers that was judged. Both
            orders are one comparison, so a judge that prefers the first place whatever stands there sees a tie.
            Comparisons without a verdict are left out.
    """
    earned = [math.fsum(CREDIT[winner] for winner in winners) / len(winners) for winners in comparisons if winners]
    return estimate_share(earned, [1.0] * len(earned))
