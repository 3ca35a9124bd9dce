"""How far a run that is being written has come."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from evalscope.app.joined import files_of
from evalscope.app.lines import count_of, list_of, mapping_of, number_of, text_of
from evalscope.app.outputs import Outputs
from evalscope.app.overview import Overview
from evalscope.errors import EvalscopeError
from evalscope.registry import benchmark_names, find_benchmark

BLOCK = 1 << 20


class LineCounts:
    """Whole lines of files that grow; only what came since the last time is read."""

    def __init__(self) -> None:
        """Has read nothing yet."""
        self._known: dict[Path, tuple[int, int, int]] = {}

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


def num_scored(outputs: Outputs, run: Overview, counts: LineCounts) -> int:
    """The answers that have a review by now."""
    return sum(counts.count(files.reviews) for files in files_of(outputs, run.folder) if files.reviews)


def num_expected(run: Overview) -> int | None:
    """The answers that the run will have, by its record and the official sizes of its data sets; None where unknown."""
    try:
        record = mapping_of(yaml.load(run.config, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    task = mapping_of(record.get("task"))
    asked = mapping_of(mapping_of(record.get("asking")).get("datasets"))
    sizes = [_size(text_of(name), task) for name in asked]
    if not sizes or None in sizes:
        return None
    return sum(size or 0 for size in sizes) * (count_of(task.get("repeats")) or 1)


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
