"""Answers that grow side by side: rows come and go while the others go on."""

from collections.abc import Sequence
from time import perf_counter

import torch

from evalscope.models.checkpoint.choosing import Chooser, choose
from evalscope.models.checkpoint.prefixes import Prefixes
from evalscope.models.checkpoint.reading import Reader
from evalscope.models.checkpoint.rows import Row

MOST_ROOM = 256
"""Columns set aside at first for new tokens; most answers need fewer than they are allowed."""


class Decoding:
    """The rows of the moment, in the order in which they stand in the columns.

    Args:
        reader: runs the model.
        prefixes: what is known of the starts of prompts.
    """

    def __init__(self, reader: Reader, prefixes: Prefixes) -> None:
        self._reader = reader
        self._prefixes = prefixes
        self._columns = reader.new_columns()
        self._rows: list[Row] = []
        self._choosers: list[Chooser] = []
        self._ended: list[Row] = []

    @torch.inference_mode()
    def begin(self, rows: Sequence[Row]) -> None:
        """Reads rows, with what they have of an answer already, and takes the next token of each."""
        # a row may have ended just before another one failed, and with it all
        self._ended += [row for row in rows if row.has_ended]
        rows = [row for row in rows if not row.has_ended]
        now = perf_counter()
        for row in rows:
            row.started = row.started or now
        readings = [self._prefixes.reading((*row.asked.tokens, *row.tokens)) for row in rows]
        num_more = min(MOST_ROOM, max((row.num_left for row in rows), default=0))
        for group in self._reader.groups(readings):
            choosers = [Chooser(rows[index]) for index in group]
            logits = self._reader.read(self._columns, [readings[index] for index in group], num_more=num_more)
            tokens = choose(logits, choosers)
            for index, chooser, token in zip(group, choosers, tokens, strict=True):
                rows[index].take(token)
                self._rows.append(rows[index])
                self._choosers.append(chooser)

    @torch.inference_mode()
    def advance(self) -> list[Row]:
        """The rows that have ended, after one more token for each where none has."""
        if not self._ended and not any(row.has_ended for row in self._rows):
            logits = self._reader.append(self._columns, [row.tokens[-1] for row in self._rows])
            for row, token in zip(self._rows, choose(logits, self._choosers), strict=True):
                row.take(token)
        ended, self._ended = self._ended, []
        return ended + [
            self._remove(index) for index in reversed(range(len(self._rows))) if self._rows[index].has_ended
        ]

    def drop(self) -> None:
        """Forgets all rows, and lets their keys and values go."""
        self._columns = self._reader.new_columns()
        self._rows, self._choosers, self._ended = [], [], []

    def _remove(self, index: int) -> Row:
        """Takes a row out; the last one takes its place, as it does in the columns."""
        self._columns.remove(index)
        gone = self._rows[index]
        self._rows[index], self._choosers[index] = self._rows[-1], self._choosers[-1]
        self._rows.pop()
        self._choosers.pop()
        return gone
