"""Records understood as samples: kept where they are few, else read again whenever they are asked for."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from evalscope.core.digests import DIGEST_BYTES
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.errors import ConfigError, DatasetError
from evalscope.sources.digest import digest
from evalscope.sources.records import Place, RecordFile, Row, Rows, count_lines, format_of, open_bytes, read_rows

MOST_KEPT_CHARACTERS = 2**20
"""Samples of a subset with no more text than this are kept: to read them again takes as long as to ask them."""


MADE = RecordFile(Path("(made, not read)"))
"""What stands for the file of records that a benchmark makes itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One split of one subset.

    Attributes:
        benchmark: name, for messages.
        subset: filled into every sample.
        files: in reading order; rows are counted through all of them.
        to_sample: the benchmark's own.
        has_ids: whether samples bring their ids; otherwise the row number (from 0) becomes the id.
        choices_seed: what the order of choices is drawn from; None leaves it as it is.
        columns: names of the columns of csv files without a header row.
        subset_column: only rows that name the subset in this column belong to it; empty where all rows do. Rows are
            counted among those that belong.
        read_text: the records in a text file of solved examples.
        belongs: whether a record belongs to the split; None where all do.
        needs_target: whether a record without a right answer is a fault.
        unfold: the records within one, which are counted as rows of their own; None where a row is one question.
        generate: makes the records, which no file holds; None where files do.
    """

    benchmark: str
    subset: str
    files: tuple[RecordFile, ...]
    to_sample: Callable[[Record], Sample]
    has_ids: bool
    choices_seed: int | None = None
    columns: tuple[str, ...] = ()
    subset_column: str = ""
    read_text: Callable[[str], Iterable[Record]] | None = None
    belongs: Callable[[Record], bool] | None = None
    needs_target: bool = True
    unfold: Callable[[Record], Iterable[Record]] | None = None
    generate: Callable[[], Iterable[Record]] | None = None

    def rows(self) -> Rows:
        """Every record where it stands."""
        belongs = self.belongs
        rows = self._all_rows() if self.unfold is None else _unfolded(self._all_rows(), self.unfold)
        return rows if belongs is None else (row for row in rows if belongs(row.record))

    def _all_rows(self) -> Rows:
        if self.generate is not None:
            yield from (Row(record, Place(MADE, number, "row")) for number, record in enumerate(self.generate()))
            return
        if self.subset_column:
            yield from rows_by(self.subset_column, self.files, self.columns).get(self.subset, ())
            return
        for file in self.files:
            if file.name.endswith(".txt") and self.read_text is not None:
                yield from _read_examples(file, self.read_text)
            else:
                yield from read_rows(file, self.columns or None)

    @property
    def is_lines(self) -> bool:
        """Whether all rows are lines of JSON, which can be counted without being parsed."""
        return (
            not self.subset_column
            and self.belongs is None
            and self.unfold is None
            and all(format_of(file.name) == ".jsonl" for file in self.files)
        )

    def count(self) -> int:
        """How many rows there are."""
        return sum(map(count_lines, self.files)) if self.is_lines else sum(1 for _ in self.rows())

    def read(self) -> Iterator[tuple[Sample, Place]]:
        """Every sample with the place of its record.

        Raises:
            DatasetError: a record cannot be read or is not what the benchmark expects.
            ConfigError: choices are to be shuffled, and there are none.
        """
        for number, row in enumerate(self.rows()):
            yield self.understand(row, number), row.place

    def pick(self, numbers: Sequence[int]) -> Iterator[Sample]:
        """The samples of the rows of these numbers, in that order; only these are understood, and kept."""
        wanted = frozenset(numbers)
        last = max(numbers, default=-1)
        found = {
            number: self.understand(row, number)
            for number, row in enumerate(islice(self.rows(), last + 1))
            if number in wanted
        }
        yield from (found[number] for number in numbers if number in found)

    def understand(self, row: Row, number: int) -> Sample:
        """The sample of one row.

        Raises:
            DatasetError, ConfigError: as read.
        """
        record, place = row.record, row.place
        try:
            sample = self.to_sample(_Columns(record))
        except _ColumnMissing as error:
            raise DatasetError(
                f"{place}: column {error.args[0]!r} is missing; the record has {_outline(record)}"
            ) from error
        except ValueError as error:
            raise DatasetError(f"{place}: {error}") from error
        except (LookupError, TypeError, AttributeError) as error:
            raise DatasetError(
                f"{place}: not a record as {self.benchmark} expects it ({type(error).__name__}: {error}); "
                f"it has {_outline(record)}"
            ) from error
        except DatasetError as error:
            raise DatasetError(f"{place}: {error}") from error
        if self.needs_target and not sample.targets:
            raise DatasetError(
                f"{place}: there is no right answer in the record, and only a judge can grade without one "
                "(--judge-strategy llm)"
            )
        sample = replace(sample, subset=self.subset, id=sample.id if self.has_ids else str(number))
        return sample if self.choices_seed is None else shuffle_choices(sample, self.choices_seed, place)


def _unfolded(rows: Rows, unfold: Callable[[Record], Iterable[Record]]) -> Rows:
    """The rows within rows.

    Raises:
        DatasetError: a row is not one that holds others.
    """
    for row in rows:
        try:
            yield from [Row(record, row.place) for record in unfold(_Columns(row.record))]
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise DatasetError(
                f"{row.place}: no row of questions ({type(error).__name__}: {error}); it has {_outline(row.record)}"
            ) from error


def _read_examples(file: RecordFile, read_text: Callable[[str], Iterable[Record]]) -> Rows:
    """The records in a text of solved examples.

    Raises:
        DatasetError: the text is not what the benchmark expects.
    """
    try:
        with open_bytes(file) as stream:
            records = tuple(read_text(stream.read().decode("utf-8-sig")))
    except (ValueError, OSError) as error:
        raise DatasetError(f"{file}: {error}") from error
    yield from (Row(record, Place(file, number, "row")) for number, record in enumerate(records))


def rows_by(column: str, files: tuple[RecordFile, ...], columns: tuple[str, ...]) -> Mapping[str, Sequence[Row]]:
    """The rows of files by the text in one column; kept, for the next subset is read from the same files.

    Raises:
        DatasetError: a record lacks the column.
    """
    stamps = tuple((file.path.stat().st_mtime_ns, file.path.stat().st_size) for file in files)
    return _rows_by(column, files, columns, stamps)


@lru_cache(maxsize=2)  # the split that is asked, and the one that examples come from
def _rows_by(
    column: str, files: tuple[RecordFile, ...], columns: tuple[str, ...], stamps: tuple[tuple[int, int], ...]
) -> Mapping[str, Sequence[Row]]:
    found: dict[str, list[Row]] = {}
    for file in files:
        for row in read_rows(file, columns or None):
            record = row.record  # parsed once, and kept
            if column not in record:
                raise DatasetError(f"{row.place}: column {column!r} is missing; the record has {_outline(record)}")
            found.setdefault(str(record[column]), []).append(Row(record, row.place))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """The samples to ask; every loop over them reads the files again, unless the split is small enough to be kept.

    Attributes:
        reader: of their split.
        rows: which, in the order of asking; a range stands for the first ones, which are read one by one.
        kept: those that the checking pass has kept, in file order.
    """

    reader: Reader
    rows: range | tuple[int, ...]
    kept: tuple[Sample, ...] = ()

    def __iter__(self) -> Iterator[Sample]:
        count = 0
        for sample in self._samples():
            yield sample
            count += 1
        if count != len(self):
            raise DatasetError(
                f"{say_files(self.reader.files)} held {len(self)} samples to ask, and now {count}; "
                "leave data alone while it is evaluated"
            )

    def __len__(self) -> int:
        return len(self.rows)

    def _samples(self) -> Iterator[Sample]:
        if self.kept:
            return (self.kept[row] for row in self.rows)
        if isinstance(self.rows, range):
            return (sample for sample, _ in islice(self.reader.read(), len(self.rows)))
        return self.reader.pick(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the checking pass found.

    Attributes:
        num: samples read.
        num_records: in the whole split; None where they were not counted.
        digests: DIGEST_BYTES for each sample, in file order.
        has_targets: whether every sample has a right answer.
        kept: all samples, where they are few and short; else none.
    """

    num: int
    num_records: int | None
    digests: bytes
    has_targets: bool = True
    kept: tuple[Sample, ...] = ()

    def of_rows(self, rows: Sequence[int]) -> bytes:
        """The digests of some rows, in file order whatever the order given."""
        if len(rows) == self.num:
            return self.digests
        return b"".join(self.digests[row * DIGEST_BYTES : (row + 1) * DIGEST_BYTES] for row in sorted(rows))


def check(reader: Reader, most: int | None, *, counts_rest: bool = False) -> Checked:
    """Reads a split once, so that every fault of its data is found before anything is asked.

    Args:
        reader: of the split.
        most: where to stop; None reads to the end.
        counts_rest: whether those behind it are counted, though not understood, where that takes no parsing.

    Raises:
        DatasetError: a record is not what the benchmark expects, an id is empty or repeated, or there is no record.
    """
    digests = bytearray()
    ids: set[str] = set()
    num, has_targets = 0, True
    kept: list[Sample] = []
    num_characters = 0
    for num, row in enumerate(islice(reader.rows(), most), 1):
        sample = reader.understand(row, num - 1)
        if reader.has_ids:
            if not sample.id or sample.id in ids:
                raise DatasetError(_say_bad_id(reader, sample.id, row.place))
            ids.add(sample.id)
        digests += digest(sample, row.place, has_id=reader.has_ids)
        has_targets &= bool(sample.targets)
        num_characters += _num_characters(sample)
        if num_characters <= MOST_KEPT_CHARACTERS:
            kept.append(sample)
        else:
            kept.clear()
    if not num:
        raise DatasetError(f"{reader.benchmark}: {say_files(reader.files)} holds no record; a split cannot be empty")
    num_records: int | None = num
    if num == most:
        num_records = reader.count() if counts_rest and reader.is_lines else None
    return Checked(
        num=num,
        num_records=num_records,
        digests=bytes(digests),
        has_targets=has_targets,
        kept=tuple(kept) if len(kept) == num else (),
    )


def _num_characters(sample: Sample) -> int:
    """The text that a kept sample takes: its question, and what its scorer needs, which may be the larger part."""
    facts = [fact if isinstance(fact, tuple) else (fact,) for fact in sample.metadata.values()]
    return len(sample.question) + sum(len(text) for fact in facts for text in fact if isinstance(text, str))


def shuffle_choices(sample: Sample, seed: int, place: Place) -> Sample:
    """The sample with its choices in an order drawn from (seed, subset, id); the target letters go along.

    A target of several letters, all of which are right together, has them in their order again: "AC".

    Raises:
        ConfigError: it has no choices, or its target is no letter of them.
    """
    if not sample.choices:
        raise ConfigError(f"{place}: shuffle_choices is set, but the sample has no choices to shuffle; remove it")
    strange = [target for target in sample.targets if not target or not set(target) <= set(sample.letters)]
    if strange:
        raise ConfigError(
            f"{place}: shuffle_choices needs targets among {sample.letters}, and found {strange[0]!r}; remove it"
        )
    order = list(range(len(sample.choices)))
    random.Random(f"{seed}/{sample.subset}/{sample.id}").shuffle(order)
    moved = {LETTERS[old]: LETTERS[new] for new, old in enumerate(order)}
    targets = tuple("".join(sorted(moved[letter] for letter in target)) for target in sample.targets)
    return replace(
        sample,
        choices=tuple(sample.choices[old] for old in order),
        target=targets[0] if isinstance(sample.target, str) else targets,
    )


def say_files(files: Sequence[RecordFile]) -> str:
    """The files by name; of many, the first and how many there are."""
    return ", ".join(map(str, files)) if len(files) <= 4 else f"{files[0]} and {len(files) - 1} files more"


class _ColumnMissing(KeyError):
    """The record itself, not something inside it, lacks a key."""


class _Columns(dict[str, Any]):
    """A record that says which column is missing."""

    def __missing__(self, name: str) -> NoReturn:
        raise _ColumnMissing(name)


def _outline(record: Record) -> str:
    """The names of a record's columns, and of the fields inside them."""
    return ", ".join(
        f"{name} {{{', '.join(map(str, cell))}}}" if isinstance(cell, dict) else str(name)
        for name, cell in record.items()
    )


def _say_bad_id(reader: Reader, sample_id: str, place: Place) -> str:
    if not sample_id:
        return f"{place}: the id is empty; {reader.benchmark} needs one in every record"
    first = next(other for sample, other in reader.read() if sample.id == sample_id)
    return f"{place}: id {sample_id!r} stands at {first} already; ids are unique in a subset, so remove one"
