"""Shares of parts, and ratings on their own scale."""

import math

import pytest

from evalscope.core.report import Interval
from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.metrics.mean import Mean, estimate_mean
from evalscope.metrics.parts import ShareOfParts
from evalscope.metrics.rating import Rating

SHARE = ShareOfParts("followed", "share", "num")
FAILED = SampleScore(sample_id="x", subset="s", repeat=0, outcome=Outcome.SCORING_FAILED, error="unknown")


def scored(*samples, group=""):
    """One sample for each (parts that are right, parts), or for a list of them, its repeats."""
    return [
        SampleScore(
            sample_id=str(place),
            subset="s",
            repeat=repeat,
            outcome=Outcome.CORRECT,
            group=group,
            score=Score(values={"share": right / num, "num": float(num)}, answer="so"),
        )
        for place, repeats in enumerate(samples)
        for repeat, (right, num) in enumerate(repeats if isinstance(repeats, list) else [repeats])
    ]


def test_samples_with_more_parts_weigh_more_and_parts_are_counted():
    found = SHARE(scored((3, 3), (0, 1), (1, 2)))
    assert (found.value, found.num, found.num_groups) == (pytest.approx(4 / 6), 6, 3)
    assert found.interval is Interval.WILSON_GROUPED


def test_the_error_is_that_of_parts_in_groups():
    values, groups = [1.0] * 3 + [0.0] + [1.0, 0.0], ["a"] * 3 + ["b"] + ["c"] * 2
    expected = estimate_mean(values, groups)
    found = SHARE(scored((3, 3), (0, 1), (1, 2)))
    for name in ("value", "stderr", "ci_low", "ci_high", "num", "num_groups"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name)), name


def test_where_each_sample_has_one_part_it_is_the_plain_share():
    scores = scored((1, 1), (0, 1), (1, 1))
    assert SHARE(scores) == Mean("followed", "share")(scores)


def test_samples_of_one_group_are_one_group():
    assert SHARE(scored((1, 2), (2, 2), (0, 3), group="g")).num_groups == 1


def test_repeats_are_averaged_first():
    found = SHARE(scored([(3, 3), (0, 3)], (1, 1)))
    assert (found.value, found.num) == (pytest.approx(2.5 / 4), 4)


def test_failures_have_no_part_in_it_and_nothing_gives_nothing():
    assert SHARE([*scored((1, 2), (2, 2)), FAILED]) == SHARE(scored((1, 2), (2, 2)))
    assert math.isnan(SHARE([FAILED]).value)
    assert SHARE([]).num == 0


def test_a_rating_is_the_mean_on_its_scale():
    scores = scored((0, 9), (9, 9), (3, 9))
    mean, rating = Mean("m", "share")(scores), Rating("r", "share", (1.0, 10.0))(scores)
    assert rating.value == pytest.approx(1 + 9 * mean.value) == pytest.approx(5.0)
    assert rating.stderr == pytest.approx(9 * mean.stderr)
    assert (rating.ci_low, rating.ci_high) == pytest.approx((1 + 9 * mean.ci_low, 1 + 9 * mean.ci_high))
    assert (rating.num, rating.interval) == (3, mean.interval)
    assert math.isnan(Rating("r", "share", (1.0, 10.0))([]).value)
