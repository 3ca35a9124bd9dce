"""Quantiles of Student's t, from the standard library alone."""

import math
from functools import cache
from statistics import NormalDist

MANY_DEGREES = 100
"""From here on the expansion is good to 1e-8, and the finite sum below would only be longer."""


@cache
def t_quantile(probability: float, degrees: int) -> float:
    """The value below which Student's t falls with this probability; good to 1e-8 for probabilities up to 0.999.

    Args:
        probability: at least 0.5, below 1; the other half mirrors it.
        degrees: of freedom, at least 1.

    Source: Abramowitz & Stegun 1964, "Handbook of Mathematical Functions", 26.7.3 to 26.7.5.
    """
    assert 0.5 <= probability < 1, "the lower half mirrors the upper one"
    assert degrees >= 1, "without a degree of freedom there is no t"
    if degrees >= MANY_DEGREES:
        return _expanded(NormalDist().inv_cdf(probability), degrees)
    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        if _share_within(middle, degrees) < 2 * probability - 1:
            low = middle
        else:
            high = middle
    return math.sqrt(degrees) * math.tan(high)


def _share_within(angle: float, degrees: int) -> float:
    """The chance that |t| < sqrt(degrees) · tan(angle): a finite sum of powers of the cosine."""
    is_odd = degrees % 2
    cosine, term, total = math.cos(angle), 1.0, 0.0
    if is_odd:
        term = math.cos(angle)
    for step in range(degrees // 2):
        total += term
        term *= cosine * cosine * (2 * step + 1 + is_odd) / (2 * step + 2 + is_odd)
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if is_odd else total


def _expanded(x: float, degrees: int) -> float:
    """Student's quantile from the normal one, in powers of 1 / degrees."""
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return x + math.fsum(term / degrees**power for power, term in enumerate(terms, start=1))
