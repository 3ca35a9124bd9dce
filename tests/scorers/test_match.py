"""Equality of text and of numbers."""

import pytest

from evalscope.core.sample import Sample
from evalscope.errors import ScoringError
from evalscope.scorers.match import ExactMatch, NumberMatch, as_number

EQUAL = [("1234", "1234.0"), ("1234", "1,234"), ("0.5", "1/2"), (".5", "0.50"), ("-5", "-5.00"), ("1e3", "1000")]
DIFFERENT = [("18", "1800"), ("18", "-18"), ("0.33", "1/3"), ("5", "5.0001")]


@pytest.mark.parametrize(("answer", "target"), EQUAL)
def test_numbers_are_equal_whatever_their_form(answer, target):
    assert NumberMatch()(answer, Sample(input="", target=target)).values == {"acc": 1.0}


@pytest.mark.parametrize(("answer", "target"), DIFFERENT)
def test_other_numbers_are_not(answer, target):
    assert NumberMatch()(answer, Sample(input="", target=target)).values == {"acc": 0.0}


@pytest.mark.parametrize(
    ("answer", "vote"), [("1,234", "1234"), ("1234.0", "1234"), ("0.5", "1/2"), ("2/4", "1/2"), ("x", "")]
)
def test_numbers_vote_by_their_value(answer, vote):
    assert NumberMatch()(answer, Sample(input="", target="5")).vote == vote


def test_no_answer_is_wrong_and_stays_none():
    score = NumberMatch()(None, Sample(input="", target="5"))
    assert (score.values, score.answer) == ({"acc": 0.0}, None)


def test_a_target_that_is_no_number_is_a_failure_not_a_zero():
    with pytest.raises(ScoringError, match="no number"):
        NumberMatch()("5", Sample(input="", target="five", id="7"))


@pytest.mark.parametrize("text", ["", "x", "1/0", "١٢٣x", "--5", "2 1/2", "1e", "e5"])
def test_what_is_no_number_has_no_value(text):
    assert as_number(text) is None


@pytest.mark.parametrize("text", ["1e999999999", "-1E-999999999", "9" * 100_000], ids=["huge", "tiny", "long"])
def test_a_number_too_long_to_write_out_is_none_and_takes_no_time(text):
    assert as_number(text) is None


def test_text_matches_any_target_but_for_white_space_at_its_ends():
    sample = Sample(input="", target=("Paris", "Lutetia"))
    assert ExactMatch()(" Lutetia\n", sample).values == {"acc": 1.0}
    assert ExactMatch()("paris", sample).values == {"acc": 0.0}
    assert ExactMatch()(None, sample).values == {"acc": 0.0}
