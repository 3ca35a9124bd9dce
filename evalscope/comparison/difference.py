"""The difference between two runs, with its interval and its p."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import NormalDist
from typing import Any

from evalscope.comparison.drawing import paired_bootstrap, sign_flip_test
from evalscope.comparison.mcnemar import mcnemar, paired_interval
from evalscope.comparison.pairs import Pair
from evalscope.metrics.groups import Units, clustered_variance, sum_by_group
from evalscope.metrics.intervals import Z_95, student


class Method(StrEnum):
    """How the p was found."""

    MCNEMAR = "McNemar, exact"
    SIGN_FLIPS = "sign flips by group"
    BOOTSTRAP = "paired bootstrap"
    TWO_SAMPLES = "two samples"
    WEIGHTED = "of its data sets"
    NONE = "none"


FEW_PAIRS = 100
"""With fewer, a bootstrap finds differences a little too often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a later run has more than the first one.

    Attributes:
        value: the difference of means; nan where nothing can be compared.
        ci_low: lower end of the 95 % interval; nan where it cannot be known.
        ci_high: upper end.
        p: two-sided; nan where there is no test.
        mid_p: of McNemar's test; nan elsewhere.
        first: the first run's mean over the samples compared.
        later: the later run's.
        num: samples compared; of two samples those of the smaller.
        num_groups: groups that they come in; 0 where all are on their own.
        gained: samples on which the later run is better.
        lost: samples on which it is worse.
        test: how p was found.
    """

    value: float
    ci_low: float
    ci_high: float
    p: float
    mid_p: float = math.nan
    first: float
    later: float
    num: int
    num_groups: int = 0
    gained: int = 0
    lost: int = 0
    test: Method

    @property
    def discordant(self) -> float:
        """The share of samples on which the runs differ."""
        return (self.gained + self.lost) / self.num if self.num else math.nan


NOTHING = Difference(
    value=math.nan,
    ci_low=math.nan,
    ci_high=math.nan,
    p=math.nan,
    first=math.nan,
    later=math.nan,
    num=0,
    test=Method.NONE,
)
"""The difference between runs that have no scored sample in common."""


def paired_difference(pairs: Sequence[Pair]) -> Difference:
    """The mean difference over samples that both runs scored.

    In groups: signs flipped by group, and Student's interval with the groups' error. Right or wrong without repeats:
    McNemar's exact test, and Tango's interval. Otherwise a paired bootstrap.

    Source: Miller 2024, "Adding Error Bars to Evals", section 4.2 (why pairs).
    """
    num = len(pairs)
    if not num:
        return NOTHING
    differences = [pair.difference for pair in pairs]
    units = sum_by_group(differences, [pair.group for pair in pairs])
    base = replace(
        NOTHING,
        value=math.fsum(differences) / num,
        first=math.fsum(pair.before for pair in pairs) / num,
        later=math.fsum(pair.after for pair in pairs) / num,
        num=num,
        num_groups=units.num_groups,
        gained=sum(difference > 0 for difference in differences),
        lost=sum(difference < 0 for difference in differences),
    )
    if units.are_groups:
        return _by_group(base, pairs, units)
    if all(value in (0.0, 1.0) for pair in pairs for value in (pair.before, pair.after)):
        found = mcnemar(base.gained, base.lost)
        low, high = paired_interval(base.gained, base.lost, num, Z_95)
        return replace(base, ci_low=low, ci_high=high, p=found.exact, mid_p=found.mid, test=Method.MCNEMAR)
    if num == 1 or base.gained + base.lost == 0:
        return replace(base, p=1.0, test=Method.BOOTSTRAP)
    drawn = paired_bootstrap(differences)
    return replace(base, ci_low=drawn.ci_low, ci_high=drawn.ci_high, p=drawn.p, test=Method.BOOTSTRAP)


def _by_group(base: Difference, pairs: Sequence[Pair], units: Units) -> Difference:
    above = sum_by_group([pair.difference - base.value for pair in pairs], [pair.group for pair in pairs])
    stderr = math.sqrt(clustered_variance(above, base.num))
    low = high = math.nan
    if stderr > 0:  # neither nan nor without any spread
        low, high = student(base.value, stderr, len(above.sums) - 1)
        low, high = (max(-1.0, low), min(1.0, high)) if _are_shares(pairs) else (low, high)
    return replace(base, ci_low=low, ci_high=high, p=sign_flip_test(units.sums), test=Method.SIGN_FLIPS)


def _are_shares(pairs: Sequence[Pair]) -> bool:
    return all(0 <= value <= 1 for pair in pairs for value in (pair.before, pair.after))


def unpaired_difference(first: Mapping[str, Any], later: Mapping[str, Any]) -> Difference:
    """The difference of two scores over different samples, or asked in different ways.

    The interval is put together from those of the scores; p is that of a normal deviate as many standard errors from 0
    as the interval says, so that it is below 0.05 where the interval leaves 0 out.

    Args:
        first: a row of the first run's report, as JSON.
        later: a row of the later run's.

    Source: Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10; Zou &
        Donner 2008, "Construction of confidence limits about effect measures: a general approach".
    """
    names = ("score", "ci_low", "ci_high")
    before, after = ([math.nan if row[name] is None else row[name] for name in names] for row in (first, later))
    value = after[0] - before[0]
    below = math.hypot(after[0] - after[1], before[2] - before[0])
    above = math.hypot(after[2] - after[0], before[0] - before[1])
    return replace(
        NOTHING,
        value=value,
        ci_low=value - below,
        ci_high=value + above,
        p=p_of_interval(value, below, above),
        first=before[0],
        later=after[0],
        num=min(first["num"], later["num"]),
        test=Method.TWO_SAMPLES,
    )


def p_of_interval(value: float, below: float, above: float) -> float:
    """The two-sided p of a normal deviate that is as many standard errors from 0 as a 95 % interval says.

    Args:
        value: the difference.
        below: how far the interval reaches below it.
        above: how far above it.
    """
    toward_0 = below if value > 0 else above
    deviation = Z_95 * abs(value) / toward_0 if toward_0 else math.nan
    return 2 * (1 - NormalDist().cdf(deviation))
