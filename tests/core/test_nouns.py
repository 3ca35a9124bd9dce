"""Small promises of the nouns: frozen, and plain questions about them."""

from dataclasses import FrozenInstanceError

import pytest

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.core.response import Completion, Response
from evalscope.core.sample import Sample
from evalscope.core.score import FAILURES, Outcome, SampleScore, Score, classify
from evalscope.models.mock import MockModel


def test_the_question_of_a_conversation_is_its_last_turn():
    sample = Sample(input=(Message("user", "Hi"), Message("assistant", "Hello"), Message("user", "Why?")), target="x")
    assert sample.question == "Why?"
    assert Sample(input="Why?", target="x").question == "Why?"


@pytest.mark.parametrize(("num", "letters"), [(0, ""), (1, "A"), (4, "ABCD"), (5, "ABCDE")])
def test_letters_name_the_choices(num, letters):
    assert Sample(input="", target="A", choices=tuple("vwxyz"[:num])).letters == letters


def test_targets_are_a_tuple_in_either_form():
    assert Sample(input="", target="a").targets == ("a",)
    assert Sample(input="", target=("a", "b")).targets == ("a", "b")


@pytest.mark.parametrize(
    "value", [Sample(input="", target=""), Generation(), Completion(text=""), Score(values={"acc": 1.0})]
)
def test_nouns_are_frozen(value):
    with pytest.raises((FrozenInstanceError, AttributeError)):
        setattr(value, next(iter(type(value).__dataclass_fields__)), "other")


@pytest.mark.parametrize(("temperature", "is_greedy"), [(0.0, True), (0, True), (0.1, False), (None, False)])
def test_only_temperature_zero_is_greedy(temperature, is_greedy):
    assert Generation(temperature=temperature).is_greedy is is_greedy


@pytest.mark.parametrize(
    ("reasons", "is_cut_off"),
    [((), False), (("length",), True), (("length", "stop"), False), (("stop", "length"), True)],
    ids=["nothing said", "cut", "went on after it", "last one cut"],
)
def test_a_response_is_cut_off_when_its_last_answer_is(reasons, is_cut_off):
    completions = tuple(Completion(text="", stop_reason=reason) for reason in reasons)
    assert Response(text="", messages=(), completions=completions).is_cut_off is is_cut_off


@pytest.mark.parametrize(
    ("value", "answer", "is_cut_off", "outcome"),
    [
        (1.0, "B", False, Outcome.CORRECT),
        (0.0, "B", False, Outcome.WRONG),
        (0.5, "B", False, Outcome.PARTIAL),
        (0.0, "B", True, Outcome.WRONG),
        (0.0, None, False, Outcome.UNPARSED),
        (0.0, None, True, Outcome.CUT_OFF),
        (0.0, "", False, Outcome.WRONG),
        (1.0, None, True, Outcome.CORRECT),
        (0.5, None, False, Outcome.PARTIAL),
    ],
    ids=[
        "right",
        "wrong",
        "partly",
        "wrong, though cut off",
        "nothing found",
        "cut off before an answer",
        "an empty answer is an answer",
        "right without an answer of its own",
        "partly without an answer of its own",
    ],
)
def test_a_scored_answer_ends_in_one_class(value, answer, is_cut_off, outcome):
    assert classify(Score(values={"acc": value, "other": 0.3}, answer=answer), is_cut_off=is_cut_off) is outcome
    assert outcome not in FAILURES


@pytest.mark.parametrize("ends", [{}, {"score": Score(values={"acc": 1.0}), "error": "why"}], ids=["neither", "both"])
def test_a_sample_ends_with_a_score_or_an_error(ends):
    with pytest.raises(AssertionError, match="a score or an error"):
        SampleScore(sample_id="1", subset="main", repeat=0, outcome=Outcome.CORRECT, **ends)


async def test_the_mock_is_a_model_and_counts_words():
    model = MockModel(lambda messages: messages[-1].content.upper())
    assert isinstance(model, Model)
    completion = await model.generate((Message("user", "one two"),), Generation())
    assert (completion.text, completion.usage.input_tokens, completion.usage.output_tokens) == ("ONE TWO", 2, 2)
    assert "lambda" in model.identity["reply"]
