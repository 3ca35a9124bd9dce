"""A share of right answers corrected for its judge, where some answers were never shown to it."""

import math
import random

import pytest

from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.metrics.corrected import CorrectedShare
from evalscope.metrics.correction import JudgeCheck, correct_share
from evalscope.metrics.intervals import wilson

CHECK = JudgeCheck(num_right=500, num_right_found=450, num_wrong=500, num_wrong_found=400)
METRIC = CorrectedShare(name="AverageAccuracy (corrected)", value="acc", check=CHECK)


def judged(values, repeat=0):
    """Scores; None stands for an empty answer, about which no judge is asked."""
    return [
        SampleScore(
            sample_id=str(index),
            subset="default",
            repeat=repeat,
            outcome=Outcome.CORRECT if value else Outcome.WRONG,
            score=Score(values={"acc": float(value or 0)}, answer=None if value is None else "x"),
        )
        for index, value in enumerate(values)
    ]


def test_where_every_answer_was_judged_it_is_the_corrected_share():
    assert METRIC(judged([1] * 62 + [0] * 38)) == correct_share(0.62, 100, CHECK)


def test_empty_answers_are_wrong_and_need_no_correction():
    found = METRIC(judged([1] * 62 + [0] * 38 + [None] * 100))
    assert (found.value, found.num) == (pytest.approx(0.6 / 2), 200)
    assert found.ci_low < 0.3 < found.ci_high


def test_of_a_judge_without_errors_the_interval_is_that_of_the_plain_share():
    flawless = JudgeCheck(num_right=10**6, num_right_found=10**6, num_wrong=10**6, num_wrong_found=10**6)
    found = CorrectedShare(name="c", value="acc", check=flawless)(judged([1] * 62 + [0] * 38 + [None] * 100))
    assert (found.ci_low, found.ci_high) == pytest.approx(wilson(0.31, 200), abs=1e-2)


def test_repeats_are_averaged_first():
    scores = [*judged([1] * 62 + [0] * 38), *judged([1] * 62 + [0] * 38, repeat=1)]
    assert METRIC(scores) == correct_share(0.62, 100, CHECK)


@pytest.mark.parametrize("values", [[], [None, None]], ids=["no sample", "all empty"])
def test_without_a_judged_answer_there_is_no_figure(values):
    found = METRIC(judged(values))
    assert math.isnan(found.value)
    assert found.num == len(values)


def test_its_interval_holds_the_truth_as_often_as_it_should():
    rng, truth, asked, num_draws, covered = random.Random(0), 0.55, 0.8, 1000, 0
    for _ in range(num_draws):
        labels = [rng.random() < 0.9 for _ in range(100)], [rng.random() < 0.8 for _ in range(100)]
        check = JudgeCheck(num_right=100, num_right_found=sum(labels[0]), num_wrong=100, num_wrong_found=sum(labels[1]))
        values = []
        for _ in range(300):
            is_right = rng.random() < truth
            values.append(rng.random() < (0.9 if is_right else 0.2) if rng.random() < asked else None)
        found = CorrectedShare(name="c", value="acc", check=check)(judged(values))
        covered += found.ci_low <= truth * asked <= found.ci_high
    assert 0.93 <= covered / num_draws <= 0.98
