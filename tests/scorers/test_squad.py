"""Answers in a few words, compared as SQuAD does."""

import pytest

from evalscope.core.sample import Sample
from evalscope.scorers.squad import SquadMatch, normalise

NAMES = ("The U.S.", "O'Neill", "14 December 1972 UTC", "!!!")


def credit(answer):
    return SquadMatch()(answer, Sample(input="", target=NAMES)).values["acc"]


@pytest.mark.parametrize("answer", ["us", "U.S", "the US", "oneill", "O'Neill.", " 14  december 1972 utc\n", "!!!"])
def test_any_answer_is_right_whatever_its_case_articles_and_punctuation(answer):
    assert credit(answer) == 1.0


@pytest.mark.parametrize("answer", [None, "", " ", "the", "?", "u s", "US or UK", "December 1972"])
def test_others_are_wrong_and_so_is_one_that_holds_a_right_one(answer):
    assert credit(answer) == 0.0


def test_punctuation_goes_without_a_trace_and_words_keep_one_space():
    assert normalise("An  end-game: the U.S.A.'s Theatre") == "endgame usas theatre"
