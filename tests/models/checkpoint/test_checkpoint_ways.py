"""How a model is computed is found out by computing with it."""

import dataclasses
import logging

import pytest
import torch

from evalscope.config import ModelArgs
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.ways import Ability, Way, find_ability
from tests.models.checkpoint.families import make_family


class Strange:
    """A model that does something else in a pass of ours than in transformers' generate."""

    def __init__(self, model, spoil):
        self.model, self.config, self.dtype, self.device = model, model.config, model.dtype, model.device
        self.generation_config, self.get_output_embeddings = model.generation_config, model.get_output_embeddings
        self.generate, self.spoil = model.generate, spoil

    def __call__(self, **arguments):
        return self.model(**self.spoil(arguments))


def without_positions(arguments):
    # none at all would do no harm here: turned positions matter only beside each other
    return {**arguments, "position_ids": torch.zeros_like(arguments["position_ids"])}


def without_mask(arguments):
    return {name: value for name, value in arguments.items() if name != "attention_mask"}


def failing(arguments):
    raise TypeError("no such argument")


def out_of_memory(arguments):
    raise torch.OutOfMemoryError("full")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    return load(make_family(tmp_path_factory.mktemp("ways") / "llama", "llama"), ModelArgs())


def found(loaded, caplog):
    with caplog.at_level(logging.WARNING, logger="evalscope"):
        ability = find_ability(loaded)
    return ability.way, [record.getMessage() for record in caplog.records]


def test_ordinary_decoder_is_computed_together_and_nothing_is_said(loaded, caplog):
    assert found(loaded, caplog) == (Way.TOGETHER, [])


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(without_positions, "other figures"), (without_mask, "other figures"), (failing, "no such argument")],
    ids=["positions", "mask", "failure"],
)
def test_model_that_our_loop_gets_wrong_is_left_to_transformers(loaded, caplog, spoil, reason):
    way, (line,) = found(dataclasses.replace(loaded, model=Strange(loaded.model, spoil)), caplog)
    assert way is Way.PADDED
    assert reason in line


def test_lack_of_memory_says_nothing_about_the_model(loaded):
    with pytest.raises(torch.OutOfMemoryError):
        find_ability(dataclasses.replace(loaded, model=Strange(loaded.model, out_of_memory)))


def test_settings_that_only_transformers_applies_are_left_to_it(loaded, caplog, monkeypatch):
    monkeypatch.setattr(loaded.model.generation_config, "no_repeat_ngram_size", 3)
    way, (line,) = found(loaded, caplog)
    assert way is Way.PADDED
    assert "no_repeat_ngram_size" in line


def wrong_with_padding(generate):
    def answer(*, input_ids, attention_mask, **arguments):
        made = generate(input_ids=input_ids, attention_mask=attention_mask, **arguments)
        if (attention_mask == 0).any():
            made.logits = tuple(logits + torch.randn_like(logits) * 10 for logits in made.logits)
        return made

    return answer


def wrong_in_batches(generate):
    def answer(*, input_ids, **arguments):
        made = generate(input_ids=input_ids, **arguments)
        if len(input_ids) > 1:
            made.logits = tuple(logits + torch.randn_like(logits) * 10 for logits in made.logits)
        return made

    return answer


@pytest.mark.parametrize(
    ("generate", "way"), [(wrong_with_padding, Way.EQUAL), (wrong_in_batches, Way.ALONE)], ids=["padding", "batches"]
)
def test_plain_batches_are_as_wide_as_they_are_right(loaded, caplog, generate, way):
    model = Strange(loaded.model, failing)
    model.generate = generate(loaded.model.generate)
    assert found(dataclasses.replace(loaded, model=model), caplog)[0] is way


def test_rows_whose_positions_depend_on_their_length_are_computed_alone():
    ability = Ability(way=Way.TOGETHER, alone_beyond=100)
    assert ability.way_of(80, 20) == Way.TOGETHER
    assert ability.way_of(81, 20) != Way.TOGETHER
    assert ability.way_of(81, 20) != ability.way_of(81, 20)


def test_ropes_that_depend_on_the_length_are_recognised(loaded, monkeypatch):
    rope = {"rope_type": "longrope", "original_max_position_embeddings": 64, "rope_theta": 10000.0}
    assert find_ability(loaded).alone_beyond is None
    monkeypatch.setattr(loaded.model.config, "rope_parameters", rope)
    assert find_ability(loaded).alone_beyond == 64
    monkeypatch.setattr(
        loaded.model.config, "rope_parameters", {"full_attention": rope, "other": {"rope_type": "default"}}
    )
    assert find_ability(loaded).alone_beyond == 64


@pytest.mark.parametrize(
    ("setting", "limit"), [("index_topk", 64), ("index_topk_blocks", 0)], ids=["tokens", "something else"]
)
def test_texts_longer_than_a_sparse_indexer_leaves_whole_are_computed_alone(loaded, monkeypatch, setting, limit):
    monkeypatch.setattr(loaded.model.config, setting, 64, raising=False)
    assert find_ability(loaded).alone_beyond == limit


def test_plain_batches_hold_rows_of_one_allowance():
    padded, equal = Ability(way=Way.PADDED), Ability(way=Way.EQUAL)
    assert padded.way_of(10, 5) == padded.way_of(11, 5) != padded.way_of(10, 6)
    assert equal.way_of(10, 5) == equal.way_of(10, 5) != equal.way_of(11, 5)
