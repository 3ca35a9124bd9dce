"""Logits become the next token of each row, the same whatever rows are beside it."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import torch
from transformers import (
    LogitsProcessor,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from evalscope.models.checkpoint.failures import not_numbers
from evalscope.models.checkpoint.rows import Row
from evalscope.models.checkpoint.settings import Settings

_NO_IDS = torch.LongTensor()
"""The filters are given the tokens so far, and do not look at them."""


class Chooser:
    """What one row remembers between its tokens: its own randomness, and the tokens that were there.

    Args:
        row: the row, perhaps with tokens already; what they have cost in randomness is skipped.
        counts_prompt: whether a repetition penalty holds for the tokens of the prompt.
    """

    def __init__(self, row: Row, *, counts_prompt: bool = True) -> None:
        settings = row.asked.settings
        self.settings = settings
        self.penalty = settings.repetition_penalty
        # rows that differ only in what ends them are drawn from the same kind of distribution
        self.sampling = replace(settings, max_new_tokens=1, stop=(), repetition_penalty=1.0)
        self._random = random.Random(row.asked.seed)
        for _ in row.tokens:
            self.uniform()
        self._there = {*(row.asked.tokens if counts_prompt else ()), *row.tokens} if self.penalty != 1 else set()
        self._mask: torch.Tensor | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the next token is simply the likeliest."""
        return self.settings.is_plain

    def uniform(self) -> float:
        """The next random number, in [0, 1); nothing is drawn for greedy rows."""
        return self._random.random() if self.settings.temperature > 0 else 0.0

    def take(self, token: int) -> None:
        """Takes notice of the token that was chosen."""
        if self._mask is not None:
            self._mask[token] = True
        elif self.penalty != 1:
            self._there.add(token)

    def penalised(self, scores: torch.Tensor) -> torch.Tensor:
        """Scores in which tokens that were there are less likely; padding was not there.

        Source: Keskar et al. 2019, "CTRL", section 4.1, with transformers' rule for negative logits, which are
        multiplied.

        Args:
            scores: (vocabulary,), float32 logits.
        """
        if self.penalty == 1:
            return scores
        if self._mask is None:
            self._mask = torch.zeros_like(scores, dtype=torch.bool)
            self._mask[torch.tensor(sorted(self._there), dtype=torch.long, device=scores.device)] = True
        penalised = torch.where(scores < 0, scores * self.penalty, scores / self.penalty)
        return torch.where(self._mask, penalised, scores)


def choose(logits: torch.Tensor, choosers: Sequence[Chooser]) -> list[int]:
    """The next token of each row.

    Args:
        logits: (rows, vocabulary), any precision.
        choosers: of the rows.

    Raises:
        ModelError: some logits are not numbers: the largest of them would still pass for a token.
    """
    largest, likeliest = logits.max(dim=-1)
    if torch.isnan(largest).any():
        raise not_numbers()
    tokens: list[int] = likeliest.tolist()
    alike: dict[Settings, list[int]] = defaultdict(list)
    for row_index, chooser in enumerate(choosers):
        if not chooser.is_plain:
            alike[chooser.sampling].append(row_index)
    for sampling, rows in alike.items():
        scores = torch.stack([choosers[row_index].penalised(logits[row_index].float()) for row_index in rows])
        if sampling.temperature > 0:
            for warper in _warpers(sampling):
                scores = warper(_NO_IDS, scores)
            drawn = _drawn(scores, [choosers[row_index].uniform() for row_index in rows])
        else:
            drawn = scores.argmax(dim=-1).tolist()
        for row_index, token in zip(rows, drawn, strict=True):
            tokens[row_index] = token
    for chooser, token in zip(choosers, tokens, strict=True):
        chooser.take(token)
    return tokens


class ChosenByRow(LogitsProcessor):
    """Lets each row of a batch of transformers' own `generate` choose for itself."""

    def __init__(self, choosers: Sequence[Chooser]) -> None:
        self._choosers = choosers

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Zero at the chosen token of each row, minus infinity elsewhere.

        Args:
            input_ids: (batch, tokens so far); not looked at.
            scores: (batch, vocabulary), float32 logits.
        """
        tokens = torch.tensor(choose(scores, self._choosers), device=scores.device)
        return torch.full_like(scores, -torch.inf).scatter(1, tokens.unsqueeze(1), 0.0)


def _drawn(scores: torch.Tensor, uniforms: Sequence[float]) -> list[int]:
    """A token for each row, drawn from its probabilities.

    One uniform number a row and step is looked up in the cumulated probabilities. A draw thus costs the same
    randomness whatever the vocabulary or device, and noise of 1e-7 in a probability moves one draw in millions.

    Args:
        scores: (rows, vocabulary), float32 logits; minus infinity for what must not be drawn.
        uniforms: a number in [0, 1) for each row.
    """
    wide = torch.float32 if scores.device.type == "mps" else torch.float64  # mps has no float64
    shares = torch.softmax(scores.to(wide), dim=-1).cumsum(dim=-1)
    uniform = torch.tensor(uniforms, dtype=wide, device=scores.device).unsqueeze(1)
    tokens = torch.searchsorted(shares, uniform * shares[:, -1:], right=True).clamp(max=scores.shape[-1] - 1)
    drawn: list[int] = tokens.squeeze(1).tolist()
    return drawn


def _warpers(settings: Settings) -> list[LogitsProcessor]:
    """The filters of transformers, in its own order."""
    chain: list[LogitsProcessor] = []
    if settings.temperature != 1:
        chain.append(TemperatureLogitsWarper(float(settings.temperature)))
    if settings.top_k > 0:
        chain.append(TopKLogitsWarper(settings.top_k))
    if settings.top_p < 1:
        chain.append(TopPLogitsWarper(float(settings.top_p)))
    if settings.min_p > 0:
        chain.append(MinPLogitsWarper(float(settings.min_p)))
    return chain
