"""Confidence intervals, from the standard library alone."""

import math
from statistics import NormalDist

Z_95 = NormalDist().inv_cdf(0.975)
"""Half-width of a 95 % interval in standard errors: 1.96."""


def wilson(share: float, num: float, z: float = Z_95) -> tuple[float, float]:
    """Ends of the interval for a share, within [0, 1]; not of zero width where all or none are right.

    Args:
        share: of the samples that are right, in [0, 1].
        num: samples, at least 1; of weighted ones the effective number.
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


def normal(mean: float, stderr: float, z: float = Z_95) -> tuple[float, float]:
    """Ends of the interval around a mean, by the normal approximation."""
    return mean - z * stderr, mean + z * stderr
