"""Turns asked in a row: what is said before each, and what is stored."""

import asyncio
from dataclasses import replace

import pytest

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion, Usage
from evalscope.core.sample import Sample
from evalscope.core.turns import read_turns
from evalscope.errors import ModelError
from evalscope.extractors.reasoning import cut_reasoning
from evalscope.models.mock import MockModel
from evalscope.solvers.turns import AskTurns

SYSTEM, FIRST, SECOND = Message("system", "Be brief."), Message("user", "one?"), Message("user", "two?")
SAMPLE = Sample(input=(FIRST, SECOND), target=())


class Recorded(MockModel):
    """A mock that keeps what it was asked, and gives completions one by one."""

    def __init__(self, *completions):
        super().__init__()
        self.completions, self.asked = list(completions), []

    async def generate(self, messages, config):
        self.asked.append(tuple(messages))
        await asyncio.sleep(0)
        if isinstance(completion := self.completions.pop(0), Exception):
            raise completion
        return completion


def said(text, **figures):
    return Completion(text=text, usage=Usage(input_tokens=5, output_tokens=2), latency_s=0.5, **figures)


async def asked(model, *messages):
    return await AskTurns(recall=cut_reasoning)(messages, SAMPLE, model, Generation())


async def test_each_turn_is_asked_behind_the_models_own_answers_without_their_reasoning():
    model = Recorded(said("<think>hm</think>I"), said("II"))
    response = await asked(model, SYSTEM, FIRST, SECOND)
    assert model.asked == [(SYSTEM, FIRST), (SYSTEM, FIRST, Message("assistant", "I"), SECOND)]
    assert read_turns(response.text) == ("<think>hm</think>I", "II")
    assert response.messages == (SYSTEM, FIRST, SECOND)


async def test_a_conversation_before_the_turns_is_said_again_with_each():
    before = (Message("user", "hello"), Message("assistant", "hello"))
    model = Recorded(said("I"), said("II"))
    await asked(model, *before, FIRST, SECOND)
    assert [messages[:2] for messages in model.asked] == [before, before]


async def test_tokens_and_seconds_are_those_of_all_turns():
    response = await asked(
        Recorded(said("I", first_token_s=0.1, reasoning="so"), said("II", first_token_s=0.2)), FIRST, SECOND
    )
    (whole,) = response.completions
    assert whole.usage == Usage(input_tokens=10, output_tokens=4)
    assert (whole.latency_s, whole.first_token_s, whole.reasoning) == (1.0, 0.1, "so")
    assert whole.text == response.text


async def test_a_figure_that_one_turn_lacks_is_not_made_up():
    (whole,) = (await asked(Recorded(said("I"), replace(said("II"), usage=Usage())), FIRST, SECOND)).completions
    assert whole.usage == Usage()


@pytest.mark.parametrize("stops", [("length", "stop"), ("stop", "length")])
async def test_an_answer_that_was_cut_off_shows(stops):
    response = await asked(Recorded(*(said("x", stop_reason=stop) for stop in stops)), FIRST, SECOND)
    assert response.is_cut_off


async def test_a_turn_without_an_answer_leaves_none_of_the_conversation():
    with pytest.raises(ModelError, match="gone"):
        await asked(Recorded(said("I"), ModelError("gone")), FIRST, SECOND)
