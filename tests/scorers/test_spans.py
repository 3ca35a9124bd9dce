"""DROP's F1 and exact match: words, numbers, and spans paired as well as can be."""

import itertools
import random

import pytest

from evalscope.core.sample import Sample
from evalscope.scorers.spans.assignment import best_pairs
from evalscope.scorers.spans.match import SpansMatch, read_span

CASES = {
    "the same": ("75", ["75"], 1.0, 1.0),
    "another number": ("74", ["75"], 0.0, 0.0),
    "a number in words around it": ("75 yards", ["75"], 0.67, 0.0),
    "a number written otherwise": ("7,000", ["7000.0"], 1.0, 1.0),
    "the right words with a wrong number": ("12 yards", ["31 yards"], 0.0, 0.0),
    "the right words without the number": ("yards", ["31 yards"], 0.0, 0.0),
    "articles, case and punctuation": ("The Lighthouse.", ["lighthouse"], 1.0, 1.0),
    "half of the words": ("Smith", ["John Smith"], 0.67, 0.0),
    "a hyphen is a space": ("30-yard line", ["30 yard line"], 1.0, 1.0),
    "the better of two targets": ("Okoye", ["Reyes", "Okoye"], 1.0, 1.0),
    "two spans in another order": ("Okoye; Reyes", ["Reyes\nOkoye"], 1.0, 1.0),
    "one of two spans": ("Reyes", ["Reyes\nOkoye"], 0.5, 0.0),
    "one span too many": ("Reyes; Okoye; Lee", ["Reyes\nOkoye"], 0.67, 0.0),
    "a span said twice": ("Reyes; Reyes", ["Reyes"], 0.5, 0.0),
    "spans apart by lines": ("Reyes\nOkoye", ["Okoye\nReyes"], 1.0, 1.0),
    "words in another order are the same bag, not the same text": ("Smith John", ["John Smith"], 1.0, 0.0),
    "best f1 and best em of different targets": ("a b c", ["b c", "a b c d"], 1.0, 1.0),
    "nothing": ("", ["75"], 0.0, 0.0),
    "separators alone": (" ; | ", ["75"], 0.0, 0.0),
    "chinese": ("灯塔", ["灯塔"], 1.0, 1.0),
}


@pytest.mark.parametrize(("answer", "targets", "f1", "em"), CASES.values(), ids=CASES.keys())
def test_spans_are_compared_as_published(answer, targets, f1, em):
    score = SpansMatch()(answer, Sample(input="", target=tuple(targets)))
    assert score.values == {"f1": f1, "em": em}


def test_no_answer_is_no_credit():
    score = SpansMatch()(None, Sample(input="", target=("75",)))
    assert (score.values, score.answer) == ({"f1": 0.0, "em": 0.0}, None)


def test_answers_that_mean_the_same_vote_together():
    sample = Sample(input="", target=("Reyes\nOkoye",))
    assert SpansMatch()("the Reyes; Okoye", sample).vote == SpansMatch()("okoye | Reyes.", sample).vote


def test_a_span_is_read_as_words_and_numbers():
    assert read_span("The $1,200 -fee (U.S.)") == ("1200.0 fee us", frozenset({"1200.0", "fee", "us"}))


def test_a_hostile_answer_of_thousands_of_spans_is_cut():
    assert SpansMatch()("; ".join(map(str, range(9999))), Sample(input="", target=("1",))).values["f1"] == 0.02


@pytest.mark.parametrize("seed", range(40))
def test_pairs_add_up_to_the_most_that_any_pairing_gives(seed):
    rng = random.Random(seed)
    num_rows = rng.randint(1, 5)
    gains = [[rng.choice((0.0, rng.random())) for _ in range(rng.randint(num_rows, 6))] for _ in range(1)] * num_rows
    gains = [[rng.choice((0.0, rng.random())) for _ in gains[0]] for _ in gains]
    pairs = best_pairs(gains)
    best = max(
        sum(gains[row][column] for row, column in enumerate(columns))
        for columns in itertools.permutations(range(len(gains[0])), num_rows)
    )
    assert len(set(pairs)) == num_rows
    assert sum(gains[row][column] for row, column in enumerate(pairs)) == pytest.approx(best)
