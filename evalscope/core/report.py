"""The numbers that a run ends with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SCHEMA_VERSION = 1

OVERALL = "OVERALL"
"""The subset name of the row over all samples of a data set."""

MEAN_OF_SUBSETS = "MEAN OF SUBSETS"
"""The subset name of the row in which every subset weighs the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its doubt.

    Attributes:
        value: the estimate; nan where nothing was scored.
        stderr: its standard error; nan where it cannot be known.
        ci_low: lower end of the 95 % interval; nan likewise.
        ci_high: upper end.
        num: samples it rests on.
    """

    value: float
    stderr: float
    ci_low: float
    ci_high: float
    num: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One line of the table.

    Attributes:
        metric: display name.
        subset: the data's own name, or OVERALL, or MEAN OF SUBSETS.
        categories: from the widest to the narrowest, such as ("STEM",); ("default",) where the data set has none.
        num: scored samples.
        score: the estimate; nan (null in files) where nothing was scored.
        stderr: its standard error.
        ci_low: lower end of the 95 % interval.
        ci_high: upper end.
        failed: samples without a score: request, scoring or judge failed, or the service refused.
        unparsed: scored samples in whose answer nothing was found, though it was complete.
        cut_off: scored samples in whose answer nothing was found because the limit on tokens ended it.
    """

    metric: str
    subset: str
    categories: tuple[str, ...]
    num: int
    score: float
    stderr: float
    ci_low: float
    ci_high: float
    failed: int = 0
    unparsed: int = 0
    cut_off: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one data set's run ends with; the JSON file holds the same names.

    Attributes:
        model: name in reports.
        dataset: the benchmark's name.
        score: that of the first metric's overall row.
        num: scored samples of that row.
        rows: the table.
        outcomes: how many samples ended in each class; classes without samples are left out.
        missing: samples without an answer: none among those made elsewhere, or not asked for want of budget.
        asked: how it was asked: few_shot_num, template digest, generation settings, notes.
        usage: input_tokens, output_tokens, truncated (answers that the limit on tokens ended, answer found or not).
        timing: seconds and requests; may differ between two runs that are otherwise equal.
        config_digest: of everything that decides prompts and answers.
        data_fingerprint: of the samples and examples used.
        judged: by whom, in which way and at what cost in tokens answers were judged; empty where no judge was asked.
        versions: of the packages that matter.
        schema_version: of this form.
    """

    model: str
    dataset: str
    score: float
    num: int
    rows: tuple[ReportRow, ...]
    outcomes: Mapping[str, int]
    missing: int
    asked: Mapping[str, Any]
    usage: Mapping[str, int]
    timing: Mapping[str, Any]
    config_digest: str
    data_fingerprint: str
    judged: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION
