"""Samples that come in groups: the error is that of the groups."""

import math

import pytest

from evalscope.core.report import Interval
from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.metrics.intervals import effective_num, wilson
from evalscope.metrics.mean import Mean, estimate_mean, mean_of_subsets
from evalscope.metrics.shares import estimate_share
from evalscope.metrics.student import t_quantile

VALUES = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
GROUPS = ["a", "a", "a", "b", "b", "b", "", ""]


def test_the_error_of_a_share_is_that_of_its_groups():
    # by hand: p = 1/2; residuals add up to 3/2, -3/2, 1/2, -1/2 in four groups
    found = estimate_mean(VALUES, GROUPS)
    variance = 4 / 3 * (2.25 + 2.25 + 0.25 + 0.25) / 64
    assert found.stderr == pytest.approx(math.sqrt(variance))
    assert (found.ci_low, found.ci_high) == pytest.approx(wilson(0.5, 0.25 / variance))
    assert (found.num, found.num_groups, found.interval) == (8, 4, Interval.WILSON_GROUPED)


def test_groups_of_one_are_no_groups():
    assert estimate_mean(VALUES, list("abcdefgh")) == estimate_mean(VALUES)
    assert estimate_mean(VALUES, [""] * 8) == estimate_mean(VALUES)
    assert estimate_mean(VALUES).interval is Interval.WILSON


def test_all_right_counts_groups_and_not_samples():
    found = estimate_mean([1.0] * 12, ["a", "a", "a", "b", "b", "b"] * 2)
    assert (found.ci_low, found.ci_high) == pytest.approx(wilson(1.0, 2))
    assert found.num_groups == 2


@pytest.mark.parametrize(
    ("variance", "expected"), [(0.25 / 3, 3), (0.25 / 0.5, 1), (0.0, 20), (0.25 / 40, 20), (math.nan, 1)], ids=str
)
def test_the_effective_number_lies_between_one_and_all(variance, expected):
    assert effective_num(0.5, variance, at_ends=7, most=20) == pytest.approx(expected)
    assert effective_num(1.0, variance, at_ends=7, most=20) == 7


def test_groups_that_balance_out_are_not_worth_more_than_their_samples():
    found = estimate_mean([1.0, 0.0] * 10, [str(index // 2) for index in range(20)])
    assert (found.stderr, found.ci_low, found.ci_high) == (0.0, *wilson(0.5, 20))


def test_a_single_group_says_next_to_nothing():
    found = estimate_mean([1.0, 0.0, 1.0, 1.0], ["a"] * 4)
    assert math.isnan(found.stderr)
    assert (found.ci_low, found.ci_high) == wilson(0.75, 1)
    graded = estimate_mean([0.5, 0.25], ["a"] * 2)
    assert math.isnan(graded.ci_low)
    assert (graded.value, graded.num, graded.num_groups) == (0.375, 2, 1)


def test_a_mean_that_is_no_share_has_students_interval_over_groups():
    values = [0.5, 1.5, 3.0, 2.0, 7.0]
    found = estimate_mean(values, ["a", "a", "b", "b", "c"])
    mean = 14 / 5
    sums = [2.0 - 2 * mean, 5.0 - 2 * mean, 7.0 - mean]
    stderr = math.sqrt(3 / 2 * sum(one**2 for one in sums) / 25)
    assert found.stderr == pytest.approx(stderr)
    assert found.ci_high - found.value == pytest.approx(t_quantile(0.975, 2) * stderr)
    assert (found.interval, found.num_groups) == (Interval.T_GROUPED, 3)
    assert estimate_mean(values).interval is Interval.T


def test_the_error_of_a_ratio_is_that_of_its_groups():
    # by hand: 3/5; residuals 0.4, 0.8, -1.2 in two groups; a whole of 0 is no sample
    found = estimate_share([1.0, 2.0, 0.0, 0.0], [1.0, 2.0, 2.0, 0.0], ["a", "a", "b", "c"])
    assert found.stderr == pytest.approx(math.sqrt(2 * (1.2**2 + 1.2**2)) / 5)
    assert (found.num, found.num_groups) == (3, 2)


def test_the_order_in_which_answers_came_does_not_show():
    values = [0.1 * (index % 7) for index in range(60)]
    groups = [str(index % 11) for index in range(60)]
    backwards = estimate_mean(values[::-1], groups[::-1])
    assert backwards == estimate_mean(values, groups)


def score_of(sample: int, group: str, value: float, repeat: int = 0, subset: str = "s") -> SampleScore:
    return SampleScore(
        sample_id=str(sample),
        subset=subset,
        repeat=repeat,
        outcome=Outcome.CORRECT,
        group=group,
        score=Score(values={"acc": value}),
    )


def test_the_metric_takes_groups_from_samples_and_averages_repeats_first():
    scores = [
        score_of(sample, "passage" if sample < 3 else "", float((sample + repeat) % 2), repeat)
        for sample in range(5)
        for repeat in range(2)
    ]
    found = Mean()(scores)
    assert (found.num, found.num_groups, found.value) == (5, 3, 0.5)


def test_the_mean_of_subsets_rests_on_the_errors_of_their_groups():
    first = Mean()([score_of(index, str(index // 4), float(index // 4 % 2), subset="x") for index in range(16)])
    second = Mean()([score_of(index, "", float(index % 2), subset="y") for index in range(16)])
    both = mean_of_subsets([first, second])
    assert both.stderr == pytest.approx(math.hypot(first.stderr, second.stderr) / 2)
    assert (both.interval, both.num_groups, both.num) == (Interval.OF_SUBSETS, 4 + 16, 32)
    assert mean_of_subsets([second]).num_groups == 0
