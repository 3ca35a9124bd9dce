"""Logits become the next token of each row, the same whatever rows are beside it."""

import random
from collections.abc import Sequence

import torch
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from evalscope.models.checkpoint.failures import not_numbers
from evalscope.models.checkpoint.rows import Asked
from evalscope.models.checkpoint.settings import Settings


def choosers(batch: Sequence[Asked]) -> LogitsProcessorList:
    """What turns logits into scores whose largest entry is the next token.

    Args:
        batch: prompts with equal settings, in the order of the rows.
    """
    settings = batch[0].settings
    chain = LogitsProcessorList([RefuseNan()])
    if settings.repetition_penalty != 1:
        chain.append(PenaliseRepeats(settings.repetition_penalty, [asked.tokens for asked in batch]))
    if settings.temperature > 0:
        chain.extend(_warpers(settings))
        chain.append(DrawByRow([asked.seed for asked in batch]))
    return chain


class RefuseNan(LogitsProcessor):
    """Stops where the computation has broken down, for the largest of such logits would still pass for a token."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """The scores as they are.

        Args:
            input_ids: (batch, tokens so far); not looked at.
            scores: (batch, vocabulary), float32 logits.

        Raises:
            ModelError: one of them is not a number.
        """
        if torch.isnan(scores).any():
            raise not_numbers()
        return scores


class PenaliseRepeats(LogitsProcessor):
    """Makes tokens that stand in a row's prompt or answer less likely; padding does not count.

    Source: Keskar et al. 2019, "CTRL", section 4.1, with transformers' rule for negative logits, which are multiplied.
    """

    def __init__(self, penalty: float, prompts: Sequence[Sequence[int]]) -> None:
        self._penalty = penalty
        self._prompts = prompts
        self._seen: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Scores of the same shape.

        Args:
            input_ids: (batch, tokens so far), left-padded.
            scores: (batch, vocabulary), float32 logits.
        """
        if self._seen is None:
            self._seen = torch.zeros_like(scores, dtype=torch.bool)
            for row, prompt in zip(self._seen, self._prompts, strict=True):
                row[torch.tensor(prompt, device=scores.device)] = True
        else:
            self._seen.scatter_(1, input_ids[:, -1:], True)
        penalised = torch.where(scores < 0, scores * self._penalty, scores / self._penalty)
        return torch.where(self._seen, penalised, scores)


class DrawByRow(LogitsProcessor):
    """Draws each row's token with a generator of its own, so that neither batch size nor order decides an answer."""

    def __init__(self, seeds: Sequence[int]) -> None:
        self._randoms = [random.Random(seed) for seed in seeds]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Zero at the drawn token of each row, minus infinity elsewhere.

        One uniform number a row and step is looked up in the cumulated probabilities. A draw thus costs the same
        randomness whatever the vocabulary or device, and noise of 1e-7 in a probability moves one draw in millions.

        Args:
            input_ids: (batch, tokens so far); not looked at.
            scores: (batch, vocabulary), float32 logits; minus infinity for what must not be drawn.
        """
        wide = torch.float32 if scores.device.type == "mps" else torch.float64  # mps has no float64
        shares = torch.softmax(scores.to(wide), dim=-1).cumsum(dim=-1)
        uniform = torch.tensor([[rng.random()] for rng in self._randoms], dtype=wide, device=scores.device)
        tokens = torch.searchsorted(shares, uniform * shares[:, -1:], right=True).clamp(max=scores.shape[-1] - 1)
        return torch.full_like(scores, -torch.inf).scatter(1, tokens, 0.0)


def _warpers(settings: Settings) -> LogitsProcessorList:
    """The filters of transformers, in its own order."""
    chain = LogitsProcessorList()
    if settings.temperature != 1:
        chain.append(TemperatureLogitsWarper(float(settings.temperature)))
    if settings.top_k > 0:
        chain.append(TopKLogitsWarper(settings.top_k))
    if settings.top_p < 1:
        chain.append(TopPLogitsWarper(float(settings.top_p)))
    if settings.min_p > 0:
        chain.append(MinPLogitsWarper(float(settings.min_p)))
    return chain
