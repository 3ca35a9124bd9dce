"""One run at a glance: whose it is, when it began, whether it goes on, and what came out."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evalscope.app.outputs import NotThere, Outputs
from evalscope.app.results import read_results
from evalscope.reports.results import Result
from evalscope.runs.folder import RunFolder, file_name
from evalscope.runs.lenient import mapping_of, text_of

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
        names: of its models in reports, by the names of the folders that hold their files.
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
    names: Mapping[str, str]
    datasets: tuple[str, ...]
    started: str
    is_live: bool
    results: tuple[Result, ...]
    unreadable: tuple[str, ...]
    config: str
    row_bytes: int

    @property
    def models(self) -> tuple[str, ...]:
        """The names of its models in reports."""
        return tuple(self.names.values())

    @property
    def parts(self) -> tuple["Part", ...]:
        """What each model left, in the order of names; one nameless part where no model is known yet."""
        return tuple(Part(self, folder) for folder in self.names or ("",))


@dataclass(frozen=True, slots=True)
class Part:
    """What one model left in a run.

    Attributes:
        run: the run.
        folder: name of the folders that hold the model's files.
    """

    run: Overview
    folder: str

    @property
    def name(self) -> str:
        """Its name in addresses: that of the run, and of the model's folder where there are several."""
        return f"{self.run.name}@{self.folder}" if len(self.run.names) > 1 else self.run.name

    @property
    def model(self) -> str:
        """The model's name in reports; empty where it is not known yet."""
        return self.run.names.get(self.folder, "")

    @property
    def results(self) -> tuple[Result, ...]:
        """Its reports."""
        return tuple(one for one in self.run.results if one.folder == self.folder)

    def result(self, dataset: str) -> Result | None:
        """The report of a data set, where there is one."""
        return next((one for one in self.results if one.dataset == dataset), None)


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

    def parts(self, name: str) -> tuple[Part, ...]:
        """What an address means by a name: all models of the run, or the one whose folder stands behind an @.

        Raises:
            NotThere: there is none.
        """
        try:
            return self.of(name).parts
        except NotThere:
            runs = (run for run in self.outputs.names() if name.startswith(f"{run}@"))
            own = tuple(part for run in runs for part in self.of(run).parts if part.name == name)
            if not own:
                raise
            return own


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
    named = text_of(asking.get("name in reports"))
    datasets = {one.dataset for one in results} | {text_of(one) for one in mapping_of(asking.get("datasets"))}
    return Overview(
        name=name,
        folder=folder,
        names=_names(folder, results, named),
        datasets=tuple(sorted(datasets)),
        started=text_of(record.get("started")) or _time_of(folder.root),
        is_live=is_live,
        results=results,
        unreadable=tuple(path.relative_to(folder.root).as_posix() for path in unreadable),
        config=config,
        row_bytes=state.row_bytes,
    )


def _names(folder: RunFolder, results: Sequence[Result], named: str) -> dict[str, str]:
    """The models by folder: those with reports, and those that have rows alone so far.

    Args:
        folder: of the run.
        results: its reports.
        named: the model that its record names; empty for none.
    """
    found = {file_name(named): named} if named else {}
    rows = (path for part in ("predictions", "reviews") for path in (folder.root / part).glob("*"))
    with_rows = {path.name for path in rows if path.is_dir()}
    found = {name: found.get(name, name) for name in with_rows} or found
    found |= {one.folder: one.model for one in results}
    return dict(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))


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
