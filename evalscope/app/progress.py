"""How far a run that is being written has come."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from evalscope.app.joined import files_of
from evalscope.app.outputs import Outputs
from evalscope.app.overview import Overview
from evalscope.errors import EvalscopeError
from evalscope.registry import benchmark_names, find_benchmark
from evalscope.runs.lenient import count_of, list_of, mapping_of, number_of, read_line, text_of

BLOCK = 1 << 20

MOST_OF_A_ROW = 16 << 20


class LineCounts:
    """Whole lines of files that grow; only what came since the last time is read."""

    def __init__(self) -> None:
        """Has read nothing yet."""
        self._known: dict[Path, tuple[int, int, int]] = {}
        self._datasets: dict[Path, str] = {}

    def dataset(self, path: Path) -> str:
        """The data set of the file's first row; empty while it has none."""
        if not self._datasets.get(path):
            with path.open("rb") as file:
                row = read_line(file.readline(MOST_OF_A_ROW)) or {}
            self._datasets[path] = text_of(row.get("dataset"))
        return self._datasets[path]

    def count(self, path: Path) -> int:
        """The number of lines in the file by now."""
        found = path.stat()
        inode, size, lines = self._known.get(path, (found.st_ino, 0, 0))
        if inode != found.st_ino or found.st_size < size:
            size = lines = 0  # the file was replaced
        with path.open("rb") as file:
            file.seek(size)
            while block := file.read(BLOCK):
                lines += block.count(b"\n")
                size += len(block)
        self._known[path] = (found.st_ino, size, lines)
        return lines


class Progress(NamedTuple):
    """How far one data set has come.

    Attributes:
        dataset: its name.
        scored: answers that have a review by now.
        expected: answers that there will be, by the run's record and the data set's official size; None where unknown.
    """

    dataset: str
    scored: int
    expected: int | None


def progress_of(outputs: Outputs, run: Overview, counts: LineCounts) -> tuple[Progress, ...]:
    """Every data set that the run asks, in the order of its record; those that have rows and are not named behind."""
    scored: Counter[str] = Counter()
    for files in files_of(outputs, run.folder):
        if files.reviews:
            scored[counts.dataset(files.reviews)] += counts.count(files.reviews)
    expected = _expected(run)
    return tuple(
        Progress(name, scored[name], expected.get(name)) for name in {**expected, **scored} if name or scored[name]
    )


def num_expected(parts: Sequence[Progress]) -> int | None:
    """The answers that a run will have; None where that is not known of every data set."""
    sizes = [part.expected for part in parts if part.expected is not None]
    return sum(sizes) if sizes and len(sizes) == len(parts) else None


def _expected(run: Overview) -> dict[str, int | None]:
    """By data set; None where it is unknown."""
    try:
        record = mapping_of(yaml.load(run.config, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    task = mapping_of(record.get("task"))
    repeats = count_of(task.get("repeats")) or 1
    names = map(text_of, mapping_of(mapping_of(record.get("asking")).get("datasets")))
    return {name: None if (size := _size(name, task)) is None else size * repeats for name in names}


def _size(name: str, task: Mapping[str, Any]) -> int | None:
    """The samples of one data set, where its benchmark is installed; a file that a record names is never loaded."""
    if name not in benchmark_names():
        return None
    try:
        source = find_benchmark(name).source
    except EvalscopeError:
        return None
    own = mapping_of(mapping_of(task.get("dataset_args")).get(name))
    subsets = list_of(own.get("subset_list")) or source.asked_subsets or source.subsets
    limit = number_of(own.get("limit", task.get("limit")))
    sizes = [source.num_records.get(text_of(subset)) for subset in subsets]
    if not sizes or None in sizes:
        return None
    return sum(_limited(size or 0, limit) for size in sizes)


def _limited(size: int, limit: float | None) -> int:
    if limit is None:
        return size
    return min(size, int(limit)) if limit >= 1 else int(size * limit)
