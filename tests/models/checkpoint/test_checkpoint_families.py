"""Every architecture answers in batches what transformers answers to each prompt alone."""

import asyncio
import logging
import random
import sys
from dataclasses import dataclass
from functools import partial
from itertools import product

import pytest
import torch
from transformers import GenerationConfig

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.models.checkpoint.batching import Worker
from evalscope.models.checkpoint.decoder import Decoder
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.questions import Continuations, Conversation
from evalscope.models.checkpoint.ways import Way
from tests.models.checkpoint.families import CONFIGS, WINDOW, make_family

TIE = 1e-3
"""Where the two best logits lie closer than this, rounding may decide which of them is said."""

SELDOM = {"qwen3_moe", "cohere", "olmo2", "gpt_neox", "opt", "falcon_h1"}
"""Those that are like others in what matters here, and are left to the slow run."""

ALSO_ONE_BY_ONE = ("qwen2", "gemma3_text", "gpt2", "deepseek_v3", "t5")
"""A batch of one takes as long as all others together, so few do it."""

FAMILIES = [pytest.param(family, marks=[pytest.mark.slow] if family in SELDOM else []) for family in CONFIGS]

PADDED = {"deepseek_v32", "t5", "mamba", "lfm2", "falcon_h1"}

DEMONSTRATIONS = "Q: one and one? A: two.\nQ: two and two? A: four.\nQ: three and one? A: four.\n"
WORDS = ("apples", "pears", "the", "of", "seven", "take", "away", "nine", "are", "left", "how", "many", "x")


@dataclass(frozen=True)
class Reference:
    """What transformers says to a prompt alone.

    Attributes:
        tokens: of the answer.
        num_sure: how many of them are decided by more than rounding.
    """

    tokens: tuple[int, ...]
    num_sure: int


def prompts(num):
    """Prompts of mixed lengths, most of which begin alike, some even more, and a few not at all."""
    rng = random.Random(0)
    made = []
    for place in range(num):
        tail = " ".join(rng.choices(WORDS, k=rng.randint(1, 20)))
        passage = "It rained, and the apples were red. " if place % 4 == 1 else ""
        made.append(tail if place % 8 == 7 else f"{DEMONSTRATIONS}{passage}Q: {tail}? A:")
    assert len(DEMONSTRATIONS) > 2 * WINDOW
    return made


def reference(loaded, text, most):
    ids = torch.tensor([loaded.tokenizer.encode(text)])  # the tokenizers of the families end no text
    config = GenerationConfig(
        max_new_tokens=most, eos_token_id=sorted(loaded.end_ids), output_logits=True, return_dict_in_generate=True
    )
    made = loaded.model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
    best = torch.stack(made.logits)[:, 0].topk(2).values
    ties = (best[:, 0] - best[:, 1] < TIE).nonzero().flatten().tolist()
    tokens = tuple(made.sequences[0, -len(made.logits) :].tolist())
    return Reference(tokens, ties[0] if ties else len(tokens))


async def answers(folder, texts, *, batch_size, most, shares):
    worker = Worker(lambda: Decoder(folder=folder, args=ModelArgs(), seed=0, shares_prefixes=shares), batch_size)
    try:
        return await asyncio.gather(
            *(
                worker.ask(
                    Conversation(
                        messages=(Message("user", text),),
                        # rows of different allowances stand side by side
                        generation=Generation(max_tokens=most[place], temperature=0.0),
                    )
                )
                for place, text in enumerate(texts)
            )
        )
    finally:
        await worker.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A function: family → its folder and the model, made once."""
    root, kept = tmp_path_factory.mktemp("families"), {}

    def make(family):
        if family not in kept:
            folder = make_family(root / family, family)
            kept[family] = folder, load(folder, ModelArgs())
        return kept[family]

    return make


@pytest.fixture(scope="module")
def expected():
    """What transformers says to each prompt alone, computed once for a family: (family, loaded, texts, most) → list."""
    kept = {}

    def compute(family, loaded, texts, most):
        key = (family, len(texts))
        if key not in kept:
            kept[key] = [reference(loaded, *one) for one in zip(texts, most, strict=True)]
        return kept[key]

    return compute


async def check(folder, loaded, expected, *, num, batch_size, longest, shares, caplog):
    texts = prompts(num)
    most = [longest - place % 3 * (longest // 4) for place in range(num)]
    expected = expected(loaded, texts, most)
    with caplog.at_level(logging.WARNING, logger="evalscope"):
        found = await answers(folder, texts, batch_size=batch_size, most=most, shares=shares)
    assert not [record for record in caplog.records if "failed" in record.getMessage()]
    num_tied = 0
    for answer, own in zip(found, expected, strict=True):
        if own.num_sure == len(own.tokens):
            kept = own.tokens[:-1] if own.tokens[-1] in loaded.end_ids else own.tokens
            assert answer.text == loaded.text(list(kept))
            assert answer.usage.output_tokens == len(own.tokens)
            assert answer.stop_reason == ("stop" if own.tokens[-1] in loaded.end_ids else "length")
        else:
            num_tied += 1
            assert answer.text.startswith(loaded.text(list(own.tokens[: own.num_sure])).rstrip("�"))
    sys.stdout.write(f"{num_tied} of {num} answers hang on two logits closer than {TIE}: compared up to there\n")
    assert num_tied <= num / 4


@pytest.mark.parametrize("family", FAMILIES)
async def test_answers_in_batches_are_those_of_each_prompt_alone(made, expected, family, caplog):
    folder, loaded = made(family)
    await check(folder, loaded, partial(expected, family), num=10, batch_size=4, longest=6, shares=True, caplog=caplog)


@pytest.mark.slow
@pytest.mark.parametrize("shares", [True, False], ids=["shared", "unshared"])
@pytest.mark.parametrize(("family", "batch_size"), [*product(CONFIGS, (7, 32)), *product(ALSO_ONE_BY_ONE, (1,))])
async def test_many_answers_in_batches_are_those_of_each_prompt_alone(
    made, expected, family, batch_size, shares, caplog
):
    folder, loaded = made(family)
    await check(
        folder,
        loaded,
        partial(expected, family),
        num=64,
        batch_size=batch_size,
        longest=24,
        shares=shares,
        caplog=caplog,
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_families_whose_cache_can_be_shared_do_share_it(made, family, caplog):
    folder, _ = made(family)
    with caplog.at_level(logging.WARNING, logger="evalscope"):
        decoder = Decoder(folder=folder, args=ModelArgs(), seed=0)
    assert decoder.way is (Way.PADDED if family in PADDED else Way.TOGETHER)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == (family in PADDED)
    assert all("without sharing" in line for line in said)


def plain_nats(loaded, context, continuation):
    """By one forward pass of transformers, unpadded."""
    given, said = loaded.tokenizer.encode(context), loaded.tokenizer.encode(continuation, add_special_tokens=False)
    if loaded.has_encoder:
        start = [loaded.model.generation_config.decoder_start_token_id]
        logits = loaded.model(
            input_ids=torch.tensor([given]), decoder_input_ids=torch.tensor([start + said[:-1]])
        ).logits
    else:
        logits = loaded.model(torch.tensor([given + said[:-1]])).logits[:, len(given) - 1 :]
    return torch.log_softmax(logits[0].float(), dim=-1).gather(1, torch.tensor(said).unsqueeze(1)).sum().item()


async def check_likelihoods(folder, loaded, texts, *, shares):
    options = (" two", " four", " forty-two", "?")
    with torch.no_grad():
        expected = [[plain_nats(loaded, text, option) for option in options] for text in texts]
    worker = Worker(lambda: Decoder(folder=folder, args=ModelArgs(), seed=0, shares_prefixes=shares), 4)
    try:
        found = await asyncio.gather(*(worker.ask(Continuations(context=text, texts=options)) for text in texts))
    finally:
        await worker.close()
    for own, sums in zip(expected, found, strict=True):
        assert sums == pytest.approx(own, abs=1e-4)


@pytest.mark.parametrize("shares", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["shared", "unshared"])
@pytest.mark.parametrize("family", FAMILIES)
async def test_likelihoods_are_those_of_each_text_alone(made, family, shares):
    folder, loaded = made(family)
    await check_likelihoods(folder, loaded, prompts(6), shares=shares)


async def test_lengths_at_which_all_positions_change_are_computed_alone(tmp_path, expected, caplog):
    limit = len(DEMONSTRATIONS) + 30
    rope = {
        "rope_type": "longrope",
        "rope_theta": 10000.0,
        "short_factor": [1.0] * 8,
        "long_factor": [4.0] * 8,
        "original_max_position_embeddings": limit,
    }
    folder = make_family(tmp_path / "phi3", "phi3", rope_parameters=rope, original_max_position_embeddings=limit)
    loaded = load(folder, ModelArgs())
    shorter = [len(text) + 8 <= limit for text in prompts(16)]
    assert 0 < sum(shorter) < len(shorter)
    await check(
        folder, loaded, partial(expected, "longrope"), num=16, batch_size=8, longest=8, shares=True, caplog=caplog
    )
    await check_likelihoods(folder, loaded, prompts(16), shares=True)
