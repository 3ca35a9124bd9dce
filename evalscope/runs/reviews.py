"""Review rows: how a sample ended, with the verdict or the reason why there is none."""

from collections.abc import Mapping
from typing import Any

from evalscope.core.sample import Sample
from evalscope.core.score import FAILURES, Outcome, SampleScore, Score


def review_row(key: str, row_name: Mapping[str, Any], sample: Sample, ended: SampleScore) -> dict[str, Any]:
    """The row of a sample's end; it names the sample's group where it has one, for runs are compared by groups.

    Args:
        key: of the request.
        row_name: data set, subset, sample and repeat.
        sample: the question.
        ended: its end.
    """
    verdict = ended.score
    group = {"group": sample.group} if sample.group else {}
    return {
        "key": key,
        **row_name,
        **group,
        "outcome": ended.outcome,
        "answer": verdict.answer if verdict else None,
        "target": sample.target,
        "scores": dict(verdict.values) if verdict else {},
        "explanation": verdict.explanation if verdict else "",
        "error": ended.error,
    }


def is_verdict(row: Mapping[str, Any]) -> bool:
    """Whether a row holds a verdict; failures are tried again."""
    is_whole = isinstance(row.get("scores"), dict) and bool(row["scores"]) and row.get("outcome") in set(Outcome)
    return is_whole and row["outcome"] not in FAILURES


def is_of(row: Mapping[str, Any], sample: Sample) -> bool:
    """Whether the verdict was given against this very target; the request says nothing about it."""
    target = row.get("target")
    return (tuple(target) if isinstance(target, list) else target) == sample.target


def ended_of(row: Mapping[str, Any], sample: Sample) -> SampleScore:
    """The end of a sample that a review row tells of; in which form its answer votes is not stored."""
    score = Score(values=row["scores"], answer=row["answer"], explanation=row["explanation"])
    return SampleScore(
        sample_id=sample.id,
        subset=row["subset"],
        repeat=row["repeat"],
        outcome=Outcome(row["outcome"]),
        group=sample.group,
        categories=sample.categories,
        score=score,
    )
