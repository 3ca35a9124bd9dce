"""Names of a thing, compared as TriviaQA does."""

import pytest

from evalscope.core.sample import Sample
from evalscope.scorers.aliases import AliasMatch, normalise

NAMES = ("The Danube", "Danube_River", "St. John's", "!!!", "A")
RIGHT = ["danube", "A DANUBE.", "Danube  River", "st john‘s", "!!!", "A", " the Danube\n"]
WRONG = ["", " ", "the", "?", "Danube or Rhine", "Danu be", "John's", "a"]


def credit(answer):
    return AliasMatch()(answer, Sample(input="", target=NAMES)).values["acc"]


@pytest.mark.parametrize("answer", RIGHT)
def test_any_name_is_right_whatever_its_case_articles_and_punctuation(answer):
    assert credit(answer) == 1.0


@pytest.mark.parametrize("answer", WRONG)
def test_other_texts_are_wrong_and_so_is_one_that_holds_a_name(answer):
    assert credit(answer) == 0.0


def test_no_answer_is_wrong_even_where_a_name_is_empty():
    score = AliasMatch()(None, Sample(input="", target=("", "x")))
    assert (score.values, score.answer) == ({"acc": 0.0}, None)


def test_punctuation_becomes_a_space_as_in_the_official_script():
    assert normalise("U.S.A.'s_Theatre: an end") == "u s s theatre end"
