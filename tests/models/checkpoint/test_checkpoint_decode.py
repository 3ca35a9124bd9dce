import dataclasses
from functools import cache

import pytest
import torch
from transformers import GenerationConfig

from evalscope.models.checkpoint.decode import Decoding
from evalscope.models.checkpoint.plain import generate
from evalscope.models.checkpoint.prefixes import Prefixes
from evalscope.models.checkpoint.rows import Asked, Row
from evalscope.models.checkpoint.settings import Settings
from tests.models.checkpoint.driving import PLENTY, answered, make_reader

FAMILIES = ("qwen2", "gpt2", "llama")
MOST = 20
TEXTS = ("a", "What is two and two?", "x" * 60, "Name a colour.", "\n", "1 2 3 4 5 6 7 8 9 10", "Why", "zebra " * 7)


def ask(loaded, text, *, most=MOST, seed=0, **settings):
    tokens = tuple(loaded.tokenizer.encode(text))
    return Asked(tokens=tokens, settings=Settings(max_new_tokens=most, **settings), seed=seed)


def in_plain_batches(loaded, asked, size):
    rows = [Row(one, loaded) for one in asked]
    for start in range(0, len(rows), size):
        generate(loaded, rows[start : start + size])
    return rows


def decode(loaded, asked):
    return answered(loaded, asked, len(asked))


both = pytest.mark.parametrize("in_batches", [answered, in_plain_batches], ids=["together", "plain"])


@pytest.fixture(scope="module")
def plain(loaded_by_family):
    """A function: new token ids by transformers alone, from one unpadded prompt."""

    @cache
    def said(family, text, penalty=1.0):
        loaded = loaded_by_family[family]
        ids = loaded.tokenizer(text, return_tensors="pt").input_ids
        config = GenerationConfig(
            max_new_tokens=MOST, do_sample=False, eos_token_id=sorted(loaded.end_ids), repetition_penalty=penalty
        )
        made = loaded.model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
        return made[0, ids.shape[1] :].tolist()

    return said


@both
@pytest.mark.parametrize("size", [1, 3, 8])
@pytest.mark.parametrize("family", FAMILIES)
def test_greedy_batch_answers_as_transformers_does_without_batches(loaded_by_family, family, size, in_batches, plain):
    loaded = loaded_by_family[family]
    answers = in_batches(loaded, [ask(loaded, text) for text in TEXTS], size)
    expected = [plain(family, text) for text in TEXTS]
    assert [answer.tokens for answer in answers] == expected
    assert [answer.text for answer in answers] == [
        loaded.tokenizer.decode(tokens, skip_special_tokens=True) for tokens in expected
    ]


@both
@pytest.mark.parametrize("family", FAMILIES)
def test_repetition_penalty_in_a_batch_is_that_of_transformers_without_batches(
    loaded_by_family, family, in_batches, plain
):
    loaded = loaded_by_family[family]
    answers = in_batches(loaded, [ask(loaded, text, repetition_penalty=1.5) for text in TEXTS], 3)
    expected = [plain(family, text, 1.5) for text in TEXTS]
    assert [answer.tokens for answer in answers] == expected


@both
@pytest.mark.parametrize("family", FAMILIES)
def test_sampled_answers_depend_neither_on_batch_size_nor_on_order(loaded_by_family, family, in_batches):
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
    assert (len(short.asked.tokens), len(long.asked.tokens)) == (1, 50)
    assert max(len(short.tokens), len(long.tokens)) <= 5


def test_each_row_has_its_own_reason_to_stop(loaded):
    """Any token can end an answer: here one that the first row says early and the second never does."""
    first, second = decode(loaded, [ask(loaded, "a"), ask(loaded, "zebra " * 7)])
    end = next(token for token in first.tokens if token not in second.tokens)
    ending = dataclasses.replace(loaded, end_ids=frozenset({end}))
    one, other = decode(ending, [ask(loaded, "a"), ask(loaded, "zebra " * 7)])
    place = first.tokens.index(end)
    assert (one.stop_reason, one.tokens) == ("stop", first.tokens[: place + 1])
    assert one.text == loaded.text(first.tokens[:place])
    assert end not in other.tokens
    assert other.stop_reason == "length"
    assert len(other.tokens) == MOST


@both
@pytest.mark.parametrize("size", [1, 2, 8])
def test_stop_text_cuts_each_row_where_it_stands_in_that_row(loaded, size, in_batches):
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


@both
def test_row_that_nobody_waits_for_ends_early(loaded, in_batches):
    asked = [dataclasses.replace(ask(loaded, "a"), is_wanted=lambda: False), ask(loaded, "b")]
    dropped, kept = in_batches(loaded, asked, 2)
    assert (dropped.stop_reason, len(dropped.tokens)) == ("unknown", 1)
    assert kept.text == decode(loaded, asked[1:])[0].text


def test_rows_with_different_settings_stand_side_by_side(loaded):
    ways = ({}, {"most": 3}, {"temperature": 1.0}, {"repetition_penalty": 1.5}, {"stop": ("e",)}, {"most": 1})
    asked = [ask(loaded, text, **way) for way, text in zip(ways, TEXTS, strict=False)]
    alone = [decode(loaded, [one])[0] for one in asked]
    together = decode(loaded, asked)
    assert [(row.text, row.stop_reason) for row in together] == [(row.text, row.stop_reason) for row in alone]


@pytest.mark.parametrize("most_tokens", [7, 64])
def test_long_prompts_are_read_in_several_passes(loaded, most_tokens):
    asked = [ask(loaded, text) for text in TEXTS]
    whole = [row.tokens for row in decode(loaded, asked)]
    assert [row.tokens for row in answered(loaded, asked, 8, most_tokens=most_tokens)] == whole


def test_rows_that_were_dropped_go_on_where_they_were(loaded):
    asked = [ask(loaded, text, temperature=1.0, repetition_penalty=1.2) for text in TEXTS[:4]]
    whole = [row.tokens for row in decode(loaded, asked)]
    reader = make_reader(loaded)
    decoding, rows = Decoding(reader, Prefixes(reader, PLENTY)), [Row(one, loaded) for one in asked]
    while not all(row.has_ended for row in rows):
        decoding.begin([row for row in rows if not row.has_ended])
        for _ in range(5):
            if not all(row.has_ended for row in rows):
                decoding.advance()
        decoding.drop()
    assert [row.tokens for row in rows] == whole


class Counting:
    """A model that notes how many tokens each pass computes."""

    def __init__(self, model):
        self.model, self.config, self.dtype, self.device = model, model.config, model.dtype, model.device
        self.generation_config, self.generate = model.generation_config, model.generate
        self.get_output_embeddings = model.get_output_embeddings
        self.passes = []

    def __call__(self, *, input_ids, **arguments):
        self.passes.append(tuple(input_ids.shape))
        return self.model(input_ids=input_ids, **arguments)


@pytest.mark.parametrize(("most_kept", "num_long"), [(PLENTY, 1), (0, 2)], ids=["shared", "unshared"])
def test_what_prompts_begin_with_is_computed_once(loaded, most_kept, num_long):
    shared = "Here is a long story about two numbers and a third. " * 2
    asked = [ask(loaded, shared + text, most=2) for text in ("one", "two", "six", "ten")]
    counting = dataclasses.replace(loaded, model=Counting(loaded.model))
    make_reader(counting)
    counting.model.passes.clear()
    answered(counting, asked, 2, most_kept=most_kept)
    assert sum(columns >= len(shared) for _, columns in counting.model.passes) == num_long
