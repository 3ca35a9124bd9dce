"""Whatever models and scorers of a user's own hand over ends in a row that can be stored."""

import math

import pytest

from evalscope.core.response import Completion, Response, Usage
from evalscope.core.score import Score
from evalscope.engine.accept import accept_response, accept_score
from evalscope.errors import ModelError, ScoringError


def response(completion: object, text: str = "a") -> Response:
    return Response(text=text, messages=(), completions=(completion,))  # type: ignore[arg-type]  # as users may err


def test_a_sound_response_is_passed_on_as_it_is():
    sound = response(Completion(text="a", usage=Usage(input_tokens=1), latency_s=0.5))
    assert accept_response(sound) is sound


@pytest.mark.parametrize(
    "bad",
    [None, "text", Response(text="a", messages=(), completions=()), response("a"), response(Completion(text=None))],
    ids=["nothing", "a text", "no completion", "a text for a completion", "no text in it"],
)
def test_a_response_without_a_text_is_a_failure_of_its_request(bad):
    with pytest.raises(ModelError, match="needed"):
        accept_response(bad)


@pytest.mark.parametrize(
    "wrong",
    [{"usage": None}, {"usage": Usage(input_tokens="7")}, {"latency_s": "fast"}, {"stop_reason": None}],
    ids=["no usage", "tokens as text", "time as text", "no reason to stop"],
)
def test_wrong_figures_do_not_cost_the_answer(wrong):
    kept = accept_response(response(Completion(text="a", reasoning="b", **wrong))).completions[0]
    assert kept == Completion(text="a", reasoning="b")


def test_half_characters_are_replaced_and_figures_kept():
    half = Completion(text="x\ud83d", reasoning="\udc00", usage=Usage(output_tokens=2))
    kept = accept_response(response(half, text="x\ud83d"))
    assert kept.text == "x\ufffd"
    assert kept.completions == (Completion(text="x\ufffd", reasoning="\ufffd", usage=Usage(output_tokens=2)),)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        1.0,
        Score(values={}),
        Score(values={"acc": "1"}),
        Score(values={"acc": math.nan}),
        Score(values={"acc": 1.0}, answer=5),
    ],
    ids=["nothing", "a number", "no value", "a text", "not a number", "an answer that is no text"],
)
def test_a_score_that_cannot_be_averaged_is_a_failure_never_a_zero(bad):
    with pytest.raises(ScoringError):
        accept_score(bad)


def test_a_truth_value_counts_as_one_or_zero():
    kept = accept_score(Score(values={"acc": True}, answer="\ud83d"))
    assert kept == Score(values={"acc": 1.0}, answer="\ufffd")
    assert isinstance(kept.values["acc"], float)
