"""The verdict on one answer, and the class that a sample ends in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from evalscope.core.sample import Category


class Outcome(StrEnum):
    """The one class a sample ends in; the last four are failures, never averaged in."""

    CORRECT = "correct"
    WRONG = "wrong"
    PARTIAL = "partial"
    UNPARSED = "unparsed"
    CUT_OFF = "cut_off"
    REFUSED = "refused"
    REQUEST_FAILED = "request_failed"
    SCORING_FAILED = "scoring_failed"
    JUDGE_FAILED = "judge_failed"


FAILURES = frozenset({Outcome.REFUSED, Outcome.REQUEST_FAILED, Outcome.SCORING_FAILED, Outcome.JUDGE_FAILED})
"""The classes without a score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one answer is worth.

    Attributes:
        values: a number for each name, such as {"acc": 1.0}; the first decides between right and wrong.
        answer: what was extracted; None = nothing was found.
        explanation: why, where the values alone do not say.
        vote: the form in which answers that mean the same are the same, for majorities; empty where the answer is it.
    """

    values: Mapping[str, float]
    answer: str | None = None
    explanation: str = ""
    vote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleScore:
    """One sample's end: exactly one of score or error.

    Attributes:
        sample_id: unique within the subset.
        subset: the part of the benchmark.
        repeat: which of the repeats, from 0.
        outcome: its class.
        group: samples of one group have errors that go together.
        categories: the sample's own, beside that of its subset; empty ones stand for none.
        score: the verdict, where there is one.
        error: why there is none.
    """

    sample_id: str
    subset: str
    repeat: int
    outcome: Outcome
    group: str = ""
    categories: tuple[Category, ...] = ("",)
    score: Score | None = None
    error: str | None = None

    def __post_init__(self) -> None:
        assert (self.score is None) != (self.error is None), "a sample ends with a score or an error, not both"


def classify(score: Score, *, is_cut_off: bool) -> Outcome:
    """The class of a scored answer.

    Nothing extracted and no credit given is `unparsed`, or `cut_off` where the limit on tokens ended the answer.
    """
    first = next(iter(score.values.values()))
    if score.answer is None and first == 0:
        return Outcome.CUT_OFF if is_cut_off else Outcome.UNPARSED
    if first == 1:
        return Outcome.CORRECT
    return Outcome.WRONG if first == 0 else Outcome.PARTIAL
