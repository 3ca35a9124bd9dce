"""pass@k and majorities over the repeats of a sample."""

import itertools
import math
import random
from dataclasses import replace

import pytest

from evalscope.core.report import Interval
from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.metrics.mean import Mean
from evalscope.metrics.repeats import MajorityAtK, PassAtK, pass_at_k


def answered(sample_id: str, *answers: tuple[str | None, float] | None, vote: str = "") -> list[SampleScore]:
    """The repeats of one sample: (what was extracted, what it is worth); None is a failure."""
    return [
        SampleScore(sample_id=sample_id, subset="s", repeat=repeat, outcome=Outcome.REQUEST_FAILED, error="gone")
        if answer is None
        else SampleScore(
            sample_id=sample_id,
            subset="s",
            repeat=repeat,
            outcome=Outcome.CORRECT if answer[1] else Outcome.WRONG,
            score=Score(values={"acc": answer[1]}, answer=answer[0], vote=vote),
        )
        for repeat, answer in enumerate(answers)
    ]


@pytest.mark.parametrize("n", [1, 2, 5, 7])
def test_pass_at_k_is_the_share_of_all_draws_that_hold_a_right_answer(n):
    for num_correct, k in itertools.product(range(n + 1), range(1, n + 1)):
        draws = list(itertools.combinations(range(n), k))
        share = sum(any(place < num_correct for place in draw) for draw in draws) / len(draws)
        assert pass_at_k(n, num_correct, k) == pytest.approx(share)


def test_more_draws_than_answers_are_refused():
    with pytest.raises(ValueError, match="pass@5"):
        pass_at_k(4, 2, 5)


def test_pass_at_one_is_the_mean():
    rng = random.Random(0)
    scores = [
        score
        for sample in range(20)
        for score in answered(str(sample), *[("x", float(rng.random() < 0.4)) for _ in range(4)])
    ]
    assert PassAtK(1)(scores).value == pytest.approx(Mean()(scores).value)
    assert PassAtK(1)(scores).num == 20


def test_a_sample_with_fewer_scored_answers_than_k_has_no_value():
    scores = answered("0", ("a", 1.0), None) + answered("1", ("a", 0.0), ("b", 1.0))
    assert (PassAtK(2)(scores).value, PassAtK(2)(scores).num) == (1.0, 1)


@pytest.mark.parametrize(
    ("answers", "k", "value"),
    [
        ([("4", 1.0), ("5", 0.0), ("4", 1.0)], 3, 1.0),
        ([("5", 0.0), ("4", 1.0), ("5", 0.0)], 3, 0.0),
        ([("4", 1.0), ("5", 0.0)], 2, 1.0),
        ([("5", 0.0), ("4", 1.0)], 2, 0.0),
        ([("5", 0.0), ("4", 1.0), ("4", 1.0)], 1, 0.0),
        ([(None, 0.0), (None, 0.0), ("4", 1.0)], 3, 1.0),
        ([(None, 0.0), (None, 0.0)], 2, 0.0),
        ([None, ("4", 1.0), ("4", 1.0)], 2, 1.0),
    ],
    ids=[
        "the most frequent wins",
        "also where it is wrong",
        "a tie goes to the first, right",
        "a tie goes to the first, wrong",
        "only the first k vote",
        "unparsed never wins",
        "nothing but unparsed is worth nothing",
        "a failure has no vote",
    ],
)
def test_a_majority(answers, k, value):
    assert MajorityAtK(k)(answered("0", *answers)).value == value


def test_answers_that_mean_the_same_vote_together():
    scores = answered("0", ("5", 0.0), ("5", 0.0), vote="5") + [
        SampleScore(
            sample_id="0",
            subset="s",
            repeat=2 + place,
            outcome=Outcome.CORRECT,
            score=Score(values={"acc": 1.0}, answer=text, vote="1/2"),
        )
        for place, text in enumerate(("0.5", "1/2", "\\frac12"))
    ]
    assert MajorityAtK(5)(scores).value == 1.0


def test_repeats_that_end_out_of_order_are_put_in_order():
    scores = answered("0", ("5", 0.0), ("4", 1.0))
    assert MajorityAtK(2)(scores[::-1]).value == 0.0


def test_of_nothing_but_failures_there_is_no_number():
    assert math.isnan(MajorityAtK(2)(answered("0", None, None)).value)
    assert math.isnan(PassAtK(1)(answered("0", None, None)).value)


def test_samples_of_a_group_have_one_error_together():
    scores = [
        replace(score, group="passage" if index < 3 else "")
        for index in range(6)
        for score in answered(str(index), ("A", float(index % 2)), ("B", 1.0))
    ]
    assert [metric(scores).num_groups for metric in (PassAtK(1), PassAtK(2), MajorityAtK(1))] == [4, 4, 4]
    assert PassAtK(1)(scores).interval is Interval.T_GROUPED
    assert MajorityAtK(1)(scores).interval is Interval.WILSON_GROUPED
