"""Shares of sums: the plain share as a special case, and intervals that hold the truth."""

import math
import random

import pytest

from evalscope.metrics.intervals import wilson
from evalscope.metrics.mean import estimate_mean
from evalscope.metrics.shares import estimate_share

ONES = [1.0] * 40


@pytest.mark.parametrize("num_right", [0, 1, 17, 39, 40])
def test_with_wholes_of_one_it_is_the_mean(num_right):
    values = [1.0] * num_right + [0.0] * (40 - num_right)
    found, expected = estimate_share(values, ONES), estimate_mean(values)
    assert found.num == expected.num == 40
    for name in ("value", "stderr", "ci_low", "ci_high"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name))


def test_of_nothing_there_is_no_number():
    assert math.isnan(estimate_share([], []).value)
    assert estimate_share([0.0, 0.0], [0.0, 0.0]).num == 0


def test_the_error_is_that_of_a_ratio():
    # by hand: 3 / 5; residuals 1 - 0.6, 2 - 2 * 0.6, 0 - 2 * 0.6
    found = estimate_share([1.0, 2.0, 0.0], [1.0, 2.0, 2.0])
    assert found.value == pytest.approx(0.6)
    assert found.stderr == pytest.approx(math.sqrt(0.4**2 + 0.8**2 + 1.2**2) / 5)


def test_without_spread_the_interval_is_that_of_the_wholes():
    found = estimate_share([0.5] * 20, [1.0] * 20)
    assert (found.stderr, found.ci_low, found.ci_high) == (0.0, *wilson(0.5, 20))


def test_a_rounding_error_is_no_spread():
    third = 1 / 3
    found = estimate_share([third * 0.1] * 7, [third] * 7)
    assert found.ci_high - found.ci_low > 0.3


@pytest.mark.parametrize("shares", [(0.02, 0.5), (0.2, 0.2), (0.4, 0.5), (0.9, 0.02), (0.98, 0.01)], ids=str)
@pytest.mark.parametrize("num", [30, 200])
def test_the_interval_of_a_harmonic_mean_holds_the_truth_where_a_normal_one_may_not(shares, num):
    """Of the normal interval 45 to 94 % do, in the same draws."""
    right, wrong = shares
    truth, rng = 2 * right / (1 + right + wrong), random.Random(5)
    held = 0
    for _ in range(800):
        drawn = rng.choices((0, 1, 2), (right, wrong, 1 - right - wrong), k=num)
        found = estimate_share([float(one == 0) for one in drawn], [1.0 if one < 2 else 0.5 for one in drawn])
        held += found.ci_low <= truth <= found.ci_high
    assert 0.93 <= held / 800 <= 0.985
