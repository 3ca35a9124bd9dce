"""The mean of one value over samples, with its error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalscope.core.report import Estimate
from evalscope.core.score import SampleScore
from evalscope.metrics.intervals import normal, wilson

NOTHING = Estimate(value=math.nan, stderr=math.nan, ci_low=math.nan, ci_high=math.nan, num=0)
"""The mean of nothing: not a number, never 0."""


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean over samples; the repeats of a sample are averaged first, for they are no new questions.

    Attributes:
        name: display name.
        value: which of the score's values; empty for the first.
    """

    name: str = "AverageAccuracy"
    value: str = ""

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate over the samples that have a score."""
        return estimate_mean(per_sample(scores, self.value))


def estimate_mean(values: Sequence[float]) -> Estimate:
    """The mean of independent samples.

    The standard error has ddof = 1 (p(1-p)/n for a share). The interval is Wilson's where every value is 0 or 1, and
    normal otherwise, kept within [0, 1] where all values are.
    """
    num = len(values)
    if not num:
        return NOTHING
    mean = math.fsum(values) / num
    if all(value in (0.0, 1.0) for value in values):
        low, high = wilson(mean, num)
        return Estimate(value=mean, stderr=math.sqrt(mean * (1 - mean) / num), ci_low=low, ci_high=high, num=num)
    if num == 1:
        return Estimate(value=mean, stderr=math.nan, ci_low=math.nan, ci_high=math.nan, num=1)
    stderr = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (num - 1) / num)
    low, high = normal(mean, stderr)
    if all(0 <= value <= 1 for value in values):
        low, high = max(low, 0.0), min(high, 1.0)
    return Estimate(value=mean, stderr=stderr, ci_low=low, ci_high=high, num=num)


def per_sample(scores: Sequence[SampleScore], value: str) -> list[float]:
    """One number a sample: the mean over those of its repeats that have that value; samples without any are left out.

    A score lacks a value where one of several judges gave no verdict.
    """
    repeats: dict[tuple[str, str], list[float]] = {}
    for score in scores:
        if score.score is not None:
            values = score.score.values
            number = values.get(value) if value else next(iter(values.values()))
            if number is not None:
                repeats.setdefault((score.subset, score.sample_id), []).append(number)
    return [math.fsum(numbers) / len(numbers) for numbers in repeats.values()]


def mean_of_subsets(estimates: Sequence[Estimate]) -> Estimate:
    """The mean in which every subset weighs the same; subsets without a score are left out.

    The standard error treats the subsets as fixed: sqrt(Σ se²) / k. The interval is put together from those of the
    subsets, so that it is not of zero width where all or none are right.

    Source: Zou & Donner 2008, "Construction of confidence limits about effect measures: a general approach".
    """
    scored = [estimate for estimate in estimates if estimate.num]
    if not scored:
        return NOTHING
    count = len(scored)
    mean = math.fsum(estimate.value for estimate in scored) / count
    below = math.sqrt(math.fsum((estimate.value - estimate.ci_low) ** 2 for estimate in scored)) / count
    above = math.sqrt(math.fsum((estimate.ci_high - estimate.value) ** 2 for estimate in scored)) / count
    return Estimate(
        value=mean,
        stderr=math.sqrt(math.fsum(estimate.stderr**2 for estimate in scored)) / count,
        ci_low=mean - below,
        ci_high=mean + above,
        num=sum(estimate.num for estimate in scored),
    )
