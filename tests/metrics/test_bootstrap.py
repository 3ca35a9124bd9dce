"""Statistics that are no means, with errors from drawing anew."""

import math
import random
from statistics import mean, median

import pytest

from evalscope.core.report import Interval
from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.metrics.bootstrap import Bootstrapped
from evalscope.metrics.mean import estimate_mean

FAILED = SampleScore(sample_id="x", subset="s", repeat=0, outcome=Outcome.REQUEST_FAILED, error="gone")


def scores_of(values, size=1):
    return [
        SampleScore(
            sample_id=str(index),
            subset="s",
            repeat=0,
            outcome=Outcome.PARTIAL,
            group=str(index // size) if size > 1 else "",
            score=Score(values={"acc": value}),
        )
        for index, value in enumerate(values)
    ]


def mean_of(samples):
    return mean(score.values["acc"] for repeats in samples for score in repeats)


MEAN = Bootstrapped(name="mean", statistic=mean_of)
MEDIAN = Bootstrapped(
    name="median", statistic=lambda samples: median(score.values["acc"] for one in samples for score in one)
)


@pytest.mark.parametrize("size", [1, 5])
def test_of_a_mean_it_gives_the_error_that_the_formula_gives(size):
    rng = random.Random(3)
    levels = [rng.random() for _ in range(300 // size)]
    values = [levels[index // size] + rng.random() for index in range(300)]
    found = MEAN(scores_of(values, size))
    expected = estimate_mean(values, [score.group for score in scores_of(values, size)])
    assert found.value == pytest.approx(expected.value)
    assert found.stderr == pytest.approx(expected.stderr, rel=0.08)
    assert found.ci_low == pytest.approx(expected.ci_low, abs=0.2 * expected.stderr)
    assert found.ci_high == pytest.approx(expected.ci_high, abs=0.2 * expected.stderr)
    assert found.interval is (Interval.BOOTSTRAP if size == 1 else Interval.BOOTSTRAP_GROUPED)
    assert found.num_groups == (0 if size == 1 else 60)


def test_the_interval_of_a_median_holds_it():
    rng, held = random.Random(4), 0
    metric = Bootstrapped(name="median", statistic=MEDIAN.statistic, num_draws=200)
    for _ in range(100):
        found = metric(scores_of([rng.gauss(0, 1) for _ in range(61)]))
        held += found.ci_low <= 0 <= found.ci_high
    assert 90 <= held <= 99


def test_the_order_in_which_answers_came_does_not_show():
    scores = scores_of([0.1 * (index % 9) for index in range(40)])
    assert MEDIAN(scores) == MEDIAN(scores[::-1])
    assert MEDIAN(scores) != Bootstrapped(name="m", statistic=MEDIAN.statistic, seed=7)(scores)


def test_failures_are_left_out_and_of_nothing_there_is_no_number():
    assert MEAN([*scores_of([1.0, 3.0]), FAILED]).num == 2
    assert math.isnan(MEAN([FAILED]).value)


def test_one_sample_has_no_error_and_undefined_draws_are_left_out():
    alone = MEAN(scores_of([0.5]))
    assert alone.value == 0.5
    assert math.isnan(alone.stderr)
    assert math.isnan(alone.ci_low)
    picky = Bootstrapped(
        name="picky", statistic=lambda samples: math.nan if len({id(one) for one in samples}) < 3 else mean_of(samples)
    )
    assert not math.isnan(picky(scores_of([1.0, 2.0, 3.0, 4.0])).ci_high)


def test_repeats_of_a_sample_stay_together():
    scores = [
        SampleScore(
            sample_id=str(sample),
            subset="s",
            repeat=repeat,
            outcome=Outcome.PARTIAL,
            score=Score(values={"acc": float(repeat)}),
        )
        for sample in range(5)
        for repeat in range(3)
    ]
    found = MEAN(scores)
    assert (found.num, found.value, found.stderr) == (5, 1.0, 0.0)
