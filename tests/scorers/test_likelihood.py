"""Likelihoods judged: values computed by hand."""

import math

import pytest

from evalscope.core.likelihood import write_logprobs
from evalscope.core.sample import Sample
from evalscope.errors import ScoringError
from evalscope.scorers.likelihood import LikelihoodMatch, TruthMatch

THREE = Sample(input="What?", choices=("wood", "a tree", "the old oak"), target="B", id="7")  # 4, 6 and 11 bytes
INF = math.inf


@pytest.mark.parametrize(
    ("logprobs", "sample", "values", "answer", "explanation"),
    [
        ((-9.0, -3.0, -8.0), THREE, {"acc": 1.0, "acc_norm": 1.0}, "B", ""),
        # per byte -0.75, -2/3 and -0.727
        ((-3.0, -4.0, -8.0), THREE, {"acc": 0.0, "acc_norm": 1.0}, "A", "B is the likeliest per byte"),
        # per byte -1.5, -5/6 and -6/11
        ((-6.0, -5.0, -6.0), THREE, {"acc": 1.0, "acc_norm": 0.0}, "B", "C is the likeliest per byte"),
        ((-9.0, -9.0, -99.0), THREE, {"acc": 0.0, "acc_norm": 1.0}, "A", "B is the likeliest per byte"),
        ((-INF, -700.0, -INF), THREE, {"acc": 1.0, "acc_norm": 1.0}, "B", ""),
        ((-1e-300, -1e-299, -1.0), THREE, {"acc": 0.0, "acc_norm": 0.0}, "A", ""),
        # three characters are nine bytes: -1/3 a byte, and the other's are -0.4
        (
            (-3.0, -2.0),
            Sample(input="?", choices=("处处闻", "birds"), target="A"),
            {"acc": 0.0, "acc_norm": 1.0},
            "B",
            "A is the likeliest per byte",
        ),
        (
            (-2.0, -2.0, -5.0),
            Sample(input="?", choices=("same", "same", "other"), target="B"),
            {"acc": 0.0, "acc_norm": 0.0},
            "A",
            "",
        ),
        (
            (-2.0, -1.0, -5.0),
            Sample(input="?", choices=("one", "two", "six"), target=("B", "C")),
            {"acc": 1.0, "acc_norm": 1.0},
            "B",
            "",
        ),
    ],
    ids=[
        "both right",
        "only per byte",
        "only as a whole",
        "the first of equals",
        "impossible ones",
        "nearly certain",
        "bytes, not characters",
        "a choice that is there twice",
        "several targets",
    ],
)
def test_the_likeliest_choice_is_the_answer(logprobs, sample, values, answer, explanation):
    score = LikelihoodMatch()(write_logprobs(logprobs), sample)
    assert (score.values, score.answer, score.explanation) == (values, answer, explanation)


def test_letters_are_compared_without_lengths():
    score = LikelihoodMatch(divides=False)("-3.0 -2.0 -8.0", Sample(input="?", choices=("", "x", "long"), target="B"))
    assert (score.values, score.answer, score.explanation) == ({"acc": 1.0}, "B", "")


def test_a_choice_without_text_has_no_length_to_divide_by():
    with pytest.raises(ScoringError, match="choice A of sample 9 is empty"):
        LikelihoodMatch()("-3.0 -2.0", Sample(input="?", choices=("", "x"), target="B", id="9"))


# the best option, another true one, and two false ones, of which MC1 has the first
TRUTH = Sample(
    input="?",
    choices=("best", "lie", "also true", "other lie"),
    target="A",
    id="7",
    metadata={"mc1": ("best", "lie"), "mc2": {"best": 1, "also true": 1, "lie": 0, "other lie": 0}},
)


def weighed(*shares: float) -> str:
    """Log-probabilities of options that have so much weight beside each other."""
    return write_logprobs(tuple(math.log(share) if share else -INF for share in shares))


@pytest.mark.parametrize(
    ("answer", "mc1", "mc2", "letter"),
    [
        (weighed(0.4, 0.2, 0.1, 0.3), 1.0, 0.5, "A"),
        (weighed(0.1, 0.2, 0.6, 0.1), 0.0, 0.7, "B"),
        (weighed(0.2, 0.1, 0.1, 0.6), 1.0, 0.3, "A"),
        (weighed(0.25, 0.25, 0.25, 0.25), 0.0, 0.5, "B"),
        ("-800.0 -1000.0 -1000.0 -1000.0", 1.0, 1.0, "A"),
        ("-5000.0 -5000.6931471805599 -9000.0 -9000.0", 1.0, 2 / 3, "A"),
        (weighed(0, 0.5, 0, 0.5), 0.0, 0.0, "B"),
        (weighed(0.3, 0, 0.1, 0), 1.0, 1.0, "A"),
    ],
    ids=[
        "all count for mc2",
        "another true one does not count for mc1",
        "a lie that only MC2 has",
        "a lie as likely as the truth",
        "so unlikely that exp underflows",
        "underflow, and two to one",
        "no truth possible",
        "no lie possible",
    ],
)
def test_mc1_is_whether_the_best_true_option_wins_and_mc2_the_share_of_the_true_ones(answer, mc1, mc2, letter):
    score = TruthMatch()(answer, TRUTH)
    assert score.values == pytest.approx({"mc1": mc1, "mc2": mc2}, abs=1e-9)
    assert (tuple(score.values), score.answer) == (("mc1", "mc2"), letter)


def test_the_order_of_options_does_not_matter():
    turned = Sample(input="?", choices=TRUTH.choices[::-1], target="D", metadata=TRUTH.metadata)
    score = TruthMatch()(weighed(0.3, 0.1, 0.2, 0.4), turned)
    assert score.values == pytest.approx({"mc1": 1.0, "mc2": 0.5})
    assert score.answer == "D"


def test_options_of_mc1_that_are_all_impossible_cannot_be_compared():
    with pytest.raises(ScoringError, match="no option of sample 7 has any probability"):
        TruthMatch()(weighed(0, 0, 0.5, 0.5), TRUTH)


@pytest.mark.parametrize("scorer", [LikelihoodMatch(), LikelihoodMatch(divides=False), TruthMatch()], ids=repr)
@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (None, "and 0 came"),
        ("", "and 0 came"),
        ("-1.0 -2.0", "and 2 came"),
        ("-1.0 -2.0 -3.0 -4.0 -5.0", "and 5 came"),
        ("ANSWER: B", "which is no numbers"),
        ("-1.0 nan -3.0 -4.0", "none is the highest"),
        ("-1.0 inf -3.0 -4.0", "none is the highest"),
        ("-inf -inf -inf -inf", "none is the highest"),
    ],
    ids=["none", "empty", "too few", "too many", "prose", "not a number", "endless", "all impossible"],
)
def test_what_is_no_number_for_each_choice_is_a_failure_and_no_zero(scorer, numbers, said):
    with pytest.raises(ScoringError, match=said):
        scorer(numbers, TRUTH)
