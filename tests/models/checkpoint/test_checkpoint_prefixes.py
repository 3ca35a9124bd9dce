"""What prompts begin with."""

import random

import pytest

from evalscope.models.checkpoint.prefixes import LEAST_SAVED_TOKENS, Prefixes, Seen, num_shared

SHOTS = tuple(range(200))


class Columns:
    """Stands for keys and values."""


class Reader:
    """Notes what it is asked to compute."""

    def __init__(self):
        self.read_lengths = []

    def new_columns(self):
        return Columns()

    def read(self, columns, readings):
        (reading,) = readings
        self.read_lengths.append((len(reading.tokens), 0 if reading.known is None else reading.known.num_tokens))


def prefixes(*noted, most_tokens=10**6):
    reader = Reader()
    made = Prefixes(reader, most_tokens)
    for tokens in noted:
        made.note(tokens)
    return made, reader


def num_known(reading):
    return 0 if reading.known is None else reading.known.num_tokens


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [((), (1,), 0), ((1, 2), (1, 2), 2), ((1, 2, 3), (1, 2, 4), 2), ((2,), (1,), 0), ((1,), (1, 2), 1)],
)
def test_shared_tokens_are_counted_from_the_start(one, other, shared):
    assert num_shared(one, other) == num_shared(other, one) == shared


def test_longest_shared_start_is_found_among_many():
    rng = random.Random(0)
    noted = [tuple(rng.choices(range(3), k=rng.randint(1, 12))) for _ in range(300)]
    seen = Seen()
    for tokens in noted:
        seen.note(tokens)
    for place, tokens in enumerate(noted):
        others = noted[:place] + noted[place + 1 :]
        longest = max(num_shared(tokens, other) for other in others)
        sharing = sum(other[:longest] == tokens[:longest] for other in noted)
        assert seen.shared(tokens) == (longest, sharing)


def test_oldest_prompts_are_forgotten():
    seen = Seen(most_tokens=10)
    for tokens in ((1, 2, 3, 4), (1, 2, 3, 5), (1, 9, 9, 9)):
        seen.note(tokens)
    assert seen.shared((1, 2, 3, 5)) == (1, 2)
    assert seen.shared((1, 2, 3, 4)) == (0, 1)


def test_demonstrations_are_computed_once():
    asked = [(*SHOTS, 1000 + place, 7, 8) for place in range(5)]
    made, reader = prefixes(*asked)
    assert [num_known(made.reading(tokens)) for tokens in asked] == [200] * 5
    assert reader.read_lengths == [(200, 0)]


def test_passage_behind_the_demonstrations_is_computed_on_top_of_them():
    passage = tuple(range(500, 600))
    asked = [(*SHOTS, 1), (*SHOTS, 2), (*SHOTS, *passage, 3), (*SHOTS, *passage, 4)]
    made, reader = prefixes(*asked)
    assert [num_known(made.reading(tokens)) for tokens in asked] == [200, 200, 300, 300]
    assert reader.read_lengths == [(200, 0), (300, 200)]


def test_repeats_of_a_prompt_compute_its_last_token_alone():
    made, _ = prefixes(SHOTS, SHOTS, SHOTS)
    assert [made.reading(SHOTS).num_new for _ in range(3)] == [1, 1, 1]


def test_short_start_is_not_worth_a_pass():
    start = SHOTS[: LEAST_SAVED_TOKENS - 1]
    made, reader = prefixes((*start, 1000), (*start, 1001))
    assert num_known(made.reading((*start, 1000))) == 0
    assert reader.read_lengths == []


def test_short_start_of_many_is_worth_a_pass():
    start = SHOTS[: LEAST_SAVED_TOKENS // 4]
    asked = [(*start, 1000 + place) for place in range(5)]
    made, _ = prefixes(*asked)
    assert num_known(made.reading(asked[0])) == len(start)


def test_prompt_unlike_all_others_is_read_whole():
    made, reader = prefixes((*SHOTS, 1), (*SHOTS, 2), (5, 6, 7))
    made.reading((*SHOTS, 1))
    assert num_known(made.reading((5, 6, 7))) == 0
    assert len(reader.read_lengths) == 1


def test_those_used_longest_ago_make_room():
    starts = [tuple(range(first, first + 100)) for first in (0, 1000, 2000)]
    asked = [(*start, last) for start in starts for last in (7777, 8888)]
    made, reader = prefixes(*asked, most_tokens=200)
    for tokens in (asked[0], asked[2], asked[1], asked[4], asked[0], asked[2]):
        made.reading(tokens)
    # the second start went when the third came, for the first had been used since
    assert reader.read_lengths == [(100, 0)] * 4


def test_start_longer_than_the_memory_is_kept_in_part():
    made, _ = prefixes((*SHOTS, 1), (*SHOTS, 2), most_tokens=150)
    assert num_known(made.reading((*SHOTS, 1))) == 150


def test_what_must_be_computed_is_not_taken_as_known():
    made, _ = prefixes((*SHOTS, 1), (*SHOTS, 2))
    made.reading((*SHOTS, 1))
    assert num_known(made.reading((*SHOTS, 2), most_known=120)) == 120


def test_nothing_is_shared_where_that_is_off():
    made, reader = prefixes((*SHOTS, 1), (*SHOTS, 2), most_tokens=0)
    assert num_known(made.reading((*SHOTS, 1))) == 0
    assert reader.read_lengths == []


def test_cleared_starts_are_computed_again():
    made, reader = prefixes((*SHOTS, 1), (*SHOTS, 2))
    made.reading((*SHOTS, 1))
    made.clear()
    assert num_known(made.reading((*SHOTS, 2))) == 200
    assert len(reader.read_lengths) == 2
