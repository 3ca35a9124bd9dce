"""Keys and values of rows of tokens that all end at the same column.

A row stands as far right as it can: its padding, if it needs any, comes first, then its tokens without a gap. So two
tokens are as far apart in columns as in their text, which is what sliding windows measure, and every row grows by
writing the next column. A row that leaves is replaced by the last one; rows that come are written behind it.

    row 0    ·  ·  ·  a  b  c  d  e │
    row 1    p  q  r  s  t  u  v  w │ ← the next token of every row goes here
    row 2    ·  ·  ·  ·  ·  ·  x  y │
                                   end
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin, DummyLayer

MORE_COLUMNS = 1.25
"""How much wider than needed buffers are made when they have become too narrow, so that they are seldom copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a pass through the model sees of the buffers.

    Attributes:
        first_row, num_rows: which rows.
        start: the first column that any of these rows has.
        end: the column behind the last that is written; the pass writes from there.
    """

    first_row: int = 0
    num_rows: int = 0
    start: int = 0
    end: int = 0

    @property
    def width(self) -> int:
        """Columns that are written."""
        return self.end - self.start

    @property
    def rows(self) -> slice:
        """The rows, as an index."""
        return slice(self.first_row, self.first_row + self.num_rows)


@dataclass(slots=True, kw_only=True)
class Frame:
    """What the layers of a cache have in common.

    Attributes:
        span: what the pass of the moment sees.
        num_rows, num_columns: of the buffers.
    """

    span: Span = field(default_factory=Span)
    num_rows: int = 0
    num_columns: int = 0


class Layer(CacheLayerMixin):  # type: ignore[no-untyped-call]  # not annotated there
    """One attention layer's buffers, in the form in which transformers writes to and reads from a cache.

    Args:
        window: how many columns a token sees, itself included; None for all.
        frame: shared with the other layers.
    """

    keys: torch.Tensor | None
    values: torch.Tensor | None

    def __init__(self, window: int | None, frame: Frame) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # not annotated there
        self.is_sliding = window is not None
        self._window = window
        self._frame = frame

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Makes the buffers, with heads and sizes as given: (rows, heads, columns, size)."""
        self.keys, self.values = self._blank(key_states), self._blank(value_states)
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *args: Any, **kwargs: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Writes new columns; returns the keys and values that they may look at, themselves included.

        Args:
            key_states: (rows, heads, new columns, size).
            value_states: the same, of another size perhaps.
            args: what transformers may add; not looked at.
            kwargs: as args.
        """
        if self.keys is None:
            self.lazy_initialization(key_states, value_states)
        assert self.keys is not None
        assert self.values is not None
        span = self._frame.span
        end = span.end + key_states.shape[2]
        self.keys[span.rows, :, span.end : end] = key_states
        self.values[span.rows, :, span.end : end] = value_states
        seen = slice(span.end - self._num_visible, end)
        return self.keys[span.rows, :, seen], self.values[span.rows, :, seen]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """How many columns `update` will return, and how many of the span stand before them."""
        return self._num_visible + query_length, self._frame.span.width - self._num_visible

    def get_seq_length(self) -> int:
        """Columns that are written."""
        return self._frame.span.width

    def get_max_length(self) -> int:
        """No limit, in the words of transformers."""
        return -1

    def move(self, source: slice, target: slice) -> None:
        """Copies columns into new buffers of the frame's size, and lets the old ones go."""
        if self.keys is None or self.values is None:
            return
        for name, old in (("keys", self.keys), ("values", self.values)):
            new = self._blank(old)
            num_rows = min(len(old), len(new))
            new[:num_rows, :, target] = old[:num_rows, :, source]
            setattr(self, name, new)

    def copy_row(self, other: "Layer", rows: tuple[int, int], starts: tuple[int, int], num_columns: int) -> None:
        """Copies columns of a row of another cache, or of this one.

        Args:
            other: the same layer of the other cache.
            rows: there, and here.
            starts: the first column there, and here.
            num_columns: how many.
        """
        if other.keys is None or other.values is None:
            return
        if self.keys is None:
            self.lazy_initialization(other.keys, other.values)
        assert self.keys is not None
        assert self.values is not None
        source, target = (slice(start, start + num_columns) for start in starts)
        self.keys[rows[1], :, target] = other.keys[rows[0], :, source]
        self.values[rows[1], :, target] = other.values[rows[0], :, source]

    @property
    def num_bytes(self) -> int:
        """Of the buffers."""
        return sum(buffer.nbytes for buffer in (self.keys, self.values) if buffer is not None)

    @property
    def _num_visible(self) -> int:
        """Columns before the new ones that the new ones may look at."""
        width = self._frame.span.width
        return width if self._window is None else min(width, self._window - 1)

    def _blank(self, like: torch.Tensor) -> torch.Tensor:
        # what is masked is multiplied by zero, so it must be a number
        return like.new_zeros((self._frame.num_rows, like.shape[1], self._frame.num_columns, like.shape[3]))


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerKind:
    """What one layer of a model keeps.

    Attributes:
        has_cache: False where it looks at what another layer keeps.
        window: how many columns a token sees, itself included; None for all.
    """

    has_cache: bool = True
    window: int | None = None


class Columns(Cache):
    """The keys and values of all layers, for rows that come and go.

    After an exception in the middle of a pass it must be thrown away.

    Attributes:
        lengths: how many tokens each row has.
        end: the column behind the last token of every row.
    """

    def __init__(self, kinds: Sequence[LayerKind]) -> None:
        self._frame = Frame()
        self._kept = tuple(Layer(kind.window, self._frame) for kind in kinds if kind.has_cache)
        kept = iter(self._kept)
        super().__init__(
            [next(kept) if kind.has_cache else DummyLayer() for kind in kinds]  # type: ignore[no-untyped-call]  # as above
        )
        self.lengths: list[int] = []
        self.end = 0

    @property
    def width(self) -> int:
        """Columns from the first token of the longest row to the end."""
        return max(self.lengths, default=0)

    @property
    def num_bytes(self) -> int:
        """Of all buffers."""
        return sum(layer.num_bytes for layer in self._kept)

    @property
    def bytes_per_token(self) -> float:
        """Of all layers together; nan before anything is in them."""
        num_tokens = self._frame.num_rows * self._frame.num_columns
        return self.num_bytes / num_tokens if num_tokens and self.num_bytes else float("nan")

    def first_column(self, row_index: int) -> int:
        """Where a row's first token is."""
        return self.end - self.lengths[row_index]

    def add(self, lengths: Sequence[int], *, num_more: int = 0) -> int:
        """Makes room for rows of so many tokens, of which none is written yet.

        Args:
            lengths: of the rows, at least one.
            num_more: by how many tokens they may grow before the buffers are copied into wider ones.

        Returns:
            The index of the first of these rows.
        """
        first_row = len(self.lengths)
        if first_row == 0:
            self.clear()
        self._fit(first_row + len(lengths), width=max(*lengths, self.width), num_more=num_more)
        self.lengths += lengths
        return first_row

    def copy_start(self, row_index: int, other: "Columns", other_row: int, num_tokens: int) -> None:
        """Takes over a row's first tokens from a row that begins with the same ones."""
        starts = (other.first_column(other_row), self.first_column(row_index))
        for layer, others in zip(self._kept, other._kept, strict=True):
            layer.copy_row(others, (other_row, row_index), starts, num_tokens)

    def remove(self, row_index: int) -> None:
        """Lets a row go; the last one takes its place."""
        last = len(self.lengths) - 1
        if row_index != last:
            start, num_tokens = self.first_column(last), self.lengths[last]
            for layer in self._kept:
                layer.copy_row(layer, (last, row_index), (start, start), num_tokens)
            self.lengths[row_index] = num_tokens
        self.lengths.pop()

    def clear(self) -> None:
        """Lets all rows and buffers go."""
        self.lengths, self.end = [], 0
        self._frame.num_rows = self._frame.num_columns = 0
        for layer in self._kept:
            layer.keys = layer.values = None

    @contextmanager
    def rewriting(self, first_row: int, num_columns: int) -> Iterator[None]:
        """Within, a pass writes from the `num_columns`th column before the end, in the rows from `first_row` on."""
        self._frame.span = Span(
            first_row=first_row,
            num_rows=len(self.lengths) - first_row,
            start=self.end - max(self.lengths[first_row:]),
            end=self.end - num_columns,
        )
        yield

    @contextmanager
    def growing(self) -> Iterator[None]:
        """Within, a pass writes one more token to every row."""
        self._fit(len(self.lengths), width=self.width, num_more=1)
        self._frame.span = Span(num_rows=len(self.lengths), start=self.end - self.width, end=self.end)
        yield
        self.end += 1
        self.lengths = [length + 1 for length in self.lengths]

    def _fit(self, num_rows: int, *, width: int, num_more: int) -> None:
        """Sees to it that so many rows of so many columns fit before `end`, and more columns behind it."""
        frame, kept, old_end = self._frame, self.width, self.end
        fits = width <= self.end and self.end + min(num_more, 1) <= frame.num_columns
        if fits and num_rows <= frame.num_rows:
            return
        if not fits:
            more = num_more if not kept else int(MORE_COLUMNS * width) - width + num_more
            frame.num_columns = max(frame.num_columns, width + more)
            self.end = width
        frame.num_rows = max(frame.num_rows, num_rows)
        for layer in self._kept:
            layer.move(slice(old_end - kept, old_end), slice(self.end - kept, self.end))
