"""The index of a run's samples: a table that a database can page, filter, sort and search."""

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalscope.app.joined import Files, flat_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 2
"""Of the form of the table; an index of another form is made anew."""

BATCH = 4_096
"""So many rows go into the table at once."""

ROW_GROUP = 16_384
"""So many rows of an index file are packed together: few, since making one takes memory, and a page reads fifty."""

TYPES = {
    "place": "BIGINT",
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
"""The columns: the place of a sample in its run, and behind it those of `Flat`, in its order."""


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
    connection.execute(f"CREATE TABLE {table} ({columns})")
    # one statement for all: many small ones would each be written twice, to the log and to the table
    connection.register("batches", pa.RecordBatchReader.from_batches(schema, _batches(schema, files, advance)))
    connection.execute(f"INSERT INTO {table} SELECT * FROM batches")
    connection.unregister("batches")
    _keep_the_last(connection, table)


def _batches(schema: Any, files: Sequence[Files], advance: Callable[[int], None]) -> Iterator[Any]:
    """All samples as Arrow batches; their places count from 0."""
    import pyarrow as pa

    place = 0
    for index, one in enumerate(files):
        before, rows = 0, flat_rows(one, index)
        while batch := list(islice(rows, BATCH)):
            columns = (range(place, place + len(batch)), *zip(*batch, strict=True))
            place += len(batch)
            arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
            yield pa.record_batch(arrays, schema=schema)
            done = max(before, batch[-1].prediction_at + batch[-1].review_at)
            advance(done - before)
            before = done
        advance(max(0, _size(one) - before))


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
        spilled = str(path.parent / "spilled")
        settings = {**SETTINGS, "memory_limit": BUILDING_MEMORY, "temp_directory": spilled}
        with duckdb.connect(":memory:", config=settings) as connection:
            quoted = str(fresh).replace("'", "''")
            connection.execute(f"ATTACH '{quoted}' AS fresh (ROW_GROUP_SIZE {ROW_GROUP})")
            fill(connection, "fresh.samples", files, advance)
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
