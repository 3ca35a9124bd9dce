"""The index of a run's samples: a table that a database can page, filter, sort and search."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalscope.app.joined import Files, Flat, flat_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 1
"""Of the form of the table; an index of another form is made anew."""

BATCH = 4_000
"""So many rows go into the table at once."""

TYPES = {
    "model": "VARCHAR",
    "dataset": "VARCHAR",
    "subset": "VARCHAR",
    "sample_id": "VARCHAR",
    "repeat": "BIGINT",
    "outcome": "VARCHAR",
    "answer": "VARCHAR",
    "target": "VARCHAR",
    "score": "DOUBLE",
    "error": "VARCHAR",
    "grp": "VARCHAR",
    "prompt": "VARCHAR",
    "reply": "VARCHAR",
    "stop_reason": "VARCHAR",
    "input_tokens": "BIGINT",
    "output_tokens": "BIGINT",
    "latency_s": "DOUBLE",
    "num_chars": "BIGINT",
    "file": "INTEGER",
    "prediction_at": "BIGINT",
    "review_at": "BIGINT",
}
"""The columns, in the order of `Flat`."""


def fill(
    connection: "DuckDBPyConnection",
    table: str,
    files: Sequence[Files],
    advance: Callable[[int], None] = lambda size: None,
) -> None:
    """Makes the table and puts all samples into it.

    Args:
        connection: to the database.
        table: its name, which is no user's.
        files: of the run.
        advance: is told how many bytes have been read since the last time.
    """
    import pyarrow as pa

    kinds = {"VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DOUBLE": pa.float64()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in TYPES.items()])
    columns = ", ".join(f"{name} {kind}" for name, kind in TYPES.items())
    connection.execute(f"CREATE TABLE {table} (place BIGINT, {columns})")
    place = 0
    batch: list[Flat] = []

    def flush() -> None:
        nonlocal place
        if not batch:
            return
        arrays = [pa.array(column, kind) for column, kind in zip(zip(*batch, strict=True), schema.types, strict=True)]
        connection.register("batch", pa.table(arrays, schema=schema))
        connection.execute(f"INSERT INTO {table} SELECT {place} + row_number() OVER () - 1, * FROM batch")
        connection.unregister("batch")
        place += len(batch)
        batch.clear()

    for index, one in enumerate(files):
        before = 0
        for row in flat_rows(one, index):
            batch.append(row)
            if len(batch) >= BATCH:
                flush()
                advance(max(0, row.prediction_at + row.review_at - before))
                before = max(before, row.prediction_at + row.review_at)
        advance(max(0, _size(one) - before))
    flush()
    _keep_the_last(connection, table)


def _size(files: Files) -> int:
    return sum(path.stat().st_size for path in (files.predictions, files.reviews) if path is not None)


def _keep_the_last(connection: "DuckDBPyConnection", table: str) -> None:
    """Of two rows of one name the later stays: a run that is written may hold a failure and the answer after it."""
    name = "model, dataset, subset, sample_id, repeat"
    readable = f"FROM {table} WHERE outcome <> 'unreadable'"
    found = connection.execute(f"SELECT count(*), count(DISTINCT hash({name})) {readable}").fetchone()
    if found and found[0] != found[1]:
        later = f"SELECT max(place) {readable} GROUP BY {name}"
        connection.execute(f"DELETE FROM {table} WHERE outcome <> 'unreadable' AND place NOT IN ({later})")


def build(path: Path, files: Sequence[Files], report: Callable[[float], None]) -> None:
    """Writes an index file: under another name first, then renamed, so that whoever finds it finds it whole.

    Args:
        path: of the file, in the user's cache folder.
        files: of the run.
        report: is told the share that is done, now and then.
    """
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    total, done = max(1, sum(map(_size, files))), 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        report(min(1.0, done / total))

    try:
        with duckdb.connect(str(fresh), config={**SETTINGS, "memory_limit": BUILDING_MEMORY}) as connection:
            fill(connection, "samples", files, advance)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
        fresh.with_name(f"{fresh.name}.wal").unlink(missing_ok=True)


BUILDING_MEMORY = "100MB"
"""Of the database of an index in the making; a server runs beside it."""

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "200MB",
    "threads": 2,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "preserve_insertion_order": True,
}
"""Of the database: little memory, and nothing is fetched."""
