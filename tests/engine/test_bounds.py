"""Between which numbers the score lies, whatever the failures would have been."""

import math

import pytest

from evalscope.core.report import Bounds
from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.engine.bounds import bounds_of
from evalscope.metrics.mean import Mean


def ends(*values, repeats=1):
    """The ends of samples; None is a failure."""
    return [
        SampleScore(
            sample_id=str(index // repeats),
            subset="s",
            repeat=index % repeats,
            outcome=Outcome.REQUEST_FAILED if value is None else Outcome.PARTIAL,
            score=None if value is None else Score(values={"acc": value}),
            error="gone" if value is None else None,
        )
        for index, value in enumerate(values)
    ]


def bounds(*values, repeats=1):
    found = ends(*values, repeats=repeats)
    return bounds_of(Mean(), Mean()(found).value, found)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ((1.0, 0.0, None, None), 0.25, 0.75),
        ((1.0, 0.0), 0.5, 0.5),
        ((0.5, None), 0.25, 0.75),
        ((1.0, 1.0, None), 2 / 3, 1.0),
    ],
    ids=["two of four failed", "nothing failed", "credit in parts", "all others right"],
)
def test_failures_are_all_wrong_or_all_right(values, low, high):
    assert bounds(*values) == Bounds(low=pytest.approx(low), high=pytest.approx(high))


def test_a_repeat_that_failed_counts_for_its_part_of_the_sample():
    assert bounds(1.0, None, 0.0, 0.0, repeats=2) == Bounds(low=0.25, high=0.5)


def test_without_a_score_or_outside_0_and_1_there_are_none():
    assert bounds(None, None) is None
    assert bounds() is None
    assert bounds(7.0, None) is None


def test_every_value_that_any_judge_gave_stands_in_a_failures_place():
    mixed = [
        *ends(None),
        SampleScore(
            sample_id="a", subset="s", repeat=0, outcome=Outcome.CORRECT, score=Score(values={"acc": 1.0, "other": 0.0})
        ),
    ]
    assert bounds_of(Mean(value="other"), 0.0, mixed) == Bounds(low=0.0, high=0.5)
    assert not math.isnan(Mean(value="other")(mixed).value)
