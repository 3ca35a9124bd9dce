"""Two runs sample by sample, as their tables tell."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from evalscope.app.store import Store, Table
from evalscope.comparison.comparable import what_differs
from evalscope.comparison.difference import Difference, paired_difference
from evalscope.comparison.holm import holm
from evalscope.comparison.pairs import Pair, SampleName, are_alike, within
from evalscope.comparison.weighted import weighted_difference
from evalscope.core.report import OVERALL
from evalscope.reports.results import Result
from evalscope.runs.lenient import mapping_of

SHOWN_CHARS = 4_000
"""So much of each text is shown of a flipped sample; its own page has all of it."""

SCORED = (
    "SELECT dataset, subset, sample_id, avg(score) AS score, max(grp) AS grp FROM {table} "
    "WHERE score IS NOT NULL AND model = ? AND dataset = ? GROUP BY dataset, subset, sample_id"
)


class Side(NamedTuple):
    """One of the two that are compared: the samples of one model in a run's table."""

    table: Table
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One data set of a later run held against the first.

    Attributes:
        dataset: its name; OVERALL for all samples of all data sets.
        difference: over the samples that both scored; None where samples are not compared one by one.
        p_holm: p adjusted for the number of data sets, OVERALL among them.
        differs: why they are not.
    """

    dataset: str
    difference: Difference | None
    p_holm: float
    differs: tuple[str, ...]


class Flip(NamedTuple):
    """A sample that came out otherwise, with the beginning of what was said."""

    dataset: str
    subset: str
    sample_id: str
    repeat: int
    target: str
    prompt: str
    first_answer: str | None
    later_answer: str | None
    first_outcome: str
    later_outcome: str
    first_reply: str
    later_reply: str


def hold(store: Store, first: Side, later: Side, results: Sequence[tuple[Result, Result]]) -> tuple[Held, ...]:
    """Every data set that both have a report of, then collections and OVERALL, as `evalscope compare` has them.

    Args:
        store: of both tables.
        first: samples of the first model.
        later: samples of the later one.
        results: the two reports of each data set.
    """
    compared: list[tuple[str, Difference | None, tuple[str, ...]]] = []
    everything: list[Pair] = []
    collections: dict[str, Mapping[str, float]] = {}
    for before, after in results:
        differs = tuple(what_differs(_report(before), _report(after)))
        if before.weights and not differs:
            collections[before.dataset] = before.weights
            continue
        pairs = [] if differs else _pairs(store, first, later, before.dataset)
        everything += pairs
        compared.append((before.dataset, None if differs else paired_difference(pairs), differs))
    by_name = {name: difference for name, difference, _ in compared if difference is not None}
    compared += [(name, weighted_difference(weights, by_name), ()) for name, weights in collections.items()]
    if len(results) > 1 and not any(differs for *_, differs in compared) and are_alike(everything):
        compared.append((OVERALL, paired_difference(everything), ()))
    adjusted = holm([math.nan if one is None else one.p for _, one, _ in compared])
    return tuple(
        Held(dataset=name, difference=one, p_holm=p, differs=differs)
        for (name, one, differs), p in zip(compared, adjusted, strict=True)
    )


def _pairs(store: Store, first: Side, later: Side, dataset: str) -> list[Pair]:
    """The samples that both scored; equal pairs are one object, so a million of them stay small."""
    rows = store.ask(
        "SELECT a.score, b.score, coalesce(nullif(a.grp, ''), b.grp), count(*) "
        f"FROM ({SCORED.format(table=first.table.name)}) a JOIN ({SCORED.format(table=later.table.name)}) b "
        "USING (dataset, subset, sample_id) GROUP BY ALL ORDER BY ALL",
        (first.model, dataset, later.model, dataset),
    )
    pairs: list[Pair] = []
    for before, after, group, num in rows:
        pairs += within(dataset, [Pair(name=SampleName("", ""), group=group, before=before, after=after)]) * num
    return pairs


def flips(
    store: Store, first: Side, later: Side, *, dataset: str, is_gain: bool | None, start: int, most: int
) -> tuple[int, list[Flip]]:
    """How many samples came out otherwise, and some of them.

    Args:
        store: of both tables.
        first: samples of the first model.
        later: samples of the later one.
        dataset: its name; all where empty.
        is_gain: those on which the later run is better, or worse; both where None.
        start: the first that is wanted, from 0.
        most: so many are wanted.
    """
    sign = {None: "<>", True: "<", False: ">"}[is_gain]
    body = (
        f"FROM {first.table.name} a JOIN {later.table.name} b USING (dataset, subset, sample_id, repeat) "
        f"WHERE a.model = ? AND b.model = ? AND a.score {sign} b.score" + (" AND dataset = ?" if dataset else "")
    )
    values = (first.model, later.model, *([dataset] if dataset else []))
    total = int(store.ask(f"SELECT count(*) {body}", values)[0][0])
    columns = (
        f"dataset, subset, sample_id, repeat, left(a.target, {SHOWN_CHARS}), right(a.prompt, {SHOWN_CHARS}), "
        f"left(a.answer, {SHOWN_CHARS}), left(b.answer, {SHOWN_CHARS}), a.outcome, b.outcome, "
        f"left(a.reply, {SHOWN_CHARS}), left(b.reply, {SHOWN_CHARS})"
    )
    rows = store.ask(f"SELECT {columns} {body} ORDER BY a.place LIMIT ? OFFSET ?", (*values, most, start))
    return total, [Flip(*row) for row in rows]


def _report(result: Result) -> Mapping[str, Any]:
    """What a report says of its questions, in the form that a comparison of files needs."""
    asked = dict(result.asked)
    if "examples_digests" in asked:
        asked["examples_digests"] = mapping_of(asked["examples_digests"])
    return {
        "data_fingerprint": result.fingerprint,
        "asked": asked,
        "outcomes": result.outcomes,
        "missing": result.missing,
    }
