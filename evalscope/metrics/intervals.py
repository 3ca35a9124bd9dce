"""Confidence intervals, from the standard library alone."""

import math
from statistics import NormalDist

from evalscope.metrics.student import t_quantile

Z_95 = NormalDist().inv_cdf(0.975)
"""Half-width of a 95 % interval in standard errors: 1.96."""

NO_SPREAD = 1e-9
"""A standard error below it is a rounding error: that of one in a million samples is a thousand times as large."""


def wilson(share: float, num: float, z: float = Z_95) -> tuple[float, float]:
    """Ends of the interval for a share, within [0, 1]; not of zero width where all or none are right.

    Args:
        share: of the samples that are right, in [0, 1].
        num: samples, at least 1; of weighted or grouped ones the effective number.
        z: half-width in standard errors.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
    """
    shrink = 1 + z * z / num
    centre = (share + z * z / (2 * num)) / shrink
    half = z / shrink * math.sqrt(share * (1 - share) / num + z * z / (4 * num * num))
    # at the ends the formula is exact on paper, and a rounding error away from it here
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return low, high


def effective_num(share: float, variance: float, *, at_ends: float, most: float) -> float:
    """How many samples on their own would give a share this variance: p(1-p)/V, kept between 1 and `most`.

    Args:
        share: in [0, 1].
        variance: of the share; nan where it cannot be known, which counts as one sample.
        at_ends: the answer where the share is 0 or 1, and its variance tells nothing.
        most: also the answer where there is no variance elsewhere, if it is finite, else `at_ends`.

    Source: Korn & Graubard 1998, "Confidence intervals for proportions with small expected number of positive counts".
    """
    if share in (0.0, 1.0):
        return max(1.0, at_ends)
    if math.isnan(variance):
        return 1.0
    if math.sqrt(variance) <= NO_SPREAD:
        return max(1.0, most if math.isfinite(most) else at_ends)
    return max(1.0, min(most, share * (1 - share) / variance))


def normal(mean: float, stderr: float, z: float = Z_95) -> tuple[float, float]:
    """Ends of the interval around a mean, by the normal approximation."""
    return mean - z * stderr, mean + z * stderr


def student(mean: float, stderr: float, degrees: int) -> tuple[float, float]:
    """Ends of the interval around a mean whose error was estimated with so many degrees of freedom, at least 1.

    Source: Student 1908, "The Probable Error of a Mean".
    """
    return normal(mean, stderr, t_quantile(0.975, degrees))
