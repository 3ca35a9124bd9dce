"""Rows of one subset that a run already holds, found by sample, repeat and request; new ones are appended."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from evalscope.runs.rows import RowFile, unknown_places

Row = Mapping[str, Any]


class KeptRows:
    """A file of rows, of which those stored earlier can be found if their request is still the same."""

    def __init__(self, path: Path, num_rows: int, is_kept: Callable[[Row], bool]) -> None:
        """Opens the file.

        Args:
            path: of the file, which is made where it is missing.
            num_rows: how many the subset will have when all is done.
            is_kept: which of those stored earlier still hold.
        """
        self._rows = RowFile(path)
        self._places = unknown_places(num_rows)
        self._stored: dict[tuple[str, int, str], int] = {}
        for offset, row in self._rows.rows():
            if _is_named(row) and is_kept(row):
                self._stored[row["sample_id"], row["repeat"], row["key"]] = offset

    def stored_requests(self) -> Iterator[tuple[str, int]]:
        """The request key of each stored row, and where it begins."""
        for (_, _, key), offset in self._stored.items():
            yield key, offset

    def find(self, sample_id: str, repeat: int, key: str, order: int) -> Row | None:
        """The stored row of that sample and repeat, if it is of that very request; `order` is its final place."""
        offset = self._stored.pop((sample_id, repeat, key), -1)
        if offset < 0:
            return None
        self._places[order] = offset
        return self._rows.read(offset)

    def read(self, offset: int) -> Row:
        """The row that begins there."""
        return self._rows.read(offset)

    def append(self, row: Row, order: int) -> int:
        """Stores a new row, whose place at the end is `order`; returns where it begins."""
        offset = self._rows.append(row)
        self._places[order] = offset
        return offset

    def finish(self, *, keeps_uncalled: bool) -> None:
        """Puts the rows in sample order; stored ones that this run did not call for stay behind the others, or go."""
        called = [offset for offset in self._places if offset >= 0]
        uncalled = sorted(self._stored.values()) if keeps_uncalled else []
        self._rows.reorder(called + uncalled)

    def sync(self) -> None:
        """Puts new rows onto the disk itself; may be called from any thread."""
        self._rows.sync()

    def close(self) -> None:
        """Closes the file, whatever was stored by then safe on the disk."""
        self._rows.close()


def _is_named(row: Row) -> bool:
    names = (row.get("key"), row.get("sample_id"))
    return all(isinstance(name, str) for name in names) and isinstance(row.get("repeat"), int)
