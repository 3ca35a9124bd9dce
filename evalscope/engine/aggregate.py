"""Many scores become the rows of a report."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import orjson

from evalscope.core.benchmark import Benchmark, Scorer
from evalscope.core.metric import Metric
from evalscope.core.report import MEAN_OF_SUBSETS, OVERALL, Estimate, Report, ReportRow
from evalscope.core.sample import Category
from evalscope.core.score import Outcome, SampleScore
from evalscope.engine.book import Book, Tally
from evalscope.engine.bounds import bounds_of
from evalscope.engine.judged import judged_of
from evalscope.engine.plan import DatasetPlan, Plan
from evalscope.metrics.mean import mean_of_subsets
from evalscope.metrics.repeats import MajorityAtK, PassAtK

DEFAULT_CATEGORY = "default"

MOST_CATEGORIES = 40
"""With more of them a table of every metric cannot be read."""


def make_report(
    plan: Plan, dataset: DatasetPlan, books: Sequence[Book], *, model: str, seconds: float, versions: Mapping[str, str]
) -> Report:
    """The report of one data set.

    Args:
        plan: of the whole run.
        dataset: the data set.
        books: one a subset, in the order of reports.
        model: name in reports.
        seconds: that the walk took.
        versions: of the packages that matter.
    """
    tallies = {book.plan.name: book.tally for book in books}
    metrics = (*dataset.benchmark.metrics, *_metrics_of_repeats(plan.ks.get(dataset.name, ()), tallies))
    rows = tuple(row for metric in metrics for row in _rows(dataset.benchmark, metric, tallies))
    rows += (*_rows_of_each_judge(dataset, books), *_corrected_rows(dataset, tallies))
    headline = next((row for row in rows if row.subset == OVERALL and not row.categories), rows[0])
    outcomes = sum((tally.outcomes for tally in tallies.values()), Counter[Outcome]())
    asked = dataset.asked() | {
        "answered_by": plan.identity.get("kind", "model"),
        "repeats": plan.repeats,
        "seed": plan.seed,
        "notes": [*dataset.benchmark.notes, *dataset.loaded.notes, *_notes_of(dataset.benchmark.scorer)],
    }
    return Report(
        model=model,
        dataset=dataset.name,
        score=headline.score,
        num=headline.num,
        rows=rows,
        outcomes={str(outcome): outcomes[outcome] for outcome in Outcome if outcomes[outcome]},
        missing=sum(_num_missing(book) for book in books),
        asked=asked,
        usage=_usage(list(tallies.values())),
        timing=_timing(list(tallies.values()), seconds),
        config_digest=_digest([dict(plan.identity), plan.seed, dataset.asked()]),
        data_fingerprint=dataset.loaded.fingerprint,
        data_origin=dataset.loaded.origin,
        model_origin=plan.taken[0].origin if plan.taken else {},
        bounds=bounds_of(
            metrics[0], headline.score, list(chain.from_iterable(tally.scores for tally in tallies.values()))
        ),
        judged=judged_of(dataset.judging, books),
        versions=versions,
    )


def _notes_of(scorer: Scorer | None) -> tuple[str, ...]:
    """What a scorer that keeps count has to say at the end, such as that programs ran without a sandbox."""
    notes = getattr(scorer, "notes", None)
    return () if notes is None else tuple(notes())


def _num_missing(book: Book) -> int:
    """Samples that have no answer in any of their repeats."""
    if not book.tally.missing:
        return 0
    return book.plan.subset.num - len({score.sample_id for score in book.tally.scores})


def _metrics_of_repeats(ks: Sequence[int], tallies: Mapping[str, Tally]) -> list[Metric]:
    """pass@k and majority@k, where answers are right or wrong: of shares of a text in common they would say nothing."""
    scores = (score.score for tally in tallies.values() for score in tally.scores if score.score is not None)
    if any(next(iter(score.values.values())) not in (0.0, 1.0) for score in scores):
        return []
    return [metric for k in ks for metric in (PassAtK(k), MajorityAtK(k))]


def _rows(benchmark: Benchmark, metric: Metric, tallies: Mapping[str, Tally]) -> list[ReportRow]:
    """A row a subset, then two for each category and two for all: by sample, and with subsets weighing the same.

    Categories that samples have of their own cut across subsets, so they have one row, by sample.
    """
    estimates = {name: metric(tally.scores) for name, tally in tallies.items()}
    categories = {name: benchmark.categories.get(name, DEFAULT_CATEGORY) for name in tallies}
    rows = [
        make_row(metric, name, (categories[name],), estimates[name], tally.scores) for name, tally in tallies.items()
    ]
    groups: dict[tuple[str, ...], list[str]] = {}
    if benchmark.categories:
        for name, category in categories.items():
            groups.setdefault((category,), []).append(name)
    if len(groups) == 1:
        groups.clear()  # the one category is all there is
    rows += _rows_by_own_category(metric, tallies, is_headline=metric is benchmark.metrics[0])
    for group, names in {**groups, (): list(tallies)}.items():
        if len(names) > 1:
            scores = [score for name in names for score in tallies[name].scores]
            rows.append(make_row(metric, OVERALL, group, metric(scores), scores))
            rows.append(
                make_row(metric, MEAN_OF_SUBSETS, group, mean_of_subsets([estimates[name] for name in names]), scores)
            )
    return rows


def _rows_of_each_judge(dataset: DatasetPlan, books: Sequence[Book]) -> list[ReportRow]:
    """The headline as each of several judges alone would give it, those answers included on which they disagree."""
    metrics = {} if dataset.judging is None else dataset.judging.own_metrics
    rows: list[ReportRow] = []
    for judge, metric in metrics.items():
        own = {
            book.plan.name: Tally(scores=[*book.panel.own[judge], *filter(_is_not_judged, book.tally.scores)])
            for book in books
            if book.panel is not None
        }
        rows += _rows(dataset.benchmark, metric, own)
    return rows


def _is_not_judged(score: SampleScore) -> bool:
    """Whether no judge was asked: the request failed, or the answer is empty."""
    return score.outcome not in {Outcome.CORRECT, Outcome.WRONG, Outcome.PARTIAL, Outcome.JUDGE_FAILED}


def _corrected_rows(dataset: DatasetPlan, tallies: Mapping[str, Tally]) -> tuple[ReportRow, ...]:
    """The headline corrected for the judge's known errors.

    There is no mean of subsets: the error of the labels is the same in all, and that mean takes errors for independent.
    """
    if dataset.judging is None or dataset.judging.correction is None:
        return ()
    rows = _rows(dataset.benchmark, dataset.judging.correction, tallies)
    return tuple(row for row in rows if row.subset != MEAN_OF_SUBSETS)


def _rows_by_own_category(metric: Metric, tallies: Mapping[str, Tally], *, is_headline: bool) -> list[ReportRow]:
    """A row for each; where they are very many, of the headline alone."""
    by_category: dict[Category, list[SampleScore]] = {}
    for tally in tallies.values():
        for score in tally.scores:
            for category in score.categories:
                by_category.setdefault(category, []).append(score)
    if len(by_category) == 1:
        return []  # the one category is all there is, or there are none
    named = sorted((category for category in by_category if category), key=_in_order)
    if len(named) > MOST_CATEGORIES and not is_headline:
        return []
    return [make_row(metric, OVERALL, _path(name), metric(by_category[name]), by_category[name]) for name in named]


def _path(category: Category) -> tuple[str, ...]:
    return (category,) if isinstance(category, str) else category


def _in_order(category: Category) -> tuple[tuple[int, str, int], ...]:
    """Sorts by name, and numbers in names by their value: 4000 tokens before 16000 tokens; wider before narrower."""
    pieces = (piece for name in _path(category) for piece in re.split(r"([0-9]+)", f"{name}\0") if piece)
    return tuple((0, "", int(piece)) if piece.isdigit() else (1, piece, 0) for piece in pieces)


def make_row(
    metric: Metric, subset: str, categories: tuple[str, ...], estimate: Estimate, scores: Sequence[SampleScore]
) -> ReportRow:
    """One line of the table: an estimate, and what became of the samples behind it."""
    outcomes = Counter(score.outcome for score in scores)
    return ReportRow(
        metric=metric.name,
        subset=subset,
        categories=categories,
        num=estimate.num,
        score=estimate.value,
        stderr=estimate.stderr,
        ci_low=estimate.ci_low,
        ci_high=estimate.ci_high,
        failed=sum(score.score is None for score in scores),
        unparsed=outcomes[Outcome.UNPARSED],
        cut_off=outcomes[Outcome.CUT_OFF],
        interval=estimate.interval,
        num_groups=estimate.num_groups,
    )


def _usage(tallies: Sequence[Tally]) -> dict[str, int]:
    names = ("input_tokens", "output_tokens", "truncated")
    return {name: sum(getattr(tally, name) for tally in tallies) for name in names} | {"shared": _num_shared(tallies)}


def _num_shared(tallies: Sequence[Tally]) -> int:
    """Answers that equal questions share: all but one for each question, however often the run was continued."""
    hashes = [tally.greedy_hashes for tally in tallies]
    return sum(map(len, hashes)) - len(set(chain.from_iterable(hashes)))


def _timing(tallies: Sequence[Tally], seconds: float) -> dict[str, Any]:
    latency_s, num_latencies = _sum_pairs([tally.latencies_s for tally in tallies])
    first_s, num_first = _sum_pairs([tally.first_tokens_s for tally in tallies])
    return {
        "seconds": round(seconds, 3),
        "asked": sum(tally.asked for tally in tallies),
        "mean_latency_s": round(latency_s / num_latencies, 6) if num_latencies else None,
        "mean_first_token_s": round(first_s / num_first, 6) if num_first else None,
    }


def _sum_pairs(pairs: Sequence[tuple[float, int]]) -> tuple[float, int]:
    return sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)


def _digest(value: Any) -> str:
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
