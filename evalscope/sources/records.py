"""A file of records, read lazily: each record comes with the place where it stands."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import orjson

from evalscope.core.sample import Record
from evalscope.errors import DatasetError
from evalscope.sources.archives import READING_FAULTS, open_member

ENDINGS = (".parquet", ".jsonl", ".json", ".csv", ".tsv")
"""The formats, in the order of preference; each may be followed by ".gz"."""

Json = Any

_POINTER = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file of records.

    Attributes:
        path: on disk; the archive, where the file is a member of one.
        member: its name inside the archive `path`; empty for a file of its own.
    """

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        """The last part of the file's own name."""
        return (self.member or str(self.path)).replace("\\", "/").rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.path}/{self.member}" if self.member else str(self.path)


class Place(NamedTuple):
    """Where a record stands; prints as "file:line" or "file, row N".

    Attributes:
        file: that holds it.
        number: the line its record begins in, from 1; or the row, from 0 as in sample ids.
        unit: which of the two.
    """

    file: RecordFile
    number: int
    unit: Literal["line", "row"]

    def __str__(self) -> str:
        return f"{self.file}:{self.number}" if self.unit == "line" else f"{self.file}, row {self.number}"


class Row(NamedTuple):
    """One record where it stands.

    Attributes:
        content: the record, or the line of JSON that it is parsed from whenever it is asked for.
        place: of the record.
    """

    content: Record | bytes
    place: Place

    @property
    def record(self) -> Record:
        """The record.

        Raises:
            DatasetError: the line is torn, in another encoding, or no object.
        """
        return _parse_line(self.content, self.place) if isinstance(self.content, bytes) else self.content


Rows = Iterator[Row]


def format_of(name: str) -> str:
    """The ending that says how the file is read, such as ".jsonl" for "test.jsonl.gz"; empty where none is known."""
    ending = Path(name.casefold().removesuffix(".gz")).suffix
    return ending if ending in ENDINGS else ""


def read_records(file: RecordFile, columns: Sequence[str] | None = None) -> Iterator[tuple[Record, Place]]:
    """The records of a file one by one, in file order, each with its place; arguments and errors as of read_rows."""
    return ((row.record, row.place) for row in read_rows(file, columns))


def read_rows(file: RecordFile, columns: Sequence[str] | None = None) -> Rows:
    """The rows of a file one by one, in file order; lines of JSON are parsed when their records are asked for.

    Args:
        file: of any format in ENDINGS, plain, gz-compressed, or inside an archive.
        columns: names of the columns of a csv or tsv file that has no header row; where its first row holds all of
            them, it has one.

    Raises:
        DatasetError: the file cannot be read, or a record is torn, in another encoding, or no object.
    """
    read = _READERS.get(format_of(file.name))
    if read is None:
        raise DatasetError(
            f"{file} is no file of records; its name must end in {', '.join(ENDINGS)}, or those with .gz"
        )
    with _open_checked(file) as stream:
        yield from read(stream, file, columns)


def count_lines(file: RecordFile) -> int:
    """How many rows a file of JSON lines has; none of them is parsed."""
    with _open_checked(file) as stream:
        return sum(1 for _ in _lines(stream))


@contextmanager
def _open_checked(file: RecordFile) -> Iterator[IO[bytes]]:
    """The file's bytes; what goes wrong while they are read is a DatasetError that names the file."""
    try:
        with open_bytes(file) as stream:
            yield stream
    except READING_FAULTS as error:
        raise DatasetError(f"{file} cannot be read: {error or type(error).__name__}. Is it whole?") from error


@contextmanager
def open_bytes(file: RecordFile) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked on the way; nothing is written to disk.

    Raises:
        DatasetError: a member of an archive needs a password, or the file is a pointer that git left in its place.
        OSError: the file cannot be opened.
    """
    with ExitStack() as stack:
        stream: IO[bytes]
        if file.member:
            stream = stack.enter_context(open_member(file.path, file.member))
        else:
            stream = stack.enter_context(file.path.open("rb", buffering=0))
        if file.name.casefold().endswith(".gz"):
            stream = stack.enter_context(gzip.open(stream))  # type: ignore[arg-type]  # it reads bytes
        buffered = stack.enter_context(io.BufferedReader(stream))  # type: ignore[type-var]  # so do all
        if buffered.peek(len(_POINTER)).startswith(_POINTER):
            raise DatasetError(
                f"{file} is not the data but a pointer that git left there: run 'git lfs pull' in its folder"
            )
        yield buffered


def _read_jsonl(stream: IO[bytes], file: RecordFile, columns: Sequence[str] | None) -> Rows:
    return (Row(line, Place(file, number, "line")) for number, line in _lines(stream))


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers from 1; only a newline ends one: U+2028, U+0085 stand in texts."""
    for number, line in enumerate(stream, 1):
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line and not line.isspace():
            yield number, line


def _parse_line(line: bytes, place: Place) -> Record:
    try:
        record = _parse_json(line)
    except UnicodeDecodeError as error:
        raise DatasetError(_say_not_utf8(place, error.start, line[error.start])) from error
    except ValueError as error:
        begin = line[:40].decode("utf-8", "replace").strip()
        raise DatasetError(f"{place}: not JSON, torn or cut off? {error}; the line begins {begin!r}") from error
    return _object(record, place)


def _read_json(stream: IO[bytes], file: RecordFile, columns: Sequence[str] | None) -> Rows:
    content = stream.read().removeprefix(b"\xef\xbb\xbf")
    try:
        value = _parse_json(content)
    except UnicodeDecodeError as error:
        raise DatasetError(_say_not_utf8(*_locate(file, content, error.start), content[error.start])) from error
    except ValueError as error:
        if _is_lines(content):  # hubs hold many files of JSON lines under this ending
            yield from _read_jsonl(io.BytesIO(content), file, columns)
            return
        raise DatasetError(f"{file}: not JSON, torn or cut off? {error}") from error
    for row, record in enumerate(_list_in(value, file)):
        place = Place(file, row, "row")
        yield Row(_object(record, place), place)


def _read_delimited(stream: IO[bytes], file: RecordFile, columns: Sequence[str] | None) -> Rows:
    """Cells stay text as written: "None", "007" and "0.50" mean what they say.

    Quotes are read strictly, for an unclosed one would swallow the rest of the file.
    """
    csv.field_size_limit(2**31 - 1)  # a passage may be longer than the library's 128 KiB
    try:
        with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
            yield from _read_cells(text, file, columns)
    except UnicodeDecodeError as error:
        raise DatasetError(_say_where_not_utf8(file)) from error


def _read_cells(text: Iterable[str], file: RecordFile, names: Sequence[str] | None) -> Rows:
    lines = iter(text)
    first = next(lines, "")
    # old archives hold tab-separated files without a header under the ending .csv
    is_tabbed = format_of(file.name) == ".tsv" or (names is not None and first.count("\t") == len(names) - 1 > 0)
    rows = csv.reader(chain((first,), lines), delimiter="\t" if is_tabbed else ",", strict=True)
    begin = 1
    try:
        for cells in rows:
            place, begin = Place(file, begin, "line"), rows.line_num + 1
            if not cells:
                continue
            if names is None or (place.number == 1 and set(names) <= set(cells)):  # a header row after all
                names = _header(cells, place)
                continue
            if len(cells) != len(names):
                raise DatasetError(
                    f"{place}: the row has {len(cells)} cells, but there are {len(names)} columns "
                    f"({', '.join(names)}); put cells that hold separators, quotes or line ends in quotes"
                )
            yield Row(dict(zip(names, cells, strict=True)), place)
    except csv.Error as error:
        place = Place(file, begin, "line")
        raise DatasetError(f"{place}: {error}; write a quote inside a quoted cell twice, and close all") from error


def _read_parquet(stream: IO[bytes], file: RecordFile, columns: Sequence[str] | None) -> Rows:
    import pyarrow
    import pyarrow.parquet

    is_plain = not file.member and not file.name.casefold().endswith(".gz")
    source = str(file.path) if is_plain else pyarrow.BufferReader(stream.read())
    row = 0
    try:
        with pyarrow.parquet.ParquetFile(source) as table:
            for batch in table.iter_batches(batch_size=1024, use_threads=False):
                for record in batch.to_pylist():
                    yield Row(record, Place(file, row, "row"))
                    row += 1
    except (pyarrow.ArrowException, UnicodeDecodeError) as error:
        summary = str(error).partition("\n")[0]
        raise DatasetError(f"{file} cannot be read as parquet at row {row}: {summary}. Is it whole?") from error


_READERS: Mapping[str, Callable[[IO[bytes], RecordFile, Sequence[str] | None], Rows]] = {
    ".parquet": _read_parquet,
    ".jsonl": _read_jsonl,
    ".json": _read_json,
    ".csv": _read_delimited,
    ".tsv": _read_delimited,
}


def _parse_json(content: bytes) -> Json:
    """The value of one JSON text.

    Raises:
        UnicodeDecodeError: not UTF-8.
        ValueError: not JSON.
    """
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        # the strict parser refuses NaN, which pandas and Python write; what else it refuses, this one explains better
        value = json.loads(content.decode("utf-8"))
        try:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValueError("a text holds half of a surrogate pair, which is no character") from error
        return value
    if isinstance(value, dict) and any(type(cell) is float and abs(cell) >= 2**63 for cell in value.values()):
        return json.loads(content)  # the fast parser rounds integers of more than 64 bits
    return value


def _is_lines(content: bytes) -> bool:
    """Whether the first line is a whole object by itself."""
    first = content.lstrip().partition(b"\n")[0]
    try:
        return isinstance(_parse_json(first), dict)
    except ValueError:
        return False


def _list_in(value: Json, file: RecordFile) -> Sequence[Json]:
    """The list of records that a JSON file holds: itself, or the one list of an object, or the object alone."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise DatasetError(f"{file} holds {_kind(value)}; a list of records is needed")
    lists = [
        key for key, part in value.items() if isinstance(part, list) and any(isinstance(row, dict) for row in part)
    ]
    others = [key for key, part in value.items() if key not in lists and isinstance(part, list | dict)]
    if len(lists) == 1 and not others:
        records: Sequence[Json] = value[lists[0]]
        return records
    if not lists:
        return [value]
    raise DatasetError(
        f"{file} holds an object with {', '.join(map(repr, (*lists, *others)))}; which of them are the records is "
        "unclear: keep one list of objects"
    )


def _header(cells: Sequence[str], place: Place) -> tuple[str, ...]:
    named = [cell for cell in cells if cell]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise DatasetError(
            f"{place}: the header names {', '.join(map(repr, twice))} more than once; rename one of them"
        )
    return tuple(cells)


def _object(record: Json, place: Place) -> Record:
    if not isinstance(record, dict):
        raise DatasetError(f"{place}: a record is an object {{…}}; found {_kind(record)}: {str(record)[:40]!r}")
    return record


def _kind(value: Json) -> str:
    names = {
        list: "a list",
        str: "a text",
        bool: "a truth value",
        type(None): "null",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), type(value).__name__)


def _locate(file: RecordFile, content: bytes, offset: int) -> tuple[Place, int]:
    """The line that a byte of the content stands in, and its position there, from 0."""
    line_start = content.rfind(b"\n", 0, offset) + 1
    return Place(file, content.count(b"\n", 0, offset) + 1, "line"), offset - line_start


def _say_not_utf8(place: Place, offset: int, byte: int) -> str:
    return (
        f"{place}: byte {offset + 1} of the line (0x{byte:02x}) is not UTF-8. Convert the file, for example: "
        f"iconv -f GB18030 -t UTF-8 {place.file.name}"
    )


def _say_where_not_utf8(file: RecordFile) -> str:
    """The message for a text file whose reader could not say which line is at fault."""
    with open_bytes(file) as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return _say_not_utf8(Place(file, number, "line"), error.start, line[error.start])
    return f"{file} is not UTF-8"
