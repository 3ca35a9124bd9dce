"""Runs compared with the first of them: differences, and the samples that came out otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evalscope.comparison.comparable import what_differs, what_else_differs
from evalscope.comparison.difference import FEW_PAIRS, Difference, Method, paired_difference, unpaired_difference
from evalscope.comparison.flips import Flip, flip_of
from evalscope.comparison.holm import holm
from evalscope.comparison.pairs import (
    NONE_UNPAIRED,
    Paired,
    SampleName,
    Scored,
    Unpaired,
    are_alike,
    pair_samples,
    within,
)
from evalscope.comparison.read import Entrant, Json
from evalscope.comparison.weighted import weighted_difference
from evalscope.core.hidden import harmless
from evalscope.core.report import OVERALL
from evalscope.errors import ConfigError

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One data set of two runs.

    Attributes:
        dataset: its name; OVERALL for all samples of all data sets.
        difference: of the first value of scores.
        p_holm: p adjusted for the number of data sets.
        differs: why its samples are not compared one by one; empty where they are.
        notes: what a reader should know.
        unpaired: samples that were not compared.
        gained: samples on which the later run is better, the largest differences first.
        lost: samples on which it is worse, likewise.
    """

    dataset: str
    difference: Difference
    p_holm: float
    differs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unpaired: Unpaired = NONE_UNPAIRED
    gained: tuple[Flip, ...] = ()
    lost: tuple[Flip, ...] = ()

    def is_worse(self, by: float = 0.0) -> bool:
        """Whether the later run is significantly worse, and worse by at least so much."""
        return self.p_holm < SIGNIFICANT and self.difference.value < 0 and -self.difference.value >= by


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A later run against the first.

    Attributes:
        first: its label.
        later: its label.
        datasets: those in both, in the order of names, then their collections; then OVERALL, where there are several
            that can be put together.
        only_first: data sets of the first run alone.
        only_later: data sets of the later run alone.
    """

    first: str
    later: str
    datasets: tuple[Compared, ...]
    only_first: tuple[str, ...] = ()
    only_later: tuple[str, ...] = ()


def compare(entrants: Sequence[Entrant], *, takes_unpaired: bool = False) -> Iterator[Comparison]:
    """Every later entrant against the first.

    Args:
        entrants: two at least.
        takes_unpaired: whether data sets that were asked otherwise are compared as two independent samples.

    Raises:
        ConfigError: two of them have no data set in common, or asked one otherwise; with all that differs.
    """
    first, *others = entrants
    scores = first.scores()
    for later in others:
        yield _compare(first, scores, later, takes_unpaired=takes_unpaired)


def _compare(
    first: Entrant, scores: Mapping[str, Mapping[SampleName, Scored]], later: Entrant, *, takes_unpaired: bool
) -> Comparison:
    common = sorted(first.reports.keys() & later.reports.keys())
    if not common:
        raise ConfigError(
            f"{first.label} has {_listed(first)}, {later.label} has {_listed(later)}: no data set in common, so there "
            "is nothing to compare"
        )
    differs = {name: tuple(what_differs(first.reports[name], later.reports[name])) for name in common}
    if any(differs.values()) and not takes_unpaired:
        lines = [harmless(f"  {name}: {line}") for name, found in differs.items() for line in found]
        raise ConfigError(
            f"{first.label} and {later.label} were not asked the same in the same words:\n" + "\n".join(lines) + "\n"
            "ask both alike, or compare their scores as those of two samples with --unpaired"
        )
    after = later.scores()
    compared, everything = [], []
    for name in common:
        if differs[name]:
            difference = unpaired_difference(_headline(first.reports[name]), _headline(later.reports[name]))
            compared.append(Compared(dataset=name, difference=difference, p_holm=difference.p, differs=differs[name]))
            continue
        if "weights" in first.reports[name]["asked"]:
            continue  # a collection: its samples are those of its data sets
        paired = pair_samples(scores.get(name, {}), after.get(name, {}))
        compared.append(_paired(name, paired, first, later))
        everything += within(name, paired.pairs)
    by_name = {one.dataset: one.difference for one in compared}
    for name in common:
        weights = first.reports[name]["asked"].get("weights")
        if weights is not None and not differs[name]:
            difference = weighted_difference(weights, by_name)
            compared.append(Compared(dataset=name, difference=difference, p_holm=difference.p))
    if len(common) > 1 and not any(differs.values()) and are_alike(everything):
        difference = paired_difference(everything)
        compared.append(Compared(dataset=OVERALL, difference=difference, p_holm=difference.p))
    adjusted = holm([one.difference.p for one in compared])
    return Comparison(
        first=first.label,
        later=later.label,
        datasets=tuple(replace(one, p_holm=p) for one, p in zip(compared, adjusted, strict=True)),
        only_first=tuple(sorted(first.reports.keys() - later.reports.keys())),
        only_later=tuple(sorted(later.reports.keys() - first.reports.keys())),
    )


def _listed(entrant: Entrant) -> str:
    return harmless(", ".join(sorted(entrant.reports)))


def _paired(dataset: str, paired: Paired, first: Entrant, later: Entrant) -> Compared:
    difference = paired_difference(paired.pairs)
    changed = sorted((pair for pair in paired.pairs if pair.difference), key=lambda pair: -abs(pair.difference))
    names = {pair.name for pair in changed}
    before, after = first.answers(dataset, names), later.answers(dataset, names)
    flips = [(pair, flip_of(pair, before[pair.name], after[pair.name])) for pair in changed]
    return Compared(
        dataset=dataset,
        difference=difference,
        p_holm=difference.p,
        notes=tuple(_notes(difference, first.reports[dataset], later.reports[dataset])),
        unpaired=paired.unpaired,
        gained=tuple(flip for pair, flip in flips if pair.difference > 0),
        lost=tuple(flip for pair, flip in flips if pair.difference < 0),
    )


def _notes(difference: Difference, first: Json, later: Json) -> Iterator[str]:
    yield from what_else_differs(first, later)
    came_in_groups = any(report["rows"][0].get("num_groups") for report in (first, later))
    if came_in_groups and not difference.num_groups:
        yield "its samples come in groups, which the stored reviews do not name: p is too small"
    if difference.test is Method.BOOTSTRAP and difference.num < FEW_PAIRS:
        yield f"fewer than {FEW_PAIRS} samples to draw from: p and the interval are rather too small"


def _headline(report: Json) -> Json:
    """The row of the report's score: the first metric over all samples."""
    rows: Sequence[Json] = report["rows"]
    return next((row for row in rows if row["subset"] == OVERALL and not row["categories"]), rows[0])
