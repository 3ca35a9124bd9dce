"""How far raters of the same samples agree, beyond what chance gives."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence

from evalscope.core.report import Estimate
from evalscope.metrics.intervals import normal, wilson
from evalscope.metrics.mean import NOTHING, estimate_mean
from evalscope.metrics.shares import NO_SPREAD


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> Estimate:
    """Agreement of two raters: 1 for full, 0 for that of chance; nan where both use one category only, and the same.

    The standard error is the large-sample one, ddof = 0; the interval is normal, within [-1, 1]. Where all or none
    agree there is no spread to tell an error, and the interval is Wilson's of the share that agrees, with the
    agreement by chance taken as known.

    Args:
        first: the category of each sample, by one rater.
        second: the same by the other.

    Raises:
        ValueError: the raters did not rate the same number of samples.

    Source: Cohen 1960, "A coefficient of agreement for nominal scales"; Fleiss, Cohen & Everitt 1969, "Large sample
        standard errors of kappa and weighted kappa".
    """
    if len(first) != len(second):
        raise ValueError(f"one rater rated {len(first)} samples, the other {len(second)}; both must rate the same")
    num, of_first, of_second = len(first), Counter(first), Counter(second)
    agreements = [float(one == other) for one, other in zip(first, second, strict=True)]
    chances = [(of_second[one] + of_first[other]) / (2 * num) for one, other in zip(first, second, strict=True)]
    return _kappa(agreements, chances, num_categories=len(of_first | of_second))


def fleiss_kappa(ratings: Sequence[Sequence[Hashable]]) -> Estimate:
    """Agreement of several raters: 1 for full, 0 for that of chance; nan where they use one category only.

    The standard error is over samples, for any true agreement, ddof = 0; the interval as that of `cohen_kappa`.

    Args:
        ratings: for each sample one category from every rater; which rater gave which does not count.

    Raises:
        ValueError: samples differ in their number of ratings, or have fewer than two.

    Source: Fleiss 1971, "Measuring nominal scale agreement among many raters"; Gwet 2021, "Large-sample variance of
        Fleiss generalized kappa".
    """
    sizes = {len(given) for given in ratings}
    if len(sizes) > 1 or min(sizes, default=2) < 2:
        raise ValueError(f"samples have {sorted(sizes)} ratings; each needs the same number, two at least")
    counts = [Counter(given) for given in ratings]
    total = sum(counts, Counter[Hashable]())
    num = total.total()
    agreements, chances = [], []
    for given, count in zip(ratings, counts, strict=True):
        pairs = len(given) * (len(given) - 1)
        agreements.append(sum(times * (times - 1) for times in count.values()) / pairs)
        chances.append(math.fsum(total[category] / num for category in given) / len(given))
    return _kappa(agreements, chances, num_categories=len(total))


def share_of_disagreement(ratings: Sequence[Sequence[Hashable]]) -> Estimate:
    """The share of samples on which not all raters say the same; samples with a single rating are left out."""
    return estimate_mean([float(len(set(given)) > 1) for given in ratings if len(given) > 1])


def _kappa(agreements: Sequence[float], chances: Sequence[float], *, num_categories: int) -> Estimate:
    """Agreement beyond chance, from what each sample adds to either.

    Args:
        agreements: the share of pairs of raters that agree on a sample.
        chances: the share that would by chance, given this sample's categories and everybody's margins; their mean
            is the agreement by chance. How they differ is what the margins add to the error.
        num_categories: that occur.
    """
    num = len(agreements)
    if not num:
        return NOTHING
    if num_categories == 1:
        return Estimate(value=math.nan, stderr=math.nan, ci_low=math.nan, ci_high=math.nan, num=num)
    agreed, by_chance = math.fsum(agreements) / num, math.fsum(chances) / num
    kappa, room = (agreed - by_chance) / (1 - by_chance), 1 - by_chance
    # the terms of the linearised ratio; their mean is kappa
    terms = (
        (agreement - by_chance - 2 * (1 - kappa) * (chance - by_chance)) / room
        for agreement, chance in zip(agreements, chances, strict=True)
    )
    stderr = math.sqrt(math.fsum((term - kappa) ** 2 for term in terms)) / num
    if stderr > NO_SPREAD:
        low, high = normal(kappa, stderr)
    else:
        low, high = ((end - by_chance) / room for end in wilson(agreed, num))
    return Estimate(value=kappa, stderr=stderr, ci_low=max(low, -1.0), ci_high=min(high, 1.0), num=num)
