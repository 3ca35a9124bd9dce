"""A finished run as it lies in its folder: reports, verdicts, and the texts of chosen samples."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from evalscope.comparison.pairs import SampleName, Scored
from evalscope.core.hidden import harmless
from evalscope.errors import ConfigError
from evalscope.runs.folder import RunFolder, file_name, open_run_folder
from evalscope.runs.reviews import is_verdict
from evalscope.runs.rows import read_rows

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrant:
    """One model's part of a run.

    Attributes:
        folder: of the run.
        model: name in reports.
        label: what it is called in a comparison; harmless wherever it is shown.
        reports: by data set, as their files hold them.
    """

    folder: RunFolder
    model: str
    label: str
    reports: Mapping[str, Json]

    def scores(self) -> dict[str, dict[SampleName, Scored]]:
        """What became of every sample that has a review, by data set."""
        values: dict[str, dict[SampleName, list[float]]] = {}
        groups: dict[tuple[str, SampleName], str] = {}
        for row in _rows(sorted((self.folder.root / "reviews" / file_name(self.model)).glob("*.jsonl"))):
            name = SampleName(row["subset"], row["sample_id"])
            found = values.setdefault(row["dataset"], {}).setdefault(name, [])
            groups[row["dataset"], name] = str(row.get("group", ""))
            if is_verdict(row) and isinstance(value := next(iter(row["scores"].values())), int | float):
                found.append(float(value))
        return {
            dataset: {
                name: Scored(values=tuple(numbers), group=groups[dataset, name]) for name, numbers in samples.items()
            }
            for dataset, samples in values.items()
        }

    def answers(self, dataset: str, wanted: Collection[SampleName]) -> dict[SampleName, "Answered"]:
        """What was asked and answered, and how that was judged, for some samples of a data set."""
        found = {name: Answered() for name in wanted}
        subsets = sorted({name.subset for name in wanted})
        for kind, path_of in (("predictions", self.folder.predictions), ("reviews", self.folder.reviews)):
            for row in _rows([path_of(self.model, dataset, subset) for subset in subsets]):
                if answered := found.get(SampleName(row["subset"], row["sample_id"])):
                    # the first: rows that the run did not call for in the end stand behind those it did
                    getattr(answered, kind).setdefault(row["repeat"], row)
        return found


@dataclass(frozen=True, slots=True)
class Answered:
    """The rows of one sample, by repeat."""

    predictions: dict[int, Json] = field(default_factory=dict)
    reviews: dict[int, Json] = field(default_factory=dict)


def read_entrants(paths: Sequence[Path]) -> tuple[Entrant, ...]:
    """The models of these runs, in the order of the runs.

    Raises:
        ConfigError: a folder is none of a run, holds no report yet, or is named twice.
    """
    found: dict[tuple[Path, str], Entrant] = {}
    for path in paths:
        folder = open_run_folder(path)
        models = [(reports[0]["model"], reports) for reports in map(_reports, folder.all_reports()) if reports]
        if not models:
            raise ConfigError(f"{path} holds no report yet; finish the run with --use-cache {path}")
        for model, reports in models:
            if (folder.root, model) in found:
                raise ConfigError(f"{path} is named twice; a run cannot be compared with itself")
            by_dataset = {report["dataset"]: report for report in reports}
            found[folder.root, model] = Entrant(folder=folder, model=model, label="", reports=by_dataset)
    return _labelled(list(found.values()))


def _labelled(entrants: Sequence[Entrant]) -> tuple[Entrant, ...]:
    """Each with the shortest kind of name that tells them all apart."""
    kinds = (
        [entrant.model for entrant in entrants],
        [entrant.folder.root.name for entrant in entrants],
        [f"{entrant.folder.root.name}/{entrant.model}" for entrant in entrants],
        [f"{entrant.folder.root}/{entrant.model}" for entrant in entrants],
    )
    labels = next(labels for labels in kinds if len(set(labels)) == len(entrants))
    return tuple(replace(entrant, label=harmless(label)) for entrant, label in zip(entrants, labels, strict=True))


def _rows(paths: Sequence[Path]) -> Iterator[Json]:
    """All rows of these files that name a sample; a file may be missing, and lines may be torn."""
    for path in paths:
        for stored in read_rows(path) if path.is_file() else ():
            names = (stored.row.get(part) for part in ("dataset", "subset", "sample_id"))
            if all(isinstance(name, str) for name in names) and isinstance(stored.row.get("repeat"), int):
                yield stored.row


def _reports(folder: Path) -> list[Json]:
    """The reports of one model; files that are none are passed over."""
    found: list[Json] = []
    for path in sorted(folder.glob("*.json")):
        try:
            value = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            continue
        if isinstance(value, dict) and value.get("rows") and {"model", "dataset", "asked"} <= value.keys():
            found.append(value)
    return found
