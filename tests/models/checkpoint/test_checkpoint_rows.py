import pytest

from evalscope.models.checkpoint.rows import Asked, Row
from evalscope.models.checkpoint.settings import Settings


class Letters:
    """A vocabulary in which token n is the letter with code n; 0 and 1 are special, 0 ends an answer."""

    end_ids = frozenset({0})

    def text(self, tokens):
        return "".join(chr(token) for token in tokens if token > 1)

    def special_id(self, text):
        return {"<end>": 0, "<turn>": 1}.get(text)


def grow(text, *, stop=(), most=100, is_wanted=lambda: True):
    """A row after it was offered the codes of a text, as long as it took them."""
    settings = Settings(max_new_tokens=most, stop=stop)
    row = Row(Asked(tokens=(5,), settings=settings, seed=0, is_wanted=is_wanted), Letters())
    for letter in text:
        if not row.has_ended:
            row.take(ord(letter))
    return row


def ending(row):
    return row.text, row.stop_reason, len(row.tokens)


def test_end_token_ends_the_answer_and_is_no_part_of_it():
    assert ending(grow("ab\0cd")) == ("ab", "stop", 3)


def test_end_token_at_once_is_an_empty_answer():
    assert ending(grow("\0")) == ("", "stop", 1)


def test_allowance_ends_the_answer_as_length():
    assert ending(grow("abcd", most=3)) == ("abc", "length", 3)


def test_end_token_as_the_last_that_is_allowed_is_a_stop():
    assert ending(grow("ab\0", most=3)) == ("ab", "stop", 3)


@pytest.mark.parametrize(
    ("stop", "text"),
    [
        (("c",), "ab"),
        (("cd",), "ab"),
        (("x", "bc"), "a"),
        (("zz",), "abcd"),
        (("a",), ""),
        (("bcd", "c"), "ab"),
    ],
)
def test_stop_text_ends_the_answer_before_itself(stop, text):
    assert grow("abcd\0", stop=stop).text == text


def test_stop_text_far_into_a_long_answer_is_found():
    row = grow("x" * 500 + "\n\nQuestion: more", stop=("\n\nQuestion:",), most=600)
    assert ending(row) == ("x" * 500, "stop", 511)


def test_stop_text_that_is_a_special_token_is_honoured():
    assert ending(grow("ab\1cd", stop=("<turn>",))) == ("ab", "stop", 3)


def test_other_special_token_does_not_end_the_answer():
    assert ending(grow("ab\1cd\0")) == ("abcd", "stop", 6)


def test_answer_that_nobody_waits_for_ends_as_unknown():
    assert grow("abcd", is_wanted=lambda: False).stop_reason == "unknown"


def test_spaces_of_an_answer_stay():
    assert grow("  a \n\0").text == "  a \n"
