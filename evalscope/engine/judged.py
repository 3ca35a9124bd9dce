"""What a report says of its judges: who they were, how far they agree, and what they cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evalscope.core.report import Estimate
from evalscope.engine.book import Book
from evalscope.engine.judging import Judging
from evalscope.metrics.agreement import cohen_kappa, fleiss_kappa, share_of_disagreement


def judged_of(judging: Judging | None, books: Sequence[Book]) -> dict[str, Any]:
    """The entry of a report; empty where no judge was asked."""
    if judging is None:
        return {}
    panels = [book.panel for book in books if book.panel is not None]
    usage = {
        judge.name: {
            name: sum(asdict(panel.spent[judge.name])[name] for panel in panels)
            for name in ("replies", "input_tokens", "output_tokens")
        }
        for judge in judging.judges
    }
    entry = {**judging.described(), "usage": usage}
    if len(judging.judges) > 1:
        votes = sum((panel.votes for panel in panels), Counter[tuple[str | None, ...]]())
        entry["agreement"] = agreement_of(votes, are_words=judging.rubric.form != "SCORE")
    return entry


def agreement_of(votes: Mapping[tuple[str | None, ...], int], *, are_words: bool) -> dict[str, Any]:
    """How far several judges agree on the answers of which each gave a verdict, those without a majority among them.

    Args:
        votes: the verdicts of all judges on an answer → how often they came.
        are_words: of numbers it is only said how often they differ, for kappa knows no nearness.

    Returns:
        The share of answers on which they differ, and Cohen's kappa of two judges or Fleiss' of more, each with its
        interval.
    """
    # sorted: answers come to their end in any order, and sums of floats must not show it
    whole = sorted((verdicts, num) for verdicts, num in votes.items() if None not in verdicts)
    ratings = [verdicts for verdicts, num in whole for _ in range(num)]
    agreement: dict[str, Any] = {"disagreement": with_interval(share_of_disagreement(ratings))}
    if are_words:
        two = len(next(iter(votes), ())) == 2
        kappa = cohen_kappa(*zip(*ratings, strict=True)) if two and ratings else fleiss_kappa(ratings)
        agreement["kappa"] = {"of": "Cohen's" if two else "Fleiss'", **with_interval(kappa)}
    return agreement


def with_interval(estimate: Estimate) -> dict[str, Any]:
    """An estimate as reports hold it: value, interval and number of answers; nan is null in files."""
    return {"value": estimate.value, "ci_low": estimate.ci_low, "ci_high": estimate.ci_high, "num": estimate.num}
