"""A batch of prompts becomes a batch of answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import torch
from transformers import GenerationConfig, StoppingCriteria, StoppingCriteriaList

from evalscope.core.response import StopReason
from evalscope.models.checkpoint.choosing import choosers
from evalscope.models.checkpoint.load import Loaded
from evalscope.models.checkpoint.rows import Asked, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What came to one prompt.

    Attributes:
        tokens: new token ids, the one that ended the answer included, padding not.
        text: without special tokens and without the text that ended it; not stripped.
        stop_reason: "stop" for an end token or a stop text, "length" for the allowance, "unknown" for nobody waiting.
        num_prompt_tokens: of the prompt, without padding.
        latency_s: seconds from the start of the batch to this row's last token.
    """

    tokens: tuple[int, ...]
    text: str
    stop_reason: StopReason
    num_prompt_tokens: int
    latency_s: float


def decode(loaded: Loaded, batch: Sequence[Asked]) -> tuple[Decoded, ...]:
    """Answers, in the order of the prompts.

    All prompts have equal settings, and so the same allowance of new tokens: every row then stays within the context,
    also one that has ended and is padded until the last one ends (learned positions fail beyond it).
    """
    assert len({asked.settings for asked in batch}) == 1, "a batch is decoded in one way"
    started = perf_counter()
    rows = RowsEnd([Row(asked, loaded) for asked in batch])
    input_ids, attention_mask = _left_padded([asked.tokens for asked in batch], loaded.pad_id)
    limits = GenerationConfig(  # type: ignore[no-untyped-call]  # not annotated there
        max_new_tokens=batch[0].settings.max_new_tokens, eos_token_id=sorted(loaded.end_ids) or None
    )
    loaded.model.generate(
        input_ids=input_ids.to(loaded.model.device),
        attention_mask=attention_mask.to(loaded.model.device),
        generation_config=limits,
        logits_processor=choosers(batch),
        stopping_criteria=StoppingCriteriaList([rows]),
    )
    return tuple(
        Decoded(
            tokens=tuple(row.tokens),
            text=row.text,
            stop_reason=row.stop_reason or "unknown",
            num_prompt_tokens=len(row.asked.tokens),
            latency_s=ended - started,
        )
        for row, ended in zip(rows.rows, rows.ended, strict=True)
    )


class RowsEnd(StoppingCriteria):
    """Hands each new token to its row, and ends the rows that are complete.

    Attributes:
        rows: in the order of the batch.
        ended: by time.perf_counter, in seconds, when each row got its last token.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.ended = [0.0] * len(rows)

    def __call__(self, input_ids: torch.Tensor, scores: object, **kwargs: Any) -> torch.Tensor:
        """Which rows have ended: (batch,), bool.

        Args:
            input_ids: (batch, tokens so far), left-padded.
            scores: not looked at.
            kwargs: what transformers may add; not looked at.
        """
        now = perf_counter()
        for row_index, (row, token) in enumerate(zip(self.rows, input_ids[:, -1].tolist(), strict=True)):
            if not row.has_ended:
                row.take(token)
                self.ended[row_index] = now
        return torch.tensor([row.has_ended for row in self.rows], dtype=torch.bool, device=input_ids.device)


def _left_padded(prompts: Sequence[Sequence[int]], pad_id: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids and attention mask, both (batch, longest prompt), int64; padding stands before the prompt."""
    width = max(map(len, prompts))
    input_ids = torch.tensor([[pad_id] * (width - len(prompt)) + list(prompt) for prompt in prompts])
    attention_mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    return input_ids, attention_mask
