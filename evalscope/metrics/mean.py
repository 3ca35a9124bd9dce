"""The mean of one value over samples, with its error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from evalscope.core.report import Estimate, Interval
from evalscope.core.score import SampleScore
from evalscope.metrics.groups import clustered_variance, sum_by_group
from evalscope.metrics.intervals import student
from evalscope.metrics.shares import NOTHING as NOTHING
from evalscope.metrics.shares import estimate_share


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
        return estimate_mean(*by_sample(scores, self.value))


class BySample(NamedTuple):
    """One number a sample, with its group, in the same order."""

    values: list[float]
    groups: list[str]


def estimate_mean(values: Sequence[float], groups: Sequence[str] = ()) -> Estimate:
    """The mean over samples.

    Where every value is 0 or 1 it is a share, with Wilson's interval. Otherwise the standard error has ddof = 1 and the
    interval is Student's, kept within [0, 1] where all values are. Where samples come in groups the error is that of
    the groups, with one degree of freedom less than there are groups.

    Args:
        values: one a sample.
        groups: the name of each sample's group, empty for none; no names at all where all samples are on their own.

    Source: Miller 2024, "Adding Error Bars to Evals", section 2.2.
    """
    num = len(values)
    if all(value in (0.0, 1.0) for value in values):
        return estimate_share(values, [1.0] * num, groups)
    mean = math.fsum(values) / num
    units = sum_by_group([value - mean for value in values], groups)
    if len(units.sums) == 1:
        return replace(NOTHING, value=mean, num=num, num_groups=units.num_groups)
    stderr = math.sqrt(clustered_variance(units, num))
    low, high = student(mean, stderr, len(units.sums) - 1)
    if all(0 <= value <= 1 for value in values):
        low, high = max(low, 0.0), min(high, 1.0)
    kind = Interval.T_GROUPED if units.are_groups else Interval.T
    return Estimate(
        value=mean, stderr=stderr, ci_low=low, ci_high=high, num=num, interval=kind, num_groups=units.num_groups
    )


def by_sample(scores: Sequence[SampleScore], value: str) -> BySample:
    """The mean over those repeats of each sample that have a score; samples without any are left out."""
    repeats: dict[tuple[str, str], list[float]] = {}
    groups: dict[tuple[str, str], str] = {}
    for score in scores:
        if score.score is not None:
            values = score.score.values
            sample = (score.subset, score.sample_id)
            repeats.setdefault(sample, []).append(values[value] if value else next(iter(values.values())))
            groups[sample] = score.group
    return BySample([math.fsum(numbers) / len(numbers) for numbers in repeats.values()], list(groups.values()))


def per_sample(scores: Sequence[SampleScore], value: str) -> list[float]:
    """The numbers of `by_sample` without the groups."""
    return by_sample(scores, value).values


def mean_of_subsets(estimates: Sequence[Estimate]) -> Estimate:
    """The mean in which every subset weighs the same; as weighted_mean."""
    return weighted_mean(estimates, [1.0] * len(estimates))


def weighted_mean(estimates: Sequence[Estimate], weights: Sequence[float]) -> Estimate:
    """The mean of several estimates by weight; those that rest on no sample are left out, and so is their weight.

    The standard error treats what is estimated (subsets, data sets) as fixed and their samples as independent, so no
    group may reach over two of them: sqrt(Σ (w·se)²) / Σ w, each se that of its groups. The interval is put together
    from theirs, so that it is not of zero width where all or none are right.

    Args:
        estimates: one each.
        weights: over 0, in the same order.

    Source: Zou & Donner 2008, "Construction of confidence limits about effect measures: a general approach".
    """
    scored = [(one, weight) for one, weight in zip(estimates, weights, strict=True) if one.num]
    if not scored:
        return NOTHING
    whole = math.fsum(weight for _, weight in scored)
    come_in_groups = any(one.num_groups for one, _ in scored)
    mean = math.fsum(weight * one.value for one, weight in scored) / whole
    below = math.sqrt(math.fsum((weight * (one.value - one.ci_low)) ** 2 for one, weight in scored)) / whole
    above = math.sqrt(math.fsum((weight * (one.ci_high - one.value)) ** 2 for one, weight in scored)) / whole
    return Estimate(
        value=mean,
        stderr=math.sqrt(math.fsum((weight * one.stderr) ** 2 for one, weight in scored)) / whole,
        ci_low=mean - below,
        ci_high=mean + above,
        num=sum(one.num for one, _ in scored),
        interval=Interval.OF_SUBSETS,
        num_groups=sum(one.num_groups or one.num for one, _ in scored) if come_in_groups else 0,
    )
