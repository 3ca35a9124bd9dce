"""Tests and intervals that draw at random; the same numbers give the same result."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from evalscope.errors import MissingDependency

NUM_DRAWS = 20_000
"""A chance of 0.05 is then known to 0.0015."""

SEED = 42

AT_ONCE = 4_000_000
"""So many numbers are drawn at once: 32 MB."""

TOLERANCE = 1e-9
"""Sums of floats that differ by less are equal."""


class Drawn(NamedTuple):
    """What draws tell of a difference."""

    ci_low: float
    ci_high: float
    p: float


def sign_flip_test(sums: Sequence[float]) -> float:
    """Two-sided chance that differences of groups add up so far from 0 if each could as well have the other sign.

    Args:
        sums: of each group, the sum of its samples' differences.

    Source: Fisher 1935, "The Design of Experiments", section 21; Phipson & Smyth 2010, "Permutation p-values should
        never be zero" (the observed signs count as one draw).
    """
    np = _numpy()

    sizes, counts = np.unique(np.round(np.abs(np.asarray(sums, dtype=float)), 9), return_counts=True)
    rng = np.random.default_rng(SEED)
    totals = np.zeros(NUM_DRAWS)
    # of sizes that many groups share, as right and wrong give, only the number of pluses counts
    for size, count in zip(sizes[counts > 1], counts[counts > 1], strict=True):
        totals += size * (2.0 * rng.binomial(count, 0.5, size=NUM_DRAWS) - count)
    alone = sizes[counts == 1]
    for rows in _slices(len(alone)):
        pluses = rng.integers(0, 2, size=(rows.stop - rows.start, len(alone)), dtype=np.int8)
        totals[rows] += 2.0 * (pluses.astype(float) @ alone) - alone.sum()
    observed = abs(float(np.sum(np.asarray(sums, dtype=float))))
    return float((1 + np.count_nonzero(np.abs(totals) >= observed - TOLERANCE)) / (1 + NUM_DRAWS))


def paired_bootstrap(differences: Sequence[float]) -> Drawn:
    """The interval of a mean of differences between its draws' quantiles, and the two-sided chance of so large a mean.

    The chance is how often a draw lies as far from the observed mean as that lies from 0.

    Args:
        differences: one a sample, at least 2, in an order that does not depend on chance.

    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapters 13 and 16.
    """
    np = _numpy()

    numbers = np.asarray(differences, dtype=float)
    num, rng = len(numbers), np.random.default_rng(SEED)
    drawn, observed = np.empty(NUM_DRAWS), float(numbers.mean())
    for rows in _slices(num):
        drawn[rows] = numbers[rng.integers(0, num, size=(rows.stop - rows.start, num))].mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    as_far = np.count_nonzero(np.abs(drawn - observed) >= abs(observed) - TOLERANCE)
    return Drawn(float(low), float(high), float((1 + as_far) / (1 + NUM_DRAWS)))


def _slices(width: int) -> Iterator[slice]:
    """All draws, so many at a time that their numbers fit."""
    step = max(1, AT_ONCE // max(1, width))
    for start in range(0, NUM_DRAWS, step):
        yield slice(start, min(start + step, NUM_DRAWS))


def _numpy() -> Any:
    """numpy, which comes with local models; 74 MB are too much for those who compare shares without groups.

    Raises:
        MissingDependency: it is not installed.
    """
    try:
        import numpy
    except ImportError as error:
        raise MissingDependency("a comparison of samples in groups, repeats or partial credit", "compare") from error
    return numpy
