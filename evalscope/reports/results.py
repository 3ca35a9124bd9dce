"""The report of one data set as pages need it, whatever version wrote its file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalscope.core.report import MEAN_OF_SUBSETS, OVERALL, SCHEMA_VERSION
from evalscope.runs.lenient import count_of, list_of, mapping_of, number_of, read_json, text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table; numbers that are not there are None."""

    metric: str
    subset: str
    categories: tuple[str, ...]
    num: int
    score: float | None
    ci_low: float | None
    ci_high: float | None
    interval: str
    failed: int
    unparsed: int
    cut_off: int

    @property
    def is_of_subset(self) -> bool:
        """Whether it is about one subset, and not about a category or all of them."""
        return self.subset not in {OVERALL, MEAN_OF_SUBSETS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one data set's report says.

    Attributes:
        folder: name of the folders that hold the model's files.
        model: name in reports.
        dataset: its name.
        lines: the table.
        outcomes: how many samples ended in each class.
        missing: samples without an answer.
        asked: how it was asked.
        usage: tokens.
        timing: seconds.
        bounds: of the score were all failures wrong or right; empty where there are none.
        judged: by whom.
        fingerprint: of the data.
        config_digest: of the settings.
        versions: of the packages that matter.
        schema_version: of the file; None where it says none.
    """

    folder: str
    model: str
    dataset: str
    lines: tuple[Line, ...]
    outcomes: Mapping[str, int]
    missing: int
    asked: Mapping[str, Any]
    usage: Mapping[str, Any]
    timing: Mapping[str, Any]
    bounds: Mapping[str, Any]
    judged: Mapping[str, Any]
    fingerprint: str
    config_digest: str
    versions: Mapping[str, str]
    schema_version: int | None

    @property
    def headline(self) -> Line | None:
        """The line of the first metric over all samples."""
        if not self.lines:
            return None
        own = [line for line in self.lines if line.metric == self.lines[0].metric]
        return next((line for line in own if line.subset == OVERALL and not line.categories), own[0])

    @property
    def weights(self) -> Mapping[str, float]:
        """Of the data sets that a collection is made of, whose samples are its own; empty for a data set."""
        written = {text_of(name): number_of(weight) for name, weight in mapping_of(self.asked.get("weights")).items()}
        return {name: weight for name, weight in written.items() if weight is not None}

    @property
    def is_known(self) -> bool:
        """Whether the file has the form that this version writes."""
        return self.schema_version == SCHEMA_VERSION

    def subset_lines(self) -> tuple[Line, ...]:
        """The lines of the first metric about one subset each."""
        return tuple(line for line in self.lines if line.is_of_subset and line.metric == self.lines[0].metric)


def titled(results: Iterable[Result]) -> dict[str, Result]:
    """The reports of a run by what a reader calls them: the data set, and the model where there are several."""
    found = tuple(results)
    has_several = len({result.folder for result in found}) > 1
    return {f"{one.dataset} · {one.model}" if has_several else one.dataset: one for one in found}


def read_result(path: Path) -> Result | None:
    """The report in a file; None where it holds none.

    Raises:
        OSError: the file cannot be read.
    """
    report = read_json(path.read_bytes())
    return _result(report, path) if isinstance(report, dict) and isinstance(report.get("rows"), list) else None


def _result(report: Mapping[str, Any], path: Path) -> Result:
    outcomes = {text_of(name): count_of(num) or 0 for name, num in mapping_of(report.get("outcomes")).items()}
    return Result(
        folder=path.parent.name,
        model=text_of(report.get("model")) or path.parent.name,
        dataset=text_of(report.get("dataset")) or path.stem,
        lines=tuple(_line(row) for row in report["rows"] if isinstance(row, dict)),
        outcomes=outcomes,
        missing=count_of(report.get("missing")) or 0,
        asked=mapping_of(report.get("asked")),
        usage=mapping_of(report.get("usage")),
        timing=mapping_of(report.get("timing")),
        bounds=mapping_of(report.get("bounds")),
        judged=mapping_of(report.get("judged")),
        fingerprint=text_of(report.get("data_fingerprint")),
        config_digest=text_of(report.get("config_digest")),
        versions={text_of(name): text_of(value) for name, value in mapping_of(report.get("versions")).items()},
        schema_version=count_of(report.get("schema_version")),
    )


def _line(row: Mapping[str, Any]) -> Line:
    return Line(
        metric=text_of(row.get("metric")),
        subset=text_of(row.get("subset")),
        categories=tuple(text_of(name) for name in list_of(row.get("categories")) if name != "default"),
        num=count_of(row.get("num")) or 0,
        score=number_of(row.get("score")),
        ci_low=number_of(row.get("ci_low")),
        ci_high=number_of(row.get("ci_high")),
        interval=text_of(row.get("interval")),
        failed=count_of(row.get("failed")) or 0,
        unparsed=count_of(row.get("unparsed")) or 0,
        cut_off=count_of(row.get("cut_off")) or 0,
    )
