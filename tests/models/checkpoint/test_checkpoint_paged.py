"""Transformers' continuous batching: the same answers, no failure passed for one, and out of the way where it errs."""

import asyncio
import logging
import threading

import pytest
import torch
from transformers.generation.configuration_utils import ContinuousBatchingConfig

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.errors import ModelError
from evalscope.models.checkpoint import worth
from evalscope.models.checkpoint.batching import Worker
from evalscope.models.checkpoint.decoder import Decoder
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.paged import Paged, PagedFailed
from evalscope.models.checkpoint.questions import Continuations, Conversation
from evalscope.models.checkpoint.reading import Reader
from evalscope.models.checkpoint.rows import Asked, Row
from evalscope.models.checkpoint.settings import Settings
from evalscope.models.checkpoint.ways import Ability, Way, find_ability
from evalscope.models.checkpoint.worth import paged_if_faster, why_not
from tests.models.checkpoint.families import make_family
from tests.models.checkpoint.test_checkpoint_families import prompts, reference

GREEDY = Generation(max_tokens=12, temperature=0.0)


def pages(num=96):
    """Few and small ones; by itself it would take most of the machine's memory."""
    return ContinuousBatchingConfig(num_blocks=num, page_size=32, max_batch_tokens=512, max_requests_per_batch=32)


def always(loaded, *_):
    return Paged(loaded, pages())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A function: family → its folder and the model, made once."""
    root, kept = tmp_path_factory.mktemp("paged"), {}

    def make(family):
        if family not in kept:
            folder = make_family(root / family, family)
            kept[family] = folder, load(folder, ModelArgs())
        return kept[family]

    return make


async def ask(folder, questions, *, find_paged=always, batch_size=8):
    worker = Worker(lambda: Decoder(folder=folder, args=ModelArgs(), seed=0, find_paged=find_paged), batch_size)
    try:
        return await asyncio.gather(*map(worker.ask, questions), return_exceptions=True)
    finally:
        await worker.close()


def asked(texts, generation=GREEDY):
    return [Conversation(messages=(Message("user", text),), generation=generation) for text in texts]


def said(records):
    return [record.getMessage() for record in records if "continuous batching" in record.getMessage()]


@pytest.mark.parametrize(
    "batch_size", [pytest.param(1, marks=pytest.mark.slow), 7, pytest.param(32, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("family", ["llama", "gpt2", pytest.param("qwen3", marks=pytest.mark.slow)])
async def test_answers_are_those_of_each_prompt_alone(made, family, batch_size, caplog):
    folder, loaded = made(family)
    texts = prompts(16)
    with caplog.at_level(logging.WARNING, logger="evalscope"):
        found = await ask(folder, asked(texts), batch_size=batch_size)
    assert said(caplog.records) == []
    for answer, own in zip(found, [reference(loaded, text, 12) for text in texts], strict=True):
        tokens = own.tokens[: own.num_sure]
        kept = tokens[:-1] if tokens and tokens[-1] in loaded.end_ids else tokens
        assert answer.text.startswith(loaded.text(list(kept)).rstrip("�"))
        if own.num_sure == len(own.tokens):
            assert answer.usage.output_tokens == len(own.tokens)
            assert answer.stop_reason == ("stop" if own.tokens[-1] in loaded.end_ids else "length")


async def test_it_really_computes_the_greedy_rows_and_only_those(made):
    folder, _ = made("llama")
    begun = []

    class Watched(Paged):
        def begin(self, rows):
            begun.extend(rows)
            super().begin(rows)

    generations = [GREEDY, Generation(max_tokens=4, temperature=0.8), Generation(max_tokens=4, repetition_penalty=1.3)]
    questions = [asked([text], generation)[0] for text in prompts(3) for generation in generations]
    questions.append(Continuations(context=prompts(1)[0], texts=(" two", " four")))
    plain = await ask(folder, questions, find_paged=lambda *_: None)
    paged = await ask(folder, questions, find_paged=lambda loaded, *_: Watched(loaded, pages()))
    assert [getattr(answer, "text", answer) for answer in paged] == [getattr(one, "text", one) for one in plain]
    assert len(begun) == 3
    assert all(row.asked.settings.is_plain for row in begun)


async def test_a_text_that_ends_an_answer_ends_it(made):
    folder, _ = made("llama")
    (whole,) = await ask(folder, asked(prompts(1)))
    stop = whole.text[4:6]
    (cut,) = await ask(folder, asked(prompts(1), Generation(max_tokens=12, temperature=0.0, stop=(stop,))))
    assert cut.text == whole.text[: whole.text.index(stop)]
    assert cut.stop_reason == "stop"
    assert cut.usage.output_tokens < whole.usage.output_tokens


async def test_a_failure_told_in_an_output_is_no_answer_and_all_goes_on_in_our_own_loop(made, caplog):
    """A prompt that does not fit the pages stops transformers' thread; what it was asked besides is not lost."""
    folder, _ = made("llama")
    texts = [*prompts(6), " ".join(prompts(4))[:400], *prompts(9)[6:]]
    plain = await ask(folder, asked(texts), find_paged=lambda *_: None)
    with caplog.at_level(logging.WARNING, logger="evalscope"):
        paged = await ask(folder, asked(texts), find_paged=lambda loaded, *_: Paged(loaded, pages(8)))
    assert [answer.text for answer in paged] == [answer.text for answer in plain]
    (line,) = said(caplog.records)
    assert "No requests can be scheduled" in line
    assert "going on with our own loop" in line


class Failing(Paged):
    """Its thread cannot be begun."""

    def _started(self):
        raise RuntimeError("no kernel for this device")


async def test_where_it_cannot_begin_our_own_loop_answers(made, caplog):
    folder, _ = made("llama")
    plain = await ask(folder, asked(prompts(3)), find_paged=lambda *_: None)
    with caplog.at_level(logging.WARNING, logger="evalscope"):
        paged = await ask(folder, asked(prompts(3)), find_paged=lambda loaded, *_: Failing(loaded, pages()))
    assert [answer.text for answer in paged] == [answer.text for answer in plain]
    (line,) = said(caplog.records)
    assert "no kernel for this device" in line


async def test_what_our_own_loop_cannot_answer_either_is_a_failure(made):
    folder, _ = made("llama")

    def spoil(loaded, *_):
        def forward(*arguments, **named):
            raise RuntimeError("a broken kernel")

        loaded.model.forward = forward
        return Paged(loaded, pages())

    found = await ask(folder, asked(prompts(3)), find_paged=spoil)
    assert [type(one) for one in found] == [ModelError] * 3
    assert all("a broken kernel" in str(one) for one in found)


def rows_of(loaded, num, is_wanted=lambda: True, most=8):
    settings = Settings(max_new_tokens=most)
    texts = [loaded.tokenizer.encode(text) for text in prompts(num)]
    return [Row(Asked(tokens=tuple(text), settings=settings, seed=0, is_wanted=is_wanted), loaded) for text in texts]


def ended(paged, num):
    found = []
    while len(found) < num:
        found += paged.advance()
    return found


def test_rows_that_were_dropped_are_begun_again_from_their_prompt(made):
    _, loaded = made("llama")
    paged, rows = Paged(loaded, pages()), rows_of(loaded, 3)
    paged.begin(rows)
    paged.drop()
    assert paged.take_back() == []
    paged.begin(rows)
    ended(paged, 3)
    paged.drop()
    assert [tuple(row.tokens) for row in rows] == [reference(loaded, text, 8).tokens for text in prompts(3)]


def test_a_row_that_nobody_waits_for_ends(made):
    _, loaded = made("llama")
    paged = Paged(loaded, pages())
    (row,) = rows_of(loaded, 1, is_wanted=lambda: False, most=300)
    paged.begin([row])
    assert ended(paged, 1) == [row]
    assert row.stop_reason == "unknown"
    paged.drop()


def test_no_thread_is_left_behind(made):
    _, loaded = made("llama")
    before = set(threading.enumerate())
    paged = Paged(loaded, pages())
    paged.begin(rows_of(loaded, 2, most=300))
    (own,) = set(threading.enumerate()) - before
    paged.drop()
    assert not own.is_alive()


def test_logits_that_are_not_numbers_are_a_failure(tmp_path):
    loaded = load(make_family(tmp_path / "nan", "llama"), ModelArgs())
    with torch.no_grad():
        loaded.model.get_output_embeddings().weight.fill_(float("nan"))
    paged, rows = Paged(loaded, pages()), rows_of(loaded, 2)
    paged.begin(rows)
    with pytest.raises(PagedFailed, match="not numbers"):
        ended(paged, 2)
    assert len(paged.take_back()) == 2
    paged.drop()


def tried(loaded, paged=None, **flags):
    ability = find_ability(loaded)
    paged = paged or Paged(loaded, pages())
    try:
        return why_not(loaded, ability, Reader(loaded, ability.kinds, 1024), paged, **flags)
    finally:
        paged.drop()


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_ordinary_models_pass_the_check(made, family):
    assert tried(made(family)[1], is_race=False) == ""


@pytest.mark.parametrize(
    ("family", "reason"),
    [("mistral", "a window alone"), ("bloom", "eager"), ("deepseek_v3", "it fails")],
    ids=["windows", "attention", "heads of two widths"],
)
def test_models_that_it_cannot_compute_are_found_out(made, family, reason):
    assert reason in tried(made(family)[1], is_race=False)


class Wrong(Paged):
    """Says another token than the model does, once."""

    def advance(self):
        rows = super().advance()
        for row in rows:
            row.tokens[len(row.tokens) // 2] += 1
        return rows


def test_other_answers_than_those_of_generate_are_found_out(made):
    loaded = made("llama")[1]
    assert "other answers" in tried(loaded, Wrong(loaded, pages()), is_race=False)


@pytest.mark.parametrize(("own_s", "reason"), [(1e-6, "times as long as our own loop"), (1e6, "")])
def test_it_is_used_only_where_it_is_faster_and_says_so(made, own_s, reason, monkeypatch, caplog):
    monkeypatch.setattr(worth, "_run_own", lambda own, rows: own_s)
    with caplog.at_level(logging.INFO, logger="evalscope"):
        assert reason in tried(made("llama")[1])
    assert any("times as fast as our own loop" in line for line in said(caplog.records)) is not bool(reason)


def test_on_a_cpu_it_is_not_even_tried(made, caplog):
    loaded = made("llama")[1]
    with caplog.at_level(logging.INFO, logger="evalscope"):
        assert paged_if_faster(loaded, Ability(way=Way.TOGETHER), None) is None
    assert said(caplog.records) == []


def test_who_turns_it_off_never_meets_it(made):
    def refuse(*_):
        raise AssertionError("it was tried")

    folder, _ = made("qwen3")
    with pytest.raises(AssertionError, match="it was tried"):
        Decoder(folder=folder, args=ModelArgs(), seed=0, find_paged=refuse)
    Decoder(folder=folder, args=ModelArgs(continuous_batching=False), seed=0, find_paged=refuse)
