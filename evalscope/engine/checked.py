"""What a judge's verdicts beside people's labels say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from evalscope.core.report import Estimate
from evalscope.core.rubric import Rubric
from evalscope.engine.correcting import SCHEMA_VERSION, is_right_or_wrong
from evalscope.engine.judged import with_interval
from evalscope.engine.judging import Judging, digest_of
from evalscope.engine.panel import Spent, Vote
from evalscope.metrics.agreement import cohen_kappa
from evalscope.metrics.mean import estimate_mean


class Pair(NamedTuple):
    """A label, and the verdict on the same answer."""

    label: str
    verdict: str


def result_of(
    judging: Judging, labels: Sequence[str], draws: Sequence[Sequence[Vote]], spent: Sequence[Spent]
) -> dict[str, Any]:
    """The result as its JSON file holds it.

    Args:
        judging: of one judge.
        labels: of all answers.
        draws: for each time that the judge was asked about all of them, its votes in the same order; the first time is
            what a run would have seen, and the others show only how constant it is.
        spent: in each of these times.
    """
    (judge,) = judging.judges
    rubric, first = judging.rubric_of(judge), draws[0]
    pairs = [Pair(label, vote.word) for label, vote in zip(labels, first, strict=True) if vote.word is not None]
    failed = [label for label, vote in zip(labels, first, strict=True) if vote.word is None]
    measures: dict[str, Estimate | None] = {
        "agreement": estimate_mean([float(pair.label == pair.verdict) for pair in pairs]),
        "kappa": cohen_kappa([pair.label for pair in pairs], [pair.verdict for pair in pairs]),
        **_errors(pairs, rubric),
        "same_when_repeated": _same_when_repeated(draws) if len(draws) > 1 else None,
        "same_in_both_orders": _same_in_both_orders(first) if rubric.compares else None,
    }
    return {
        "judge": judge.name,
        "judge_digest": judge.digest,
        "rubric": rubric.name,
        "rubric_digest": digest_of(rubric),
        "num": len(labels),
        "failed": len(failed),
        "repeats": len(draws),
        "confusion": {
            label: {verdict: pairs.count(Pair(label, verdict)) for verdict in rubric.grades} for label in rubric.grades
        },
        "no_verdict": {label: failed.count(label) for label in rubric.grades},
        "counts": _counts(pairs, rubric),
        **{name: None if estimate is None else with_interval(estimate) for name, estimate in measures.items()},
        "usage": {
            name: sum(asdict(one)[name] for one in spent) for name in ("replies", "input_tokens", "output_tokens")
        },
        "schema_version": SCHEMA_VERSION,
    }


def _errors(pairs: Sequence[Pair], rubric: Rubric) -> Mapping[str, Estimate | None]:
    """Sensitivity and specificity: the shares of right and of wrong answers that the judge sees as people do."""
    if not is_right_or_wrong(rubric):
        return {"sensitivity": None, "specificity": None}
    seen = [(_worth(pair.label, rubric), _worth(pair.verdict, rubric)) for pair in pairs]
    return {
        "sensitivity": estimate_mean([verdict for label, verdict in seen if label == 1]),
        "specificity": estimate_mean([1 - verdict for label, verdict in seen if label == 0]),
    }


def _counts(pairs: Sequence[Pair], rubric: Rubric) -> dict[str, int] | None:
    """What corrects a judged score later; None where the rubric knows no right and wrong."""
    if not is_right_or_wrong(rubric):
        return None
    seen = [(_worth(pair.label, rubric), _worth(pair.verdict, rubric)) for pair in pairs]
    return {
        "num_right": sum(label == 1 for label, _ in seen),
        "num_right_found": sum(label == verdict == 1 for label, verdict in seen),
        "num_wrong": sum(label == 0 for label, _ in seen),
        "num_wrong_found": sum(label == verdict == 0 for label, verdict in seen),
    }


def _worth(grade: str, rubric: Rubric) -> float:
    return next(iter(rubric.grades[grade].values()))


def _same_when_repeated(draws: Sequence[Sequence[Vote]]) -> Estimate:
    """The share of answers on which the judge says the same every time; those with fewer than two verdicts left out."""
    said = [[vote.word for vote in votes if vote.word is not None] for votes in zip(*draws, strict=True)]
    return estimate_mean([float(len(set(words)) == 1) for words in said if len(words) > 1])


def _same_in_both_orders(votes: Sequence[Vote]) -> Estimate:
    """The share of pairs of answers on which the judge prefers the same one when they change places."""
    return estimate_mean([vote.values["consistent"] for vote in votes if vote.values is not None])
