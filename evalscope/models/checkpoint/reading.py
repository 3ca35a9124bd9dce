"""Tokens are run through a model, each row on top of what is known of it already."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch

from evalscope.models.checkpoint.columns import Columns, LayerKind
from evalscope.models.checkpoint.load import Generates, Loaded


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """A row of other columns that begins with the same tokens.

    Attributes:
        columns, row_index: where it is.
        num_tokens: how many tokens are the same, from the first on.
    """

    columns: Columns
    row_index: int
    num_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A row that is to be read.

    Attributes:
        tokens: ids, at least one.
        known: where its start is known from; None where nothing is.
    """

    tokens: Sequence[int]
    known: Known | None = None

    @property
    def num_new(self) -> int:
        """Tokens that have to be computed; at least one, for its logits."""
        num_known = 0 if self.known is None else self.known.num_tokens
        return max(1, len(self.tokens) - num_known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A token behind which logits are wanted.

    Attributes:
        row_index: its row, among those that are read together.
        behind: how many tokens of the row stand behind it; 0 for the last.
    """

    row_index: int
    behind: int


class Passes(Protocol):
    """What runs rows of tokens through a model."""

    def new_columns(self) -> Columns:
        """Columns without rows."""
        ...

    def groups(self, readings: Sequence[Reading]) -> Iterator[list[int]]:
        """Indices of rows that are best read together."""
        ...

    def passes(
        self, columns: Columns, readings: Sequence[Reading], wanted: Sequence[Place]
    ) -> Iterator[tuple[list[int], torch.Tensor]]:
        """Reads rows; of each pass, indices into `wanted` and their logits: (indices, vocabulary)."""
        ...


class Reader:
    """Passes through a model.

    Args:
        loaded: the model.
        kinds: what each of its layers keeps.
        most_tokens: in one pass, padding included.
        most_kept: tokens of rows that are read together, known ones included; None where nobody counts.
    """

    def __init__(
        self, loaded: Loaded, kinds: Sequence[LayerKind], most_tokens: int, most_kept: int | None = None
    ) -> None:
        self._loaded = loaded
        self._kinds = tuple(kinds)
        self._most_tokens = most_tokens
        self._most_kept = most_kept

    def new_columns(self) -> Columns:
        """Columns without rows."""
        return Columns(self._kinds)

    def groups(self, readings: Sequence[Reading]) -> Iterator[list[int]]:
        """Indices of rows that are best read together: alike in what they need, as many as one pass takes."""
        order = sorted(range(len(readings)), key=lambda index: -readings[index].num_new)
        while order:
            size = max(1, self._most_tokens // readings[order[0]].num_new)
            if self._most_kept is not None:
                longest = max(len(readings[index].tokens) for index in order[:size])
                size = max(1, min(size, self._most_kept // longest))
            yield order[:size]
            order = order[size:]

    def read(self, columns: Columns, readings: Sequence[Reading], *, num_more: int = 0) -> torch.Tensor:
        """Adds rows to the columns; logits behind the last token of each: (rows, vocabulary), the model's precision.

        Args:
            columns: where the rows go.
            readings: the rows.
            num_more: by how many tokens the rows will grow, as far as that is known.
        """
        ends = [Place(row_index=index, behind=0) for index in range(len(readings))]
        *_, (_, logits) = self.passes(columns, readings, ends, num_more=num_more)
        return logits

    def passes(
        self, columns: Columns, readings: Sequence[Reading], wanted: Sequence[Place], *, num_more: int = 0
    ) -> Iterator[tuple[list[int], torch.Tensor]]:
        """Adds rows to the columns; of each pass that it takes, which of the wanted places it met, and their logits.

        All rows are computed from the same column on. Of a row that needs less, the end of what is known is computed
        once more: that costs what padding would, and leaves no gap between what is known and what is new.

        Args:
            columns: where the rows go.
            readings: the rows.
            wanted: the places whose logits are to be computed, none before what is known of its row.
            num_more: by how many tokens the rows will grow, as far as that is known.

        Yields:
            Indices into `wanted`, and (indices, vocabulary) in the model's precision.
        """
        num_new = max(reading.num_new for reading in readings)
        first_row = columns.add([len(reading.tokens) for reading in readings], num_more=num_more)
        for row_index, reading in enumerate(readings, start=first_row):
            num_copied = len(reading.tokens) - num_new
            if reading.known is not None and num_copied > 0:
                columns.copy_start(row_index, reading.known.columns, reading.known.row_index, num_copied)
        input_ids = self._last_columns([reading.tokens for reading in readings], num_new)
        size = max(1, self._most_tokens // len(readings))
        for left in range(num_new, 0, -size):
            right = max(0, left - size)
            inside = [index for index, place in enumerate(wanted) if right <= place.behind < left]
            part = input_ids[:, num_new - left : num_new - right]
            places = [(wanted[index].row_index, left - 1 - wanted[index].behind) for index in inside]
            with columns.rewriting(first_row, left):
                yield inside, self._logits(columns, part, columns.lengths[first_row:], left, places)

    def append(self, columns: Columns, tokens: Sequence[int]) -> torch.Tensor:
        """Adds one token to each row; (rows, vocabulary), logits behind it, in the model's precision."""
        with columns.growing():
            lengths = [length + 1 for length in columns.lengths]
            places = [(row_index, 0) for row_index in range(len(tokens))]
            return self._logits(columns, torch.tensor(tokens).unsqueeze(1), lengths, 1, places)

    def _last_columns(self, rows: Sequence[Sequence[int]], num_columns: int) -> torch.Tensor:
        """The last ids of each row, padded in front: (rows, columns), int64."""
        last = [list(tokens[-num_columns:]) for tokens in rows]
        return torch.tensor([[self._loaded.pad_id] * (num_columns - len(tokens)) + tokens for tokens in last])

    def _logits(
        self,
        columns: Columns,
        input_ids: torch.Tensor,
        lengths: Sequence[int],
        num_left: int,
        places: Sequence[tuple[int, int]],
    ) -> torch.Tensor:
        """One pass over ids, whose first column is the `num_left`th before the end; logits at (row, column of them)."""
        model, device = self._loaded.model, self._loaded.model.device
        rows, at = torch.tensor(places, dtype=torch.long).reshape(-1, 2).unbind(1)
        padding = max(lengths) - torch.tensor(lengths, device=device).unsqueeze(1)
        column = torch.arange(max(lengths) - num_left + input_ids.shape[1], device=device)
        position = column - padding
        with only_at(model, rows, at) as was_asked:
            logits: torch.Tensor = model(
                input_ids=input_ids.to(device),
                attention_mask=(position >= 0).long(),
                position_ids=position[:, -input_ids.shape[1] :].clamp(min=0),
                past_key_values=columns,
                use_cache=True,
            ).logits
        return logits[0] if was_asked else logits[rows.to(logits.device), at.to(logits.device)]


@contextmanager
def only_at(model: Generates, rows: torch.Tensor, at: torch.Tensor) -> Iterator[list[bool]]:
    """Within, the model's last layer sees the wanted positions alone, as one row; the list is filled when it is asked.

    All other positions would cost a vocabulary each. What some models do to logits afterwards (scaling, capping) is
    left to them, for which reason the layer is not called from here.
    """
    was_asked: list[bool] = []

    def choose(layer: torch.nn.Module, hidden: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        was_asked.append(True)
        states, *others = hidden
        return (states[rows.to(states.device), at.to(states.device)].unsqueeze(0), *others)

    layer = model.get_output_embeddings()
    if layer is None:
        yield was_asked
        return
    hook = layer.register_forward_pre_hook(choose)
    try:
        yield was_asked
    finally:
        hook.remove()
