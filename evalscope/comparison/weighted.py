"""The difference of two runs in a collection, out of the differences in its data sets."""

import math
from collections.abc import Mapping
from dataclasses import replace

from evalscope.comparison.difference import NOTHING, Difference, Method, p_of_interval


def weighted_difference(weights: Mapping[str, float], differences: Mapping[str, Difference]) -> Difference:
    """The mean of differences by weight; data sets in which nothing was compared are left out, as in scores.

    The interval is put together from those of the data sets, whose samples are independent of each other; p is that of
    a normal deviate as many standard errors from 0 as the interval says.

    Args:
        weights: of data sets, by name.
        differences: of data sets, by name.

    Source: Zou & Donner 2008, "Construction of confidence limits about effect measures: a general approach".
    """
    found = [(differences[name], weight) for name, weight in weights.items() if name in differences]
    own = [(one, weight) for one, weight in found if one.num]
    if not own:
        return NOTHING
    whole = math.fsum(weight for _, weight in own)
    value, first, later = (
        math.fsum(weight * getattr(one, name) for one, weight in own) / whole for name in ("value", "first", "later")
    )
    below = math.sqrt(math.fsum((weight * (one.value - one.ci_low)) ** 2 for one, weight in own)) / whole
    above = math.sqrt(math.fsum((weight * (one.ci_high - one.value)) ** 2 for one, weight in own)) / whole
    return replace(
        NOTHING,
        value=value,
        ci_low=value - below,
        ci_high=value + above,
        p=p_of_interval(value, below, above),
        first=first,
        later=later,
        num=sum(one.num for one, _ in own),
        gained=sum(one.gained for one, _ in own),
        lost=sum(one.lost for one, _ in own),
        test=Method.WEIGHTED,
    )
