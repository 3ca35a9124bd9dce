"""The win rate over comparisons of two models' answers."""

import math

import pytest

from evalscope.metrics.intervals import wilson
from evalscope.metrics.wins import swap, win_rate


def test_a_tie_counts_half():
    assert win_rate([["A"], ["A"], ["B"], ["TIE"]]).value == pytest.approx(2.5 / 4)


def test_both_orders_are_one_comparison():
    found = win_rate([["A", "A"], ["A", "B"], ["B", "B"], ["A", "TIE"]])
    assert (found.value, found.num) == (pytest.approx((1 + 0.5 + 0 + 0.75) / 4), 4)


def test_a_judge_that_prefers_the_first_place_sees_nothing_but_ties():
    found = win_rate([["A", swap("A")] for _ in range(50)])
    assert (found.value, found.ci_low, found.ci_high) == (0.5, *wilson(0.5, 50))


def test_swapping_twice_changes_nothing():
    assert [swap(winner) for winner in ("A", "B", "TIE")] == ["B", "A", "TIE"]
    assert [swap(swap(winner)) for winner in ("A", "B", "TIE")] == ["A", "B", "TIE"]


def test_without_ties_the_interval_is_wilsons():
    found = win_rate([["A"]] * 30 + [["B"]] * 10)
    assert (found.ci_low, found.ci_high) == pytest.approx(wilson(0.75, 40))


def test_winning_always_leaves_doubt():
    found = win_rate([["A", "A"]] * 20)
    assert (found.value, found.ci_high) == (1.0, 1.0)
    assert found.ci_low == pytest.approx(1 - 0.1611, abs=5e-5)


def test_a_comparison_without_a_verdict_is_left_out():
    assert win_rate([["A"], [], ["B"]]).num == 2
    assert math.isnan(win_rate([[], []]).value)
