"""The digests of a run's records as a file: which record was which, long after the data may have changed."""

from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson

from evalscope.core.digests import Digests

LINES_AT_A_TIME = 4096


def write_digests(path: Path, digests: Digests) -> None:
    """One line a record, all of them or none: {"row": 17, "record": "…"}, and {"example": 0, "record": "…"}."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    lines = _lines(digests)
    try:
        with fresh.open("wb") as file:
            while part := b"".join(islice(lines, LINES_AT_A_TIME)):
                file.write(part)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def read_digests(path: Path) -> Digests | None:
    """What was written; None where there is no such file, or not a whole one."""
    rows, records, examples = array("q"), bytearray(), bytearray()
    try:
        with path.open("rb") as file:
            for line in file:
                told = orjson.loads(line)
                if "row" in told:
                    rows.append(told["row"])
                    records += bytes.fromhex(told["record"])
                else:
                    examples += bytes.fromhex(told["record"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return Digests(rows=rows, records=bytes(records), examples=bytes(examples))


def _lines(digests: Digests) -> Iterator[bytes]:
    for index in range(digests.num_examples):
        yield b'{"example":%d,"record":"%s"}\n' % (index, digests.example(index).hex().encode())
    for index, row in enumerate(digests.rows):
        yield b'{"row":%d,"record":"%s"}\n' % (row, digests.record(index).hex().encode())
