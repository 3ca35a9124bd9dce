import dataclasses

import pytest
import torch
from transformers import GenerationConfig

from evalscope.models.checkpoint.decode import decode
from evalscope.models.checkpoint.rows import Asked
from evalscope.models.checkpoint.settings import Settings

FAMILIES = ("qwen2", "gpt2", "llama")
TEXTS = ("a", "What is two and two?", "x" * 60, "Name a colour.", "\n", "1 2 3 4 5 6 7 8 9 10", "Why", "zebra " * 7)


def ask(loaded, text, *, most=32, seed=0, **settings):
    tokens = tuple(loaded.tokenizer.encode(text))
    return Asked(tokens=tokens, settings=Settings(max_new_tokens=most, **settings), seed=seed)


def in_batches(loaded, asked, size):
    return [answer for start in range(0, len(asked), size) for answer in decode(loaded, asked[start : start + size])]


def plain(loaded, text, *, most=32, **settings):
    """New token ids by transformers alone: one unpadded prompt."""
    ids = loaded.tokenizer(text, return_tensors="pt").input_ids
    config = GenerationConfig(max_new_tokens=most, do_sample=False, eos_token_id=sorted(loaded.end_ids), **settings)
    return loaded.model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)[0, ids.shape[1] :]


@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.parametrize("family", FAMILIES)
def test_greedy_batch_answers_as_transformers_does_without_batches(loaded_by_family, family, size):
    loaded = loaded_by_family[family]
    answers = in_batches(loaded, [ask(loaded, text) for text in TEXTS], size)
    expected = [plain(loaded, text) for text in TEXTS]
    assert [answer.tokens for answer in answers] == [tuple(tokens.tolist()) for tokens in expected]
    assert [answer.text for answer in answers] == [
        loaded.tokenizer.decode(tokens, skip_special_tokens=True) for tokens in expected
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_repetition_penalty_in_a_batch_is_that_of_transformers_without_batches(loaded_by_family, family):
    loaded = loaded_by_family[family]
    answers = decode(loaded, [ask(loaded, text, repetition_penalty=1.5) for text in TEXTS])
    expected = [plain(loaded, text, repetition_penalty=1.5) for text in TEXTS]
    assert [answer.tokens for answer in answers] == [tuple(tokens.tolist()) for tokens in expected]


@pytest.mark.parametrize("family", FAMILIES)
def test_sampled_answers_depend_neither_on_batch_size_nor_on_order(loaded_by_family, family):
    loaded = loaded_by_family[family]
    asked = [ask(loaded, text, temperature=1.0, top_p=0.9, seed=place) for place, text in enumerate(TEXTS)]
    texts = [answer.text for answer in in_batches(loaded, asked, 1)]
    assert [answer.text for answer in in_batches(loaded, asked, 3)] == texts
    assert [answer.text for answer in in_batches(loaded, asked[::-1], 8)] == texts[::-1]


def test_sampled_answers_differ_between_seeds(loaded):
    asked = [ask(loaded, "a", temperature=1.0, seed=seed) for seed in range(4)]
    assert len({answer.text for answer in decode(loaded, asked)}) == 4


def test_counts_leave_out_padding(loaded):
    short, long = decode(loaded, [ask(loaded, "a", most=5), ask(loaded, "b" * 50, most=5)])
    assert (short.num_prompt_tokens, long.num_prompt_tokens) == (1, 50)
    assert max(len(short.tokens), len(long.tokens)) <= 5


def test_each_row_has_its_own_reason_to_stop(loaded):
    """Any token can end an answer: here one that the first row says early and the second never does."""
    first, second = decode(loaded, [ask(loaded, "a"), ask(loaded, "zebra " * 7)])
    end = next(token for token in first.tokens if token not in second.tokens)
    ending = dataclasses.replace(loaded, end_ids=frozenset({end}))
    one, other = decode(ending, [ask(loaded, "a"), ask(loaded, "zebra " * 7)])
    place = first.tokens.index(end)
    assert (one.stop_reason, one.tokens) == ("stop", first.tokens[: place + 1])
    assert one.text == loaded.text(list(first.tokens[:place]))
    assert end not in other.tokens
    assert other.stop_reason == "length"
    assert len(other.tokens) == 32


@pytest.mark.parametrize("size", [1, 2, 8])
def test_stop_text_cuts_each_row_where_it_stands_in_that_row(loaded, size):
    whole = [answer.text for answer in decode(loaded, [ask(loaded, text) for text in TEXTS])]
    stops = (whole[0][5:8], whole[2][9:11])
    answers = in_batches(loaded, [ask(loaded, text, stop=stops) for text in TEXTS], size)
    assert [answer.text for answer in answers] == [
        text[: min((text.find(stop) for stop in stops if stop in text), default=len(text))] for text in whole
    ]
    assert answers[0].stop_reason == "stop"
    assert len(answers[0].tokens) == len(answers[0].text) + len(stops[0])


def test_stop_text_in_the_prompt_or_across_its_end_does_not_stop(loaded):
    whole = decode(loaded, [ask(loaded, "END")])[0].text
    stopped = decode(loaded, [ask(loaded, "END", stop=("END", "D" + whole[0]))])[0].text
    assert stopped == whole


def test_stop_text_that_is_a_special_token_ends_the_answer(loaded):
    answers = decode(dataclasses.replace(loaded, end_ids=frozenset()), [ask(loaded, "a", stop=("<|im_end|>",))])
    assert answers[0].text == decode(loaded, [ask(loaded, "a")])[0].text


def test_answer_may_fill_a_context_of_learned_positions_to_the_last(loaded_by_family):
    loaded = dataclasses.replace(loaded_by_family["gpt2"], end_ids=frozenset())
    (answer,) = decode(loaded, [ask(loaded, "x" * 500, most=12)])
    assert (answer.stop_reason, len(answer.tokens)) == ("length", 12)


def test_row_that_nobody_waits_for_ends_early(loaded):
    asked = [dataclasses.replace(ask(loaded, "a"), is_wanted=lambda: False), ask(loaded, "b")]
    dropped, kept = decode(loaded, asked)
    assert (dropped.stop_reason, len(dropped.tokens)) == ("unknown", 1)
    assert kept.text == decode(loaded, asked[1:])[0].text
