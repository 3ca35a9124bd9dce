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
from evalscope.models.checkpoint.likelihood import Likelihoods, Options, grown
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.prefixes import Prefixes
from evalscope.models.checkpoint.reading import Reader
from evalscope.models.checkpoint.seam import Continued
from evalscope.models.checkpoint.ways import find_ability
from evalscope.models.checkpoint.whole import WholeReader
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


def options(context, *texts):
    given = tuple(context)
    return tuple(Continued(tokens=given + tuple(text), num_given=len(given)) for text in texts)


LETTERS = options(b"a question", b"A", b"B", b"C")
WORDS = options(b"the question", b"one", b"another", b"one more")
STRANGERS = (Continued(tokens=(1, 2, 3), num_given=1), Continued(tokens=(4, 5), num_given=1))
BATCH = (LETTERS, WORDS, STRANGERS, options(b"x", b"a longer one", b"b"))


def scored(loaded, batch, *, kinds, most_tokens=1024, most_in_memory=None):
    """Sums by question and option."""
    if kinds:
        reader = Reader(loaded, kinds, most_tokens, most_in_memory)
    else:
        reader = WholeReader(loaded, most_tokens, is_padded=True)
    prefixes = Prefixes(reader, 10**6) if kinds else Prefixes(None, 0)
    likelihoods = Likelihoods(reader, prefixes)
    questions = [
        Options(num_options=len(asked), trunks=grown(asked, shares=bool(kinds)), is_wanted=lambda: True)
        for asked in batch
    ]
    for question in questions:
        for trunk in question.trunks:
            prefixes.note(trunk.tokens)
    likelihoods.begin(questions)
    answers = dict(likelihoods.advance())
    return [answers[question] for question in questions]


def close(found, expected):
    return len(found) == len(expected) and all(
        ours == pytest.approx(theirs, abs=1e-4) for ours, theirs in zip(found, expected, strict=True)
    )


@pytest.fixture(scope="module")
def kinds(loaded):
    return find_ability(loaded).kinds


@pytest.fixture(scope="module")
def expected(loaded):
    def nats(option):
        with torch.no_grad():
            logprobs = torch.log_softmax(loaded.model(torch.tensor([option.tokens])).logits[0].float(), dim=-1)
        places = range(option.num_given, len(option.tokens))
        return sum(logprobs[place - 1, option.tokens[place]].item() for place in places)

    return [[nats(option) for option in asked] for asked in BATCH]


@pytest.mark.parametrize("most_tokens", [5, 24, 1024])
@pytest.mark.parametrize("shares", [True, False], ids=["shared", "whole"])
def test_sums_do_not_depend_on_how_they_are_computed(loaded, kinds, expected, shares, most_tokens):
    assert close(scored(loaded, BATCH, kinds=kinds if shares else (), most_tokens=most_tokens), expected)


def test_options_of_one_token_are_read_off_one_row(loaded, kinds):
    watched = seen(loaded)
    scored(watched, [LETTERS], kinds=kinds)
    assert watched.model.asked == [(1, len(b"a question"))]
    assert watched.model.computed == [(1, 1)]


def test_longer_options_share_what_is_known_of_their_question(loaded, kinds):
    watched = seen(loaded)
    scored(watched, [WORDS], kinds=kinds)
    # "one" and "one more" are one row; all options begin behind the same tokens
    assert watched.model.asked == [(1, len(b"the question")), (2, len(b"one more") - 1)]
    assert watched.model.computed == [(1, 1), (1, len(b"nother") + len(b"ne more"))]


def test_branches_that_would_fill_the_memory_are_read_in_parts(loaded, kinds):
    watched = seen(loaded)
    options_of_many = options(b"the question", *(bytes([65 + place, 97, 98]) for place in range(10)))
    found = scored(watched, [options_of_many], kinds=kinds, most_in_memory=60)
    assert [rows for rows, _ in watched.model.asked] == [1, 4, 4, 2]
    assert close(found, scored(loaded, [options_of_many], kinds=()))


def test_questions_share_what_they_begin_with(loaded, kinds):
    shared = b"Ten lines of demonstrations come before each question. " * 2
    batch = [options(shared + text, b"A", b"B") for text in (b"one", b"two", b"six")]
    watched = seen(loaded)
    found = scored(watched, batch, kinds=kinds)
    assert watched.model.asked == [(1, len(shared)), (3, 3)]
    assert close(found, scored(loaded, batch, kinds=()))


def test_what_is_scored_is_computed_even_where_it_is_known(loaded, kinds):
    text = bytes(range(65, 65 + 26)) * 6
    batch = [options(text[:20], text[20:]), options(text[:100], text[100:], b"x"), options(text[:3], text[3:])]
    assert close(scored(loaded, batch, kinds=kinds), scored(loaded, batch, kinds=()))


def test_a_model_whose_last_layer_cannot_be_found_gives_the_same_sums(loaded, kinds, expected):
    for how in (kinds, ()):
        assert close(scored(seen(loaded, has_last_layer=False), BATCH, kinds=how), expected)


def test_many_positions_are_widened_in_parts(loaded, kinds, expected, monkeypatch):
    monkeypatch.setattr(likelihood, "WIDENED_POSITIONS", 2)
    assert close(scored(loaded, BATCH, kinds=kinds), expected)


def test_no_hook_is_left_behind(loaded, kinds):
    scored(loaded, BATCH, kinds=kinds)
    assert not loaded.model.get_output_embeddings()._forward_pre_hooks


def test_logits_that_are_not_numbers_are_an_error(folder, kinds):
    loaded = load(folder, ModelArgs())
    with torch.no_grad():
        loaded.model.get_output_embeddings().weight.fill_(torch.nan)
    with pytest.raises(ModelError, match="not numbers"):
        scored(loaded, BATCH, kinds=kinds)


async def test_cancelled_question_is_dropped(folder, make_model):
    model = make_model(folder, batch_size=1)
    await model.load()
    tasks = [asyncio.create_task(model.loglikelihood(*question)) for question in QUESTIONS[:3]]
    await asyncio.sleep(0)
    tasks[1].cancel()
    first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
    assert (len(first), len(third)) == (4, 4)
    assert isinstance(second, asyncio.CancelledError)
