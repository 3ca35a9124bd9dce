"""An append-only file of JSON rows: whole rows or none, whatever happens to the process."""

import os
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import orjson


class StoredRow(NamedTuple):
    """A row and where it begins, in bytes."""

    offset: int
    row: Mapping[str, Any]


class RowFile:
    """Rows are appended in one write each and reach the operating system before `append` returns.

    A row that a crash left torn is cut off when the file is opened.
    """

    def __init__(self, path: Path, *, is_fresh: bool = False) -> None:
        """Opens the file, making it and its folder where they are missing; `is_fresh` empties it."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if is_fresh else 0)
        self._file = os.open(path, flags, 0o644)
        self._size = 0 if is_fresh else self._cut_torn_tail()
        self._synced = self._size
        self._num_rows = self._count_rows()

    def append(self, row: Mapping[str, Any]) -> int:
        """Writes one row and returns where it begins.

        Raises:
            OSError: the disk is full, say; what was written of the row is taken back.
        """
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        offset = self._size
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError:
            os.ftruncate(self._file, offset)
            raise
        self._size = offset + len(line)
        self._num_rows += 1
        return offset

    def read(self, offset: int) -> Mapping[str, Any]:
        """The row that begins there."""
        row: Mapping[str, Any] = orjson.loads(self._line(offset))
        return row

    def rows(self) -> Iterator[StoredRow]:
        """All rows in the order of the file; lines that are no JSON object are passed over."""
        return read_rows(self.path)

    def reorder(self, offsets: Sequence[int]) -> None:
        """Rewrites the file with just the rows that begin at these offsets, in this order; all of it or nothing."""
        is_sorted = all(low < high for low, high in pairwise(offsets))
        if is_sorted and len(offsets) == self._num_rows:
            return
        fresh = self.path.with_name(f".{self.path.name}.new")
        try:
            with fresh.open("wb") as file:
                for offset in offsets:
                    file.write(self._line(offset))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        os.close(self._file)
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND)
        self._size = self._synced = os.fstat(self._file).st_size
        self._num_rows = len(offsets)

    def sync(self) -> None:
        """Puts what was appended since the last time onto the disk itself; may be called from any thread.

        Failures are left to the next write and to `close`, which raise them.
        """
        size = self._size
        if size == self._synced or self._file < 0:
            return
        with suppress(OSError):
            os.fsync(self._file)
            self._synced = size

    def close(self) -> None:
        """Puts everything onto the disk itself and closes the file."""
        if self._file >= 0:
            os.fsync(self._file)
            os.close(self._file)
            self._file = -1

    def _line(self, offset: int) -> bytes:
        parts, step = [], 16_384
        while block := os.pread(self._file, step, offset):
            end = block.find(b"\n") + 1
            parts.append(block[:end] if end else block)
            if end:
                break
            offset += len(block)
            step *= 2  # rows may be megabytes long
        return b"".join(parts)

    def _count_rows(self) -> int:
        count = offset = 0
        while block := os.pread(self._file, 1 << 20, offset):
            count += block.count(b"\n")
            offset += len(block)
        return count

    def _cut_torn_tail(self) -> int:
        size = os.fstat(self._file).st_size
        step, end = 65_536, size
        while end > 0:
            start = max(0, end - step)
            newline = os.pread(self._file, end - start, start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        if end < size:
            os.ftruncate(self._file, end)
        return end


def read_rows(path: Path) -> Iterator[StoredRow]:
    """All rows of a file in its order, without changing it; lines that are no JSON object are passed over."""
    with path.open("rb") as file:
        offset = 0
        for line in file:
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError:
                row = None
            if isinstance(row, dict):
                yield StoredRow(offset, row)
            offset += len(line)


def unknown_places(num: int) -> "array[int]":
    """Room for `num` offsets, none of them known yet (-1); 8 bytes each."""
    return array("q", [-1]) * num
