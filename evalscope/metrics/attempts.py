"""Short facts that were judged right, wrong or not attempted: what the attempts are worth.

Source: Wei et al. 2024, "Measuring short-form factuality in large language models", section 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evalscope.core.report import Estimate
from evalscope.core.score import SampleScore
from evalscope.metrics.mean import by_sample, per_sample
from evalscope.metrics.shares import estimate_share

CORRECT, INCORRECT, NOT_ATTEMPTED = "is_correct", "is_incorrect", "is_not_attempted"
"""The values of a score: one of them is 1, the others 0."""


@dataclass(frozen=True, slots=True)
class GivenAttempted:
    """Correct ones among those attempted, correct / (correct + incorrect); nothing where none was attempted.

    The repeats of a sample are averaged first. The estimate rests on the samples that were attempted at least once.

    Attributes:
        name: display name.
    """

    name: str = "correct_given_attempted"

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate over the samples that have a score; its interval is Wilson's where there are no repeats."""
        correct, groups = by_sample(scores, CORRECT)
        return estimate_share(correct, _attempted(scores, correct), groups)


@dataclass(frozen=True, slots=True)
class FScore:
    """The harmonic mean of correct / N and correct / attempted, 2 · correct / (N + attempted).

    It is 0 where none is correct, also where none was attempted. The repeats of a sample are averaged first.

    Attributes:
        name: display name.
    """

    name: str = "f_score"

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate over the samples that have a score, as the share of correct ones in (N + attempted) / 2."""
        correct, groups = by_sample(scores, CORRECT)
        return estimate_share(correct, [(1 + attempted) / 2 for attempted in _attempted(scores, correct)], groups)


def _attempted(scores: Sequence[SampleScore], correct: Sequence[float]) -> list[float]:
    """The share of its repeats in which each sample was attempted."""
    return [right + wrong for right, wrong in zip(correct, per_sample(scores, INCORRECT), strict=True)]
