"""What a run must hold to pass: no significant loss, no score below a floor."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalscope.comparison.compare import Comparison
from evalscope.comparison.read import Entrant
from evalscope.comparison.words import chance, interval, number
from evalscope.errors import ConfigError, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked.

    Attributes:
        suite: what it is about: the runs, by their labels.
        name: of the check.
        is_passed: whether it holds.
        found: what was found, in words.
    """

    suite: str
    name: str
    is_passed: bool
    found: str


def checks_of_losses(comparisons: Sequence[Comparison], *, fails: bool, by: float) -> Iterator[Check]:
    """One check a later run and data set.

    Args:
        comparisons: with the first run.
        fails: whether a significant loss fails; otherwise all pass, and tell what was found.
        by: smaller losses pass.
    """
    for comparison in comparisons:
        for one in comparison.datasets:
            found = one.difference
            said = (
                f"{number(found.first)} → {number(found.later)}, difference {number(found.value, sign=True)} "
                f"({interval(found)}), p {chance(found.p)}, adjusted {chance(one.p_holm)}, {found.test}"
            )
            suite = f"{comparison.later} against {comparison.first}"
            yield Check(suite=suite, name=one.dataset, is_passed=not (fails and one.is_worse(by)), found=said)


def checks_of_floors(
    entrants: Sequence[Entrant], floors: Mapping[str, float], known: Collection[str]
) -> Iterator[Check]:
    """One check a run and data set that has a floor; a run without that data set, or without a score, is below it.

    Args:
        entrants: that are checked.
        floors: by data set.
        known: all data sets, those of the baseline included.

    Raises:
        ConfigError: no data set has that name.
    """
    for dataset, floor in floors.items():
        if dataset not in known:
            raise ConfigError(f"--min-score names {dataset!r}, which no run has; {nearest(dataset, known)}")
        for entrant in entrants:
            score = entrant.reports.get(dataset, {}).get("score")
            is_passed = score is not None and score >= floor
            said = f"score {number(math.nan if score is None else score)}, at least {floor:g} wanted"
            yield Check(suite=entrant.label, name=f"{dataset} at least {floor:g}", is_passed=is_passed, found=said)
