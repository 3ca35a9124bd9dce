"""Which tokens are a continuation's."""

import pytest

from evalscope.errors import ModelError, PromptTooLong
from evalscope.models.checkpoint.seam import continued
from tests.models.checkpoint.tiny import BEGIN, END, tiny_tokenizer

MERGES = (("a", "b"), ("b", "c"), ("Ġ", "w"), ("Ġ", "Ġ"), ("å", "Į"))


def split(context, continuation, *, begins=False, limit=None):
    """(what is given, what is the continuation's), as symbols of the tokenizer."""
    tokenizer = tiny_tokenizer(512, MERGES, begins=begins)
    asked = continued(tokenizer, context, continuation, limit)
    symbols = tokenizer.convert_ids_to_tokens(list(asked.tokens))
    return symbols[: asked.num_given], symbols[asked.num_given :]


@pytest.mark.parametrize(
    ("context", "continuation", "given", "own"),
    [
        ("x", " w", ["x"], ["Ġw"]),
        ("x", "yz", ["x"], ["y", "z"]),
        ("xa", "b", ["x"], ["ab"]),
        ("xab", "c", ["x", "ab"], ["c"]),
        ("xa", "bc", ["x"], ["ab", "c"]),
        ("x ", "w", ["x"], ["Ġw"]),
        ("x  ", "w", ["x"], ["Ġ", "Ġw"]),
        ("x", " ", ["x"], ["Ġ"]),
        ("x\n", "y", ["x", "Ċ"], ["y"]),
        ("问", "北", ["é", "Ĺ", "®"], ["åĮ", "Ĺ"]),
        ("x", "x", ["x"], ["x"]),
    ],
    ids=[
        "a space before a word",
        "no space",
        "a token over the seam",
        "a merge that the context has done already",
        "a token over the seam and one more",
        "a space at the end of the context",
        "two spaces, torn apart by the word behind them",
        "nothing but a space",
        "a line break",
        "Chinese",
        "the same again",
    ],
)
def test_the_continuation_begins_where_it_changes_the_tokens(context, continuation, given, own):
    assert split(context, continuation) == (given, own)


def test_a_token_that_the_tokenizer_puts_in_front_is_given():
    assert split("x", "y", begins=True) == ([BEGIN, "x"], ["y"])
    assert split("", "y", begins=True) == ([BEGIN], ["y"])


@pytest.mark.parametrize(
    ("context", "continuation", "own"), [("", "yz", ["y", "z"]), ("a", "b", ["ab"])], ids=["empty", "swallowed"]
)
def test_where_nothing_is_given_the_end_of_a_text_before_stands_in(context, continuation, own):
    assert split(context, continuation) == ([END], own)


def test_a_tokenizer_without_such_a_token_cannot_begin():
    tokenizer = tiny_tokenizer(512, (), begins=False)
    tokenizer.eos_token = None
    with pytest.raises(ModelError, match="give a context"):
        continued(tokenizer, "", "y", None)


def test_an_empty_continuation_has_no_likelihood():
    with pytest.raises(ModelError, match="adds no token to its context"):
        split("x", "")


def test_what_does_not_fit_is_refused_and_what_just_fits_is_not():
    # the last token is only looked up, never read
    assert len(split("xxx", "yy", limit=4)[1]) == 2
    with pytest.raises(PromptTooLong, match="5 tokens and the model's context 3"):
        split("xxx", "yy", limit=3)
