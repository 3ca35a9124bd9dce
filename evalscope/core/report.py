"""The numbers that a run ends with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1

OVERALL = "OVERALL"
"""The subset name of the row over all samples of a data set."""

MEAN_OF_SUBSETS = "MEAN OF SUBSETS"
"""The subset name of the row in which every subset weighs the same."""


class Interval(StrEnum):
    """How a 95 % interval was found; "grouped" where samples of one group have errors that go together."""

    WILSON = "wilson"
    WILSON_GROUPED = "wilson, grouped"
    T = "t"
    T_GROUPED = "t, grouped"
    BOOTSTRAP = "bootstrap"
    BOOTSTRAP_GROUPED = "bootstrap, grouped"
    OF_SUBSETS = "of subsets"  # put together from the intervals of subsets
    OTHER = ""  # the metric's own way, or there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its doubt.

    Attributes:
        value: the estimate; nan where nothing was scored.
        stderr: its standard error; nan where it cannot be known.
        ci_low: lower end of the 95 % interval; nan likewise.
        ci_high: upper end.
        num: samples it rests on.
        interval: how the interval was found.
        num_groups: groups that these samples come in, those on their own counted; 0 where all are on their own.
    """

    value: float
    stderr: float
    ci_low: float
    ci_high: float
    num: int
    interval: Interval = Interval.OTHER
    num_groups: int = 0


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
        interval: how the interval was found.
        num_groups: groups that the scored samples come in; 0 where all are on their own.
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
    interval: Interval = Interval.OTHER
    num_groups: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What the score would be if nothing had failed.

    Attributes:
        low: were all failures wrong.
        high: were all failures right.
    """

    low: float
    high: float


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
        data_fingerprint: of the records used, examples included: the same for the same records in any file.
        data_origin: hub, id and revision where the data came from a hub, else the name of the local path.
        model_origin: hub, id and revision where the model came from a hub; empty elsewhere.
        bounds: of the score; None where it is no number between 0 and 1, or nothing was scored.
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
    data_origin: Mapping[str, str] = field(default_factory=dict)
    model_origin: Mapping[str, str] = field(default_factory=dict)
    bounds: Bounds | None = None
    judged: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION
