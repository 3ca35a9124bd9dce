"""How often a 95 % interval holds the truth: exactly where all outcomes can be listed, else in seeded draws."""

import math
import random
from collections.abc import Iterator, Sequence

import pytest

from evalscope.metrics.intervals import wilson
from evalscope.metrics.mean import estimate_mean

SIZE = 4
"""Samples in a group."""

SHARES = (0.05, 0.5, 0.95)
CORRELATIONS = (0.1, 0.3, 0.7)


@pytest.mark.parametrize(("num", "low", "high"), [(20, 0.92, 0.97), (100, 0.94, 0.97), (1000, 0.94, 0.96)])
@pytest.mark.parametrize("share", SHARES)
def test_samples_on_their_own_by_exact_binomial_sums(num, low, high, share):
    coverage = math.fsum(
        math.comb(num, right) * share**right * (1 - share) ** (num - right)
        for right in range(num + 1)
        if wilson(right / num, num)[0] <= share <= wilson(right / num, num)[1]
    )
    assert low <= coverage <= high


def chances_of_a_group(share: float, correlation: float) -> list[float]:
    """The chances that 0, 1, … SIZE samples of a group are right, by the beta-binomial distribution."""
    a, b = (part * (1 - correlation) / correlation for part in (share, 1 - share))

    def log_beta(x: float, y: float) -> float:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)

    return [
        math.comb(SIZE, right) * math.exp(log_beta(right + a, SIZE - right + b) - log_beta(a, b))
        for right in range(SIZE + 1)
    ]


def ways(num_groups: int, kinds: int = SIZE + 1) -> Iterator[tuple[int, ...]]:
    """How many of the groups are of each kind, in every way."""
    if kinds == 1:
        yield (num_groups,)
        return
    for first in range(num_groups + 1):
        for rest in ways(num_groups - first, kinds - 1):
            yield (first, *rest)


def holds(counts: Sequence[int], share: float) -> bool:
    """Whether the interval from so many groups of each kind holds the share."""
    values, groups = [], []
    for right, count in enumerate(counts):
        for place in range(count):
            values += [1.0] * right + [0.0] * (SIZE - right)
            groups += [f"{right} {place}"] * SIZE
    found = estimate_mean(values, groups)
    return found.ci_low <= share <= found.ci_high


def exact_coverage(num_groups: int, share: float, correlation: float) -> float:
    chances = chances_of_a_group(share, correlation)
    return math.fsum(
        math.exp(
            math.lgamma(num_groups + 1)
            + sum(
                count * math.log(chance) - math.lgamma(count + 1) for count, chance in zip(counts, chances, strict=True)
            )
        )
        for counts in ways(num_groups)
        if holds(counts, share)
    )


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("share", SHARES)
def test_twenty_samples_in_five_groups(share, correlation):
    assert 0.92 <= exact_coverage(5, share, correlation) <= 0.98


@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_twenty_samples_at_other_shares_fall_short_by_next_to_nothing(share, correlation):
    assert 0.915 <= exact_coverage(5, share, correlation) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("share", SHARES)
def test_a_hundred_samples_in_25_groups(share, correlation):
    assert 0.94 <= exact_coverage(25, share, correlation) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("correlation", CORRELATIONS)
@pytest.mark.parametrize("share", SHARES)
def test_a_thousand_samples_in_250_groups(share, correlation):
    rng, chances, num_draws = random.Random(8), chances_of_a_group(share, correlation), 2500
    held = 0
    for _ in range(num_draws):
        drawn = rng.choices(range(SIZE + 1), chances, k=250)
        held += holds([drawn.count(right) for right in range(SIZE + 1)], share)
    error = math.sqrt(0.95 * 0.05 / num_draws)
    assert 0.94 - 2 * error <= held / num_draws <= 0.96 + 2 * error


def test_groups_taken_for_samples_on_their_own_would_hold_the_truth_too_seldom():
    rng, chances = random.Random(8), chances_of_a_group(0.5, 0.7)
    held = 0
    for _ in range(300):
        right = sum(rng.choices(range(SIZE + 1), chances, k=25))
        low, high = wilson(right / 100, 100)
        held += low <= 0.5 <= high
    assert held / 300 < 0.8
