"""How likely continuations are, computed for a batch of them at once."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch

from evalscope.models.checkpoint.failures import not_numbers
from evalscope.models.checkpoint.load import Generates, Loaded
from evalscope.models.checkpoint.seam import Continued

MOST_POSITIONS = 2048
"""Logits are kept at so many positions at once: with 150 000 tokens in a vocabulary they take 0.6 GB in bfloat16."""

WIDENED_POSITIONS = 128
"""So many positions at once are turned into float32."""


class Places(NamedTuple):
    """The positions whose logits are needed, and the token that follows at each: (positions,), int64."""

    rows: torch.Tensor
    columns: torch.Tensor
    following: torch.Tensor


def loglikelihoods(loaded: Loaded, batch: Sequence[Continued]) -> tuple[float, ...]:
    """The sum of the log-probabilities of each continuation's tokens, in nats, in their order.

    Softmax and sum are in float32 or better, whatever the precision of the weights.

    Raises:
        ModelError: the model computed logits that are not numbers.
    """
    return tuple(logprob for part in _parts(batch) for logprob in _computed(loaded, part))


def _parts(batch: Sequence[Continued]) -> Iterator[Sequence[Continued]]:
    """A batch in parts that need at most MOST_POSITIONS logits, or are single."""
    start, num_positions = 0, 0
    for place, asked in enumerate(batch):
        num_positions += asked.num_scored
        if num_positions > MOST_POSITIONS and place > start:
            yield batch[start:place]
            start, num_positions = place, asked.num_scored
    yield batch[start:]


def _computed(loaded: Loaded, batch: Sequence[Continued]) -> Iterator[float]:
    inputs = [asked.tokens[:-1] for asked in batch]
    prompts = _longest(inputs)
    device = loaded.model.device
    input_ids, attention_mask = _right_padded(prompts, loaded.pad_id)
    places = _places(batch, [_carrier(tokens, prompts) for tokens in inputs])
    with torch.inference_mode():
        logits = _logits(loaded.model, input_ids.to(device), attention_mask.to(device), places)
        logprobs = iter(_logprobs(logits, places.following))
    for asked in batch:
        yield math.fsum(next(logprobs) for _ in range(asked.num_scored))


def _longest(inputs: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The token lists that are not the start of another one.

    A model reads from left to right, so what it says at a position holds for all that begin alike: options of one
    token each (letters, say) cost as much as one of them.
    """
    kept: list[tuple[int, ...]] = []
    for tokens in sorted(set(inputs), key=len, reverse=True):
        if not any(longer[: len(tokens)] == tokens for longer in kept):
            kept.append(tokens)
    return kept


def _carrier(tokens: tuple[int, ...], prompts: Sequence[tuple[int, ...]]) -> int:
    return next(row for row, prompt in enumerate(prompts) if prompt[: len(tokens)] == tokens)


def _right_padded(prompts: Sequence[Sequence[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask, both (batch, longest prompt), int64; padding, which nothing looks at, is behind."""
    width = max(map(len, prompts))
    input_ids = torch.tensor([[*prompt, *[pad_id] * (width - len(prompt))] for prompt in prompts])
    attention_mask = torch.tensor([[1] * len(prompt) + [0] * (width - len(prompt)) for prompt in prompts])
    return input_ids, attention_mask


def _places(batch: Sequence[Continued], carriers: Sequence[int]) -> Places:
    """The position before each token of each continuation, one continuation after the other."""
    rows: list[int] = []
    columns: list[int] = []
    following: list[int] = []
    for asked, carrier in zip(batch, carriers, strict=True):
        rows += [carrier] * asked.num_scored
        columns += range(asked.num_given - 1, len(asked.tokens) - 1)
        following += asked.tokens[asked.num_given :]
    return Places(torch.tensor(rows), torch.tensor(columns), torch.tensor(following))


def _logits(model: Generates, input_ids: torch.Tensor, attention_mask: torch.Tensor, places: Places) -> torch.Tensor:
    """What the model says at the needed positions: (positions, vocabulary), in its own precision."""
    with _only_at(model, places) as was_asked:
        logits: torch.Tensor = model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits
    if was_asked:
        return logits[0]
    return logits[places.rows.to(logits.device), places.columns.to(logits.device)]


@contextmanager
def _only_at(model: Generates, places: Places) -> Iterator[list[bool]]:
    """Within, the model's last layer sees the needed positions alone, as one row; the list is filled when it is asked.

    All other positions would cost a vocabulary each. What some models do to logits afterwards (scaling, capping) is
    left to them, for which reason the layer is not called from here.
    """
    was_asked: list[bool] = []

    def choose(layer: torch.nn.Module, hidden: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        was_asked.append(True)
        states, *others = hidden
        return (states[places.rows.to(states.device), places.columns.to(states.device)].unsqueeze(0), *others)

    layer = model.get_output_embeddings()
    if layer is None:
        yield was_asked
        return
    hook = layer.register_forward_pre_hook(choose)
    try:
        yield was_asked
    finally:
        hook.remove()


def _logprobs(logits: torch.Tensor, following: torch.Tensor) -> list[float]:
    """The log-probability of the token that follows at each position, in nats.

    Args:
        logits: (positions, vocabulary), any precision.
        following: (positions,), ids.
    """
    logprobs: list[float] = []
    following = following.to(logits.device)
    for start in range(0, len(logits), WIDENED_POSITIONS):
        chunk, tokens = logits[start : start + WIDENED_POSITIONS], following[start : start + WIDENED_POSITIONS]
        chosen = torch.log_softmax(chunk.float(), dim=-1).gather(1, tokens.unsqueeze(1))
        if torch.isnan(chosen).any():
            raise not_numbers()
        logprobs += chosen.squeeze(1).tolist()
    return logprobs
