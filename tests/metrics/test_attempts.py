"""Judged short facts: shares, correct ones given attempted, and their harmonic mean with correct ones of all."""

import math

import pytest

from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.metrics.attempts import CORRECT, INCORRECT, NOT_ATTEMPTED, FScore, GivenAttempted
from evalscope.metrics.intervals import wilson
from evalscope.metrics.mean import Mean

VALUES = {"c": CORRECT, "i": INCORRECT, "n": NOT_ATTEMPTED}
FAILED = SampleScore(sample_id="x", subset="s", repeat=0, outcome=Outcome.JUDGE_FAILED, error="no verdict")


def judged(*samples: str) -> list[SampleScore]:
    """One sample for each text, one repeat for each of its letters: correct, incorrect, not attempted."""
    return [
        SampleScore(
            sample_id=str(place),
            subset="s",
            repeat=repeat,
            outcome=Outcome.CORRECT if letter == "c" else Outcome.WRONG,
            score=Score(values={value: float(value == VALUES[letter]) for value in VALUES.values()}, answer="so"),
        )
        for place, letters in enumerate(samples)
        for repeat, letter in enumerate(letters)
    ]


def test_the_known_numbers_of_a_small_run():
    scores = judged(*"c" * 40, *"i" * 20, *"n" * 40)
    assert [Mean(value, value)(scores).value for value in VALUES.values()] == [0.4, 0.2, 0.4]
    assert GivenAttempted()(scores).value == pytest.approx(40 / 60)
    assert FScore()(scores).value == pytest.approx(2 * 0.4 * (40 / 60) / (0.4 + 40 / 60))


def test_given_attempted_has_wilsons_interval_over_those_attempted():
    found = GivenAttempted()(judged(*"c" * 40, *"i" * 20, *"n" * 40))
    assert found.num == 60
    assert found.stderr == pytest.approx(math.sqrt(2 / 3 * 1 / 3 / 60))
    assert (found.ci_low, found.ci_high) == pytest.approx(wilson(40 / 60, 60))


def test_the_error_of_the_f_score_is_that_of_the_delta_method():
    # by hand from the counts: F = 2c / (2c + 2i + n), so the gradients are (2 - 2F, -2F, -F) / 160
    f_score = 80 / 160
    variance = (40 * (2 - 2 * f_score) ** 2 + 20 * (2 * f_score) ** 2 + 40 * f_score**2) / 160**2
    found = FScore()(judged(*"c" * 40, *"i" * 20, *"n" * 40))
    assert found.stderr == pytest.approx(math.sqrt(variance))
    assert found.ci_low < found.value - 1.5 * found.stderr
    assert found.ci_high > found.value + 1.5 * found.stderr


@pytest.mark.parametrize("metric", [GivenAttempted(), FScore()], ids=lambda metric: metric.name)
def test_nothing_scored_gives_nothing(metric):
    assert math.isnan(metric([FAILED]).value)
    assert metric([]).num == 0


def test_nothing_attempted_gives_no_share_of_attempts_and_an_f_score_of_zero():
    scores = judged(*"n" * 10)
    assert math.isnan(GivenAttempted()(scores).value)
    assert GivenAttempted()(scores).num == 0
    found = FScore()(scores)
    assert (found.value, found.ci_low, found.num) == (0.0, 0.0, 10)
    assert 0.3 < found.ci_high < 1


def test_none_right_and_all_right_have_intervals_that_are_not_empty():
    none, everything = FScore()(judged(*"i" * 20)), FScore()(judged(*"c" * 20))
    assert (none.value, none.ci_low) == (0.0, 0.0)
    assert (everything.value, everything.ci_high) == (1.0, 1.0)
    assert none.ci_high == pytest.approx(0.1611, abs=5e-5)  # of 0 in 20
    assert everything.ci_low == pytest.approx(1 - 0.1611, abs=5e-5)


def test_a_failure_is_left_out():
    assert FScore()([*judged("c", "c"), FAILED]).num == 2
    assert GivenAttempted()([*judged("c", "i"), FAILED]).value == 0.5


def test_repeats_are_averaged_before_samples_are_counted():
    scores = judged("cc", "in", "nn")
    assert (GivenAttempted()(scores).value, GivenAttempted()(scores).num) == (pytest.approx(1 / 1.5), 2)
    assert (FScore()(scores).value, FScore()(scores).num) == (pytest.approx(2 * 1 / (3 + 1.5)), 3)


def test_a_sample_repeated_often_is_no_more_certain():
    once, often = GivenAttempted()(judged("c", "i", "c")), GivenAttempted()(judged("c" * 9, "i" * 9, "c" * 9))
    assert (often.ci_low, often.ci_high) == pytest.approx((once.ci_low, once.ci_high))
