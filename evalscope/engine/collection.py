"""The reports of several data sets become that of the collection they make."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from evalscope.config.collection import Collection, CollectionEntry
from evalscope.core.report import MEAN_OF_SUBSETS, OVERALL, Estimate, Report, ReportRow
from evalscope.core.score import SampleScore
from evalscope.engine.aggregate import make_row
from evalscope.engine.book import Book
from evalscope.engine.plan import DatasetPlan, Plan
from evalscope.metrics.mean import Mean, by_sample, estimate_mean, mean_of_subsets, weighted_mean

WEIGHTED, PLAIN = Mean("WeightedAverage"), Mean("Average")
"""The two metrics: every data set by its weight, and every sample the same; named as a table shows them."""

DEFAULT_CATEGORY = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One data set of a collection, scored.

    Attributes:
        entry: its weight and task.
        tags: what it is reported under.
        dataset: as it was asked.
        scores: the ends of its samples.
        estimate: of its headline.
    """

    entry: CollectionEntry
    tags: tuple[str, ...]
    dataset: DatasetPlan
    scores: Sequence[SampleScore]
    estimate: Estimate


def make_collection_report(
    plan: Plan, collection: Collection, books: Mapping[tuple[str, str], Book], reports: Sequence[Report]
) -> Report:
    """The report of a collection: its data sets, their tags and tasks, and all of them, weighted and not.

    Args:
        plan: of the whole run.
        collection: what the data sets make.
        books: by data set and subset.
        reports: of the data sets, in the order of the plan.
    """
    parts = tuple(_parts(plan, collection, books))
    rows = (*_weighted_rows(parts), *_plain_rows(parts))
    headline = next(row for row in rows if row.metric == WEIGHTED.name and not row.categories)
    unscored = [part.dataset.name for part in parts if not part.estimate.num]
    left_out = [f"{', '.join(unscored)} has no score, and is left out of the weighted one"] * bool(unscored)
    return Report(
        model=reports[0].model,
        dataset=collection.name,
        score=headline.score,
        num=headline.num,
        rows=rows,
        outcomes=_added(report.outcomes for report in reports),
        missing=sum(report.missing for report in reports),
        asked=_asked(collection, parts, reports) | {"notes": left_out},
        usage=_added(report.usage for report in reports),
        timing={
            "seconds": reports[0].timing["seconds"],
            "asked": sum(report.timing["asked"] for report in reports),
            "mean_latency_s": None,
            "mean_first_token_s": None,
        },
        config_digest=_digest([collection.model_dump(mode="json"), [report.config_digest for report in reports]]),
        data_fingerprint=_digest([report.data_fingerprint for report in reports]),
        versions=reports[0].versions,
    )


def _parts(plan: Plan, collection: Collection, books: Mapping[tuple[str, str], Book]) -> Iterator[Part]:
    for entry, dataset in zip(collection.datasets, plan.datasets, strict=True):
        scores = [score for (name, _), book in books.items() if name == dataset.name for score in book.tally.scores]
        benchmark = dataset.benchmark
        tags = benchmark.tags if entry.tags is None else entry.tags
        yield Part(entry=entry, tags=tags, dataset=dataset, scores=scores, estimate=benchmark.metrics[0](scores))


def _weighted_rows(parts: Sequence[Part]) -> Iterator[ReportRow]:
    """A row a data set, a row a task and tag of several data sets, and that of all."""
    for part in parts:
        task = part.entry.task or DEFAULT_CATEGORY
        yield make_row(WEIGHTED, part.dataset.name, (task,), part.estimate, part.scores)
    for place, own in (*_groups(parts), ((), parts)):
        estimate = weighted_mean([part.estimate for part in own], [part.entry.weight for part in own])
        yield make_row(WEIGHTED, OVERALL, place, estimate, _scores(own))


def _plain_rows(parts: Sequence[Part]) -> Iterator[ReportRow]:
    """The same for samples that weigh the same each, and at the end for data sets that do."""
    for place, own in (*_groups(parts), ((), parts)):
        yield make_row(PLAIN, OVERALL, place, _mean_of_samples(own), _scores(own))
    estimate = mean_of_subsets([part.estimate for part in parts])
    yield make_row(PLAIN, MEAN_OF_SUBSETS, (), estimate, _scores(parts))


def _groups(parts: Sequence[Part]) -> Iterator[tuple[tuple[str, str], list[Part]]]:
    """The data sets of each task, then of each tag, in the order in which they are first named."""
    for task in dict.fromkeys(part.entry.task for part in parts if part.entry.task):
        yield ("task", task), [part for part in parts if part.entry.task == task]
    for tag in dict.fromkeys(tag for part in parts for tag in part.tags):
        yield ("tag", tag), [part for part in parts if tag in part.tags]


def _mean_of_samples(parts: Sequence[Part]) -> Estimate:
    """The mean over all samples, with groups that stay within their data set."""
    values: list[float] = []
    groups: list[str] = []
    for part in parts:
        own = by_sample(part.scores, getattr(part.dataset.benchmark.metrics[0], "value", ""))
        values += own.values
        groups += [group and f"{part.dataset.name}/{group}" for group in own.groups]
    return estimate_mean(values, groups)


def _scores(parts: Sequence[Part]) -> list[SampleScore]:
    return [score for part in parts for score in part.scores]


def _asked(collection: Collection, parts: Sequence[Part], reports: Sequence[Report]) -> dict[str, Any]:
    """How the collection was asked, beside what the reports of its data sets say."""
    return {
        "collection": {
            part.dataset.name: {
                "tags": list(part.tags),
                "task": part.entry.task,
                "num": sum(subset.num for subset in part.dataset.loaded.subsets),
                "metric": part.dataset.benchmark.metrics[0].name,
            }
            for part in parts
        },
        "weights": {part.dataset.name: part.entry.weight for part in parts},
        "sampling": None if collection.num is None else str(collection.sampling),
        **{name: reports[0].asked[name] for name in ("answered_by", "repeats", "seed")},
    }


def _added(counts: Iterator[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return dict(total)


def _digest(value: Any) -> str:
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
