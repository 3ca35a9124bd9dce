"""Batches that transformers' own `generate` computes from beginning to end."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList

from evalscope.models.checkpoint.choosing import Chooser, ChosenByRow
from evalscope.models.checkpoint.load import Loaded
from evalscope.models.checkpoint.rows import Row


class Plain:
    """One batch at a time, as long as its longest answer; for models whose cache cannot be shared or changed.

    Args:
        loaded: the model.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._waiting: list[Row] = []

    def begin(self, rows: Sequence[Row]) -> None:
        """Takes a batch; its rows have equal allowances, so that none is padded beyond its context."""
        self._waiting = [*rows]

    def advance(self) -> list[Row]:
        """All rows of the batch, ended."""
        rows, self._waiting = self._waiting, []
        generate(self._loaded, rows)
        return rows

    def drop(self) -> None:
        """Forgets the batch."""
        self._waiting = []


def generate(loaded: Loaded, rows: Sequence[Row]) -> None:
    """Gives rows their whole answers, whatever they had before."""
    assert len({row.asked.settings.max_new_tokens for row in rows}) == 1, "rows of a batch end at one length at most"
    for row in rows:
        row.restart(perf_counter())
    input_ids, attention_mask = left_padded([row.asked.tokens for row in rows], loaded.pad_id)
    limits = GenerationConfig(  # type: ignore[no-untyped-call]  # not annotated there
        max_new_tokens=rows[0].asked.settings.max_new_tokens, eos_token_id=sorted(loaded.end_ids) or None
    )
    choosers = [Chooser(row, counts_prompt=not loaded.has_encoder) for row in rows]
    loaded.model.generate(
        input_ids=input_ids.to(loaded.model.device),
        attention_mask=attention_mask.to(loaded.model.device),
        generation_config=limits,
        logits_processor=LogitsProcessorList([ChosenByRow(choosers)]),
        stopping_criteria=StoppingCriteriaList([RowsEnd(rows)]),
    )


class RowsEnd(StoppingCriteria):
    """Hands each new token to its row, and ends the rows that are complete."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __call__(self, input_ids: torch.Tensor, scores: object, **kwargs: Any) -> torch.Tensor:
        """Which rows have ended: (batch,), bool.

        Args:
            input_ids: (batch, tokens so far), left-padded.
            scores: not looked at.
            kwargs: what transformers may add; not looked at.
        """
        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            if not row.has_ended:
                row.take(token)
        return torch.tensor([row.has_ended for row in self._rows], dtype=torch.bool, device=input_ids.device)


def left_padded(prompts: Sequence[Sequence[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask, both (batch, longest prompt), int64; padding stands before the prompt."""
    width = max(map(len, prompts))
    input_ids = torch.tensor([[pad_id] * (width - len(prompt)) + list(prompt) for prompt in prompts])
    attention_mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    return input_ids, attention_mask
