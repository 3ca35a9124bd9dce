"""How a model can be computed, found out when it is loaded: side by side, in plain batches, or one row at a time."""

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from transformers import GenerationConfig, PreTrainedConfig
from transformers.cache_utils import DummyLayer, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

from evalscope.models.checkpoint.columns import LayerKind
from evalscope.models.checkpoint.failures import first_line, is_out_of_memory
from evalscope.models.checkpoint.load import Loaded
from evalscope.models.checkpoint.plain import left_padded
from evalscope.models.checkpoint.reading import Known, Reader, Reading

logger = logging.getLogger(__name__)

CHECKED_TEXT = "The quick brown fox jumps over the lazy dog, and the dog sleeps on."
NUM_STARTED = 3
"""Tokens that are computed first and shared by the rows of the check."""

NUM_NEW = 2
"""Tokens that each row of the check is decoded by."""


class Way(StrEnum):
    """How rows are computed."""

    TOGETHER = "together"
    """By our own loop: rows come and go, and share the keys and values of what they begin with."""
    PAGED = "paged"
    """By transformers' continuous batching, where that is faster: greedy rows, which come and go likewise."""
    PADDED = "padded"
    """By transformers' generate, prompts of any length beside each other."""
    EQUAL = "equal"
    """By transformers' generate, prompts of one length beside each other."""
    ALONE = "alone"
    """By transformers' generate, one prompt at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """How a model can be computed.

    Attributes:
        way: of most rows.
        alone_beyond: rows of more tokens, prompt and answer together, are computed alone; None for no such length.
        kinds: what its layers keep; empty where that is of no use.
        bytes_per_token: of the keys and values of one token; nan where it is not known.
    """

    way: Way
    alone_beyond: int | None = None
    kinds: tuple[LayerKind, ...] = ()
    bytes_per_token: float = float("nan")

    def way_of(self, num_tokens: int, max_new_tokens: int) -> Hashable:
        """The way of a prompt of so many tokens; only prompts whose ways are equal may stand side by side."""
        if self.way is Way.ALONE or self.is_beyond(num_tokens + max_new_tokens):
            return (Way.ALONE, object())
        if self.way is Way.TOGETHER:
            return Way.TOGETHER
        # rows of a plain batch end together, and within the context only if they may have equally many new tokens
        return (self.way, max_new_tokens, num_tokens if self.way is Way.EQUAL else None)

    def is_beyond(self, num_tokens: int) -> bool:
        """Whether so many tokens have other positions than fewer have."""
        return self.alone_beyond is not None and num_tokens > self.alone_beyond


class Unshareable(Exception):
    """A model cannot be computed by our own loop; says why, as the rest of a sentence."""


@torch.inference_mode()
def find_ability(loaded: Loaded) -> Ability:
    """How a model is to be computed; says so in the log where it is not the best way.

    What a configuration tells is not trusted: a few tokens are computed as they will be, and compared with what
    transformers computes for each row alone.
    """
    beyond = _alone_beyond(loaded.model.config)
    try:
        kinds = _kinds(loaded)
        bytes_per_token = _check_together(loaded, kinds)
    except Unshareable as found:
        reason = str(found)
    else:
        return Ability(way=Way.TOGETHER, alone_beyond=beyond, kinds=kinds, bytes_per_token=bytes_per_token)
    way = _plain_way(loaded)
    what = {Way.PADDED: "in plain batches", Way.EQUAL: "in plain batches of equal length", Way.ALONE: "one at a time"}[
        way
    ]
    if way is Way.ALONE and _mixes_rows(loaded.model.config):
        reason += "; 8-bit weights pick outliers over all rows together (llm_int8_threshold 0 does not, less precisely)"
    if (selected := _selected(loaded.model.config)) is not None and way is not Way.ALONE:
        reason += f"; those of more than {selected} tokens, of which an indexer selects some, one at a time"
    logger.warning("prompts are computed %s, without sharing what they begin with: %s", what, reason)
    return Ability(way=way, alone_beyond=beyond)


def _alone_beyond(config: PreTrainedConfig) -> int | None:
    """The length from which on the text is no longer computed beside others as it is alone."""
    limits = (_rescaled(config), _selected(config))
    return min((limit for limit in limits if limit is not None), default=None)


def _selected(config: PreTrainedConfig) -> int | None:
    """How many tokens a sparse indexer leaves to attention, so that it does nothing to shorter texts; None without one.

    0 where it selects something else than single tokens: then no text is known to be short enough. The few tokens of
    the check are too few to tell, and padding is taken for tokens when more of them stand in a batch.
    """
    own = vars(config.get_text_config())
    if not (names := [name for name in own if name.startswith("index_topk")]):
        return None
    # by name, for older versions of transformers know no such layer
    kinds = {type(layer).__name__ for layer in DynamicCache(config=config).layers}
    return int(own["index_topk"]) if names == ["index_topk"] and kinds <= {"DynamicIndexedLayer", "DynamicLayer"} else 0


def _mixes_rows(config: PreTrainedConfig) -> bool:
    """Whether weights are in 8 bits by LLM.int8(), whose outliers are columns in which any row of a pass is large.

    Source: Dettmers et al. 2022, "LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale", section 3.2.
    """
    quantized = getattr(config, "quantization_config", None)
    return bool(getattr(quantized, "load_in_8bit", False) and getattr(quantized, "llm_int8_threshold", 0))


def _rescaled(config: PreTrainedConfig) -> int | None:
    """The length from which on the positions of a text depend on how long it is (dynamic NTK, longrope)."""
    ropes = getattr(config.get_text_config(), "rope_parameters", None) or {}
    by_layer = ropes.values() if ropes and all(isinstance(rope, dict) for rope in ropes.values()) else (ropes,)
    limits = [
        rope.get("original_max_position_embeddings") or getattr(config, "original_max_position_embeddings", None)
        for rope in by_layer
        if rope.get("rope_type") in ("longrope", "dynamic")
    ]
    return min((int(limit) for limit in limits if limit), default=None)


def _kinds(loaded: Loaded) -> tuple[LayerKind, ...]:
    """What each layer keeps.

    Raises:
        Unshareable: something else than keys and values of single tokens.
    """
    if loaded.has_encoder:
        raise Unshareable("it has an encoder, which reads every prompt whole")
    if loaded.extras:
        raise Unshareable(f"its generation_config.json asks for {', '.join(loaded.extras)}")
    kinds: list[LayerKind] = []
    for layer in DynamicCache(config=loaded.model.config).layers:
        if type(layer) is DynamicLayer:
            kinds.append(LayerKind())
        elif type(layer) is DynamicSlidingWindowLayer:
            kinds.append(LayerKind(window=layer.sliding_window))
        elif type(layer) is DummyLayer:
            kinds.append(LayerKind(has_cache=False))
        else:
            raise Unshareable(f"a layer keeps more than keys and values of single tokens ({type(layer).__name__})")
    return tuple(kinds)


def _check_together(loaded: Loaded, kinds: Sequence[LayerKind]) -> float:
    """The bytes that a token's keys and values take.

    Raises:
        Unshareable: our own loop gives other logits than generate, or fails.
    """
    prompts = _prompts(loaded)
    try:
        expected = [plain_logits(loaded, [prompt], NUM_NEW)[0] for prompt in prompts]
        reader = Reader(loaded, kinds, most_tokens=64)
        start, columns = reader.new_columns(), reader.new_columns()
        reader.read(start, [Reading(tokens=prompts[0][:NUM_STARTED])])
        known = Known(columns=start, row_index=0, num_tokens=NUM_STARTED)
        steps = [reader.read(columns, [Reading(tokens=prompt, known=known) for prompt in prompts])]
        for step in range(NUM_NEW - 1):
            steps.append(reader.append(columns, [int(logits[step].argmax()) for logits in expected]))
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise Unshareable(f"our own loop fails on it ({first_line(error)})") from error
    if not _agree(expected, list(torch.stack(steps, dim=1)), loaded.model.dtype):
        raise Unshareable("our own loop gives other figures than transformers does for each prompt alone")
    return columns.bytes_per_token


def _plain_way(loaded: Loaded) -> Way:
    """The widest batches whose rows are computed as if each was alone."""
    long, short = _prompts(loaded)
    equal = (*short[1:], short[0])
    alone = {prompt: plain_logits(loaded, [prompt], NUM_NEW)[0] for prompt in (long, short, equal)}
    for way, batch in ((Way.PADDED, (long, short)), (Way.EQUAL, (short, equal))):
        if _agree([alone[prompt] for prompt in batch], plain_logits(loaded, batch, NUM_NEW), loaded.model.dtype):
            return way
    return Way.ALONE


def _prompts(loaded: Loaded) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A longer and a shorter prompt that begin alike."""
    text = loaded.tokenizer.encode(CHECKED_TEXT)[:12]
    return tuple(text), (*text[:NUM_STARTED], *text[-2:])


def plain_logits(loaded: Loaded, prompts: Sequence[tuple[int, ...]], num_new: int) -> list[torch.Tensor]:
    """Logits of the first new tokens of each prompt, by transformers' generate: (new tokens, vocabulary)."""
    input_ids, attention_mask = left_padded(prompts, loaded.pad_id)
    limits = GenerationConfig(  # type: ignore[no-untyped-call]  # not annotated there
        max_new_tokens=num_new, output_logits=True, return_dict_in_generate=True
    )
    made: Any = loaded.model.generate(
        input_ids=input_ids.to(loaded.model.device),
        attention_mask=attention_mask.to(loaded.model.device),
        generation_config=limits,
    )
    return list(torch.stack(made.logits, dim=1))


def _agree(expected: Sequence[torch.Tensor], found: Sequence[torch.Tensor], number_format: torch.dtype) -> bool:
    """Whether logits differ by no more than rounding in the model's number format."""
    for own, other in zip(expected, found, strict=True):
        wide, others = own.float(), other.float().to(own.device)
        finite = torch.isfinite(wide)
        if not torch.allclose(others[finite], wide[finite], rtol=0.0, atol=tolerance(wide, number_format)):
            return False
    return True


def tolerance(logits: torch.Tensor, number_format: torch.dtype) -> float:
    """How much logits may differ by rounding alone, given how far they are spread."""
    return max(1e-3, 32 * torch.finfo(number_format).eps) * float(logits[torch.isfinite(logits)].std())
