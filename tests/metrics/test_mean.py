"""Means with their errors."""

import math

import pytest

from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.metrics.intervals import wilson
from evalscope.metrics.mean import NOTHING, Mean, mean_of_subsets


def scored(*values, subset="s", repeats=1):
    return [
        SampleScore(
            sample_id=str(index // repeats),
            subset=subset,
            repeat=index % repeats,
            outcome=Outcome.CORRECT,
            score=Score(values={"acc": value}),
        )
        for index, value in enumerate(values)
    ]


FAILED = SampleScore(sample_id="x", subset="s", repeat=0, outcome=Outcome.REQUEST_FAILED, error="gone")


def test_a_mean_of_nothing_is_not_a_number():
    assert math.isnan(Mean()([]).value)
    assert Mean()([FAILED]).num == 0


def test_a_failure_is_left_out_not_counted_as_zero():
    estimate = Mean()([*scored(1.0, 1.0), FAILED])
    assert (estimate.value, estimate.num) == (1.0, 2)


def test_a_share_has_wilsons_interval():
    # Newcombe 1998, Statistics in Medicine 17:857-872, table I: 81 of 263, score method: 0.2553 to 0.3662
    estimate = Mean()(scored(*[1.0] * 81, *[0.0] * 182))
    assert estimate.value == pytest.approx(81 / 263)
    assert (estimate.ci_low, estimate.ci_high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert estimate.stderr == pytest.approx(math.sqrt(81 / 263 * 182 / 263 / 263))


def test_none_right_has_an_interval_that_is_not_empty():
    # Newcombe 1998, table I: 0 of 20: 0 to 0.1611
    assert wilson(0.0, 20) == (0.0, pytest.approx(0.1611, abs=5e-5))


def test_credit_in_parts_has_students_interval_with_ddof_one():
    # Student 1908, the additional hours of sleep gained: mean 1.58, standard deviation 1.230 (ddof 1), ten patients
    hours = (1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4)
    estimate = Mean()(scored(*hours))
    assert estimate.value == pytest.approx(1.58)
    assert estimate.stderr == pytest.approx(1.230 / math.sqrt(10), abs=2e-4)
    assert (estimate.ci_low, estimate.ci_high) == (pytest.approx(0.7001, abs=5e-5), pytest.approx(2.4599, abs=5e-5))


def test_repeats_are_averaged_before_samples_are_counted():
    estimate = Mean()(scored(1.0, 0.0, 1.0, 1.0, repeats=2))
    assert (estimate.num, estimate.value) == (2, 0.75)


def test_the_mean_of_subsets_weighs_each_the_same():
    small, large = Mean()(scored(1.0)), Mean()(scored(*[0.0] * 99))
    assert mean_of_subsets([small, large]).value == 0.5
    assert mean_of_subsets([NOTHING, large]).value == 0.0
    assert math.isnan(mean_of_subsets([NOTHING]).value)


def test_the_interval_of_shares_of_a_sample_stays_between_nothing_and_all():
    estimate = Mean()(scored(0.99, 0.2, 1.0, 1.0, 0.95))
    assert estimate.ci_high == 1.0
    assert Mean()(scored(3.0, 250.0)).ci_high > 250
