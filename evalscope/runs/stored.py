"""The rows of a finished or broken-off run, looked up without being changed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from evalscope.runs.rows import read_rows


class StoredRows:
    """Rows of first repeats by sample, each read once where they are called for in the order of the file.

    Of a row that is passed over on the way to another only its place is kept, so memory grows with the disorder alone.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is read yet; a file that is not there holds no rows."""
        self._path = path
        self._rows = read_rows(path) if path.is_file() else iter(())
        self._passed: dict[str, int] = {}

    def find(self, sample_id: str) -> Mapping[str, Any] | None:
        """The row of a sample, which is found once; None where there is none."""
        if (offset := self._passed.pop(sample_id, None)) is not None:
            return self._read(offset)
        for offset, row in self._rows:
            if row.get("repeat") != 0:
                continue
            if row.get("sample_id") == sample_id:
                return row
            self._passed[row.get("sample_id", "")] = offset
        return None

    def _read(self, offset: int) -> Mapping[str, Any]:
        with self._path.open("rb") as file:
            file.seek(offset)
            row: Mapping[str, Any] = orjson.loads(file.readline())
            return row
