"""One run at a glance: whose it is, when it began, whether it goes on, and what came out."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evalscope.app.lines import mapping_of, text_of
from evalscope.app.outputs import NotThere, Outputs
from evalscope.app.results import Result, read_results
from evalscope.runs.folder import RunFolder

STILL_WARM_S = 20.0
"""A run whose rows changed so lately is taken to go on where the system does not tell who holds its lock."""

MOST_CONFIG = 1 << 20
"""A longer record is not read, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One run.

    Attributes:
        name: its path below the outputs folder.
        folder: where it lies.
        models: names in reports.
        datasets: those it has reports or rows of, as far as is known.
        started: ISO date and time; empty where nothing tells.
        is_live: whether somebody is writing to it.
        results: its reports.
        unreadable: names of report files that are none.
        config: its record, as text.
        row_bytes: of its prediction and review files.
    """

    name: str
    folder: RunFolder
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    started: str
    is_live: bool
    results: tuple[Result, ...]
    unreadable: tuple[str, ...]
    config: str
    row_bytes: int

    def result(self, dataset: str, model: str | None = None) -> Result | None:
        """The report of a data set, where there is one."""
        own = (one for one in self.results if one.dataset == dataset and model in {None, one.model})
        return next(own, None)


class Overviews:
    """Overviews of runs, read again only where files changed."""

    def __init__(self, outputs: Outputs) -> None:
        """Knows no run yet."""
        self.outputs = outputs
        self._known: dict[str, tuple[object, Overview]] = {}

    def all(self) -> tuple[Overview, ...]:
        """Every run, the latest first."""
        found = []
        for name in self.outputs.names():
            try:
                found.append(self.of(name))
            except (NotThere, OSError):
                continue  # gone since the folder was looked through
        return tuple(sorted(found, key=lambda run: (run.started, run.name), reverse=True))

    def of(self, name: str) -> Overview:
        """One run.

        Raises:
            NotThere: there is none of that name.
        """
        folder = self.outputs.run(name)
        state = _state_of(self.outputs, folder)
        is_live = is_written(folder, newest=state.newest)
        held = self._known.get(name)
        if held is None or held[0] != (state, is_live):
            held = ((state, is_live), _read(self.outputs, folder, name, state, is_live=is_live))
            self._known[name] = held
        return held[1]


@dataclass(frozen=True, slots=True)
class _State:
    """What changes when a run does."""

    files: tuple[tuple[str, int, int], ...]
    row_bytes: int
    newest: float


def _state_of(outputs: Outputs, folder: RunFolder) -> _State:
    files: list[tuple[str, int, int]] = []
    row_bytes, newest = 0, 0.0
    for part, pattern in (("configs", "*.yaml"), ("reports", "*/*.json"), ("predictions", "*/*.jsonl")):
        for path in outputs.files(folder.root / part, pattern):
            found = path.stat()
            is_of_rows = part == "predictions"
            files.append((str(path), 0 if is_of_rows else found.st_mtime_ns, 0 if is_of_rows else found.st_size))
            row_bytes += found.st_size if is_of_rows else 0
            newest = max(newest, found.st_mtime) if is_of_rows else newest
    for path in outputs.files(folder.root / "reviews", "*/*.jsonl"):
        row_bytes += path.stat().st_size
    return _State(tuple(files), row_bytes, newest)


def _read(outputs: Outputs, folder: RunFolder, name: str, state: _State, *, is_live: bool) -> Overview:
    results, unreadable = read_results(outputs, folder)
    config = _config_text(outputs, folder)
    record = _record(config)
    asking = mapping_of(record.get("asking"))
    models = {one.model for one in results} | {path.name for path in _models_with_rows(folder)}
    named = text_of(asking.get("name in reports"))
    datasets = {one.dataset for one in results} | {text_of(one) for one in mapping_of(asking.get("datasets"))}
    return Overview(
        name=name,
        folder=folder,
        models=tuple(sorted(models)) or ((named,) if named else ()),
        datasets=tuple(sorted(datasets)),
        started=text_of(record.get("started")) or _time_of(folder.root),
        is_live=is_live,
        results=results,
        unreadable=tuple(path.relative_to(folder.root).as_posix() for path in unreadable),
        config=config,
        row_bytes=state.row_bytes,
    )


def _models_with_rows(folder: RunFolder) -> list[Path]:
    """The folders of models that have rows but perhaps no report yet."""
    reported = {path.name for path in folder.all_reports()}
    return [path for path in (folder.root / "reviews").glob("*") if path.is_dir() and path.name not in reported]


def _config_text(outputs: Outputs, folder: RunFolder) -> str:
    try:
        path = outputs.file(folder.task_config)
        with path.open("rb") as file:
            return text_of(file.read(MOST_CONFIG).decode("utf-8", "replace"))
    except (OSError, NotThere):
        return ""


def _record(text: str) -> Mapping[str, Any]:
    try:
        return mapping_of(yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}


def _time_of(path: Path) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(path.stat().st_mtime))


def is_written(folder: RunFolder, *, newest: float) -> bool:
    """Whether a process writes to the run: it holds the lock, or rows have come in the last seconds.

    The lock is never tried, for that could keep a run that starts at this moment from getting it.

    Args:
        folder: of the run.
        newest: when a row was last written, in seconds since 1970.
    """
    try:
        inode = (folder.root / ".lock").stat().st_ino
        locks = Path("/proc/locks").read_text(encoding="ascii")
    except OSError:
        return time.time() - newest < STILL_WARM_S
    held = {line.split()[-3].rpartition(":")[2] for line in locks.splitlines() if " FLOCK " in line}
    return str(inode) in held
