"""Sums of log-probabilities, beside those of a plain forward pass of each text alone."""

import asyncio
import itertools
from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from evalscope.config import ModelArgs
from evalscope.errors import ModelError, PromptTooLong
from evalscope.models.checkpoint import likelihood
from evalscope.models.checkpoint.likelihood import loglikelihoods
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.seam import Continued
from tests.models.checkpoint.tiny import make_tiny

QUESTIONS = (
    ("Question: what is two and two?\nAnswer:", (" four", " 5", " it is twenty-two", " ?")),
    ("Letters", (" A", " B", " C", " D")),
    ("问题：法国的首都是哪里？\n答案：", ("巴黎", "北京", "伦敦是英国的首都", "𠮷")),
    ("A space at the end ", ("word", " word", "w")),
    ("xa", ("b", "bc", "z")),
    ("", ("Once upon a time", "x")),
)
MERGES = (("a", "b"), ("Ġ", "w"), ("Ġ", "A"), ("Ġ", "B"), ("å", "Į"))


@pytest.fixture(scope="module", params=["qwen2", "gpt2", "llama"])
def merged_folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("merged") / request.param
    begins = request.param == "llama"
    return make_tiny(folder, family=request.param, merges=MERGES, begins=begins, chat=request.param == "qwen2")


def plain(folder):
    """A function (context, continuation) → nats, by one forward pass of transformers each."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)

    def loglikelihood(context, continuation):
        alone, both = tokenizer.encode(context), tokenizer.encode(context + continuation)
        start = next(place for place, (left, right) in enumerate(itertools.zip_longest(alone, both)) if left != right)
        if start == 0:
            both, start = [tokenizer.eos_token_id, *both], 1
        with torch.no_grad():
            logprobs = torch.log_softmax(model(torch.tensor([both])).logits[0].float(), dim=-1)
        return sum(logprobs[place - 1, both[place]].item() for place in range(start, len(both)))

    return loglikelihood


@pytest.mark.parametrize("batch_size", [1, 3, 32])
async def test_sums_are_those_of_a_plain_forward_pass(merged_folder, make_model, batch_size):
    model, expected = make_model(merged_folder, batch_size=batch_size), plain(merged_folder)
    found = await asyncio.gather(*(model.loglikelihood(*question) for question in QUESTIONS))
    for (context, continuations), logprobs in zip(QUESTIONS, found, strict=True):
        own = [expected(context, continuation) for continuation in continuations]
        assert logprobs == pytest.approx(own, abs=1e-4)


async def test_a_question_asked_alone_and_answers_in_between_change_nothing(folder, make_model):
    from evalscope.core.generation import Generation
    from evalscope.core.message import Message

    model = make_model(folder, batch_size=4)
    alone = await model.loglikelihood(*QUESTIONS[0])
    mixed = await asyncio.gather(
        model.loglikelihood(*QUESTIONS[0]),
        model.generate((Message("user", "Hi"),), Generation(max_tokens=4, temperature=0.0)),
        model.loglikelihood(*QUESTIONS[1]),
    )
    assert mixed[0] == pytest.approx(alone, abs=1e-4)
    assert mixed[1].stop_reason in ("stop", "length")


async def test_nothing_to_rank_is_nothing(folder, make_model):
    assert await make_model(folder).loglikelihood("x", ()) == ()


async def test_what_does_not_fit_is_refused_and_other_questions_are_answered(base_folder, make_model):
    model = make_model(base_folder)
    long, empty, good = await asyncio.gather(
        model.loglikelihood("x" * 120, (" y", "y" * 20)),
        model.loglikelihood("x", (" y", "")),
        model.loglikelihood("x" * 120, ("y" * 9,)),
        return_exceptions=True,
    )
    assert type(long) is PromptTooLong
    assert type(empty) is ModelError
    assert len(good) == 1


async def test_weights_in_half_precision_are_summed_in_float32(folder, make_model):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    context, continuation = "x" * 5, "y" * 40
    tokens = torch.tensor([AutoTokenizer.from_pretrained(folder).encode(context + continuation)])
    with torch.no_grad():
        logits = model(tokens).logits[0].float()
    own = torch.log_softmax(logits, dim=-1)[4:-1].gather(1, tokens[0, 5:, None]).sum().item()
    (found,) = await make_model(folder, precision="bfloat16").loglikelihood(context, (continuation,))
    # rounding in the layers differs a little with the shape of a product; rounding of the sum would show in units
    assert found == pytest.approx(own, abs=0.3)


class Seen:
    """A model that notes the shapes of what goes in and of the logits that come out."""

    def __init__(self, model, *, has_last_layer=True):
        self.model, self.device, self.has_last_layer = model, model.device, has_last_layer
        self.asked, self.computed = [], []

    def __call__(self, *, input_ids, **arguments):
        out = self.model(input_ids=input_ids, **arguments)
        self.asked.append(tuple(input_ids.shape))
        self.computed.append(tuple(out.logits.shape[:2]))
        return out

    def get_output_embeddings(self):
        return self.model.get_output_embeddings() if self.has_last_layer else None


def seen(loaded, **how):
    return replace(loaded, model=Seen(loaded.model, **how))


def letters(context, *texts):
    given = tuple(context)
    return [Continued(tokens=given + tuple(text), num_given=len(given)) for text in texts]


BATCH = [*letters(b"the question", b"A", b"B", b"CCC"), *letters(b"x", b"a longer one", b"b")]


def test_logits_are_computed_where_they_are_needed_and_nowhere_else(loaded):
    watched = seen(loaded)
    loglikelihoods(watched, BATCH)
    assert watched.model.computed == [(1, sum(asked.num_scored for asked in BATCH))]


def test_options_that_begin_alike_are_read_once(loaded):
    watched = seen(loaded)
    loglikelihoods(watched, BATCH)
    assert watched.model.asked == [(2, len(b"the question") + 2)]


def test_a_model_whose_last_layer_cannot_be_found_gives_the_same_sums(loaded_by_family):
    for loaded in loaded_by_family.values():
        hidden = loglikelihoods(seen(loaded, has_last_layer=False), BATCH)
        assert hidden == pytest.approx(loglikelihoods(loaded, BATCH), abs=1e-4)


def test_many_positions_are_computed_in_several_passes(loaded, monkeypatch):
    whole = loglikelihoods(loaded, BATCH)
    monkeypatch.setattr(likelihood, "MOST_POSITIONS", 5)
    monkeypatch.setattr(likelihood, "WIDENED_POSITIONS", 2)
    watched = seen(loaded)
    assert loglikelihoods(watched, BATCH) == pytest.approx(whole, abs=1e-4)
    assert [shape[1] for shape in watched.model.computed] == [5, 12, 1]


def test_no_hook_is_left_behind(loaded):
    loglikelihoods(loaded, BATCH)
    assert not loaded.model.get_output_embeddings()._forward_pre_hooks


def test_logits_that_are_not_numbers_are_an_error(folder):
    loaded = load(folder, ModelArgs())
    with torch.no_grad():
        loaded.model.get_output_embeddings().weight.fill_(torch.nan)
    with pytest.raises(ModelError, match="not numbers"):
        loglikelihoods(loaded, BATCH)


async def test_cancelled_question_is_dropped(folder, make_model):
    model = make_model(folder, batch_size=1)
    await model.load()
    tasks = [asyncio.create_task(model.loglikelihood(*question)) for question in QUESTIONS[:3]]
    await asyncio.sleep(0)
    tasks[1].cancel()
    first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert (len(first), len(third)) == (4, 4)
    assert isinstance(second, asyncio.CancelledError)
