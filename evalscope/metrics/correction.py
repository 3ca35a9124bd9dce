"""A judged share corrected for a judge that is sometimes wrong, as its check against people's labels shows."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from evalscope.core.report import Estimate
from evalscope.metrics.intervals import Z_95, normal, wilson
from evalscope.metrics.mean import NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCheck:
    """What a judge said of samples that people have labelled.

    Attributes:
        num_right: samples that people call right.
        num_right_found: those of them that the judge calls right too.
        num_wrong: samples that people call wrong.
        num_wrong_found: those of them that the judge calls wrong too.
    """

    num_right: int
    num_right_found: int
    num_wrong: int
    num_wrong_found: int

    def __post_init__(self) -> None:
        for found, num, kind in (
            (self.num_right_found, self.num_right, "right"),
            (self.num_wrong_found, self.num_wrong, "wrong"),
        ):
            if num < 1:
                raise ValueError(f"no label says {kind}, so it is unknown how often the judge sees it; label some")
            if not 0 <= found <= num:
                raise ValueError(f"the judge found {found} of {num} samples that are {kind}; that cannot be")

    @property
    def sensitivity(self) -> float:
        """The share of right answers that the judge calls right."""
        return self.num_right_found / self.num_right

    @property
    def specificity(self) -> float:
        """The share of wrong answers that the judge calls wrong."""
        return self.num_wrong_found / self.num_wrong

    @property
    def skill(self) -> float:
        """Sensitivity + specificity - 1: 1 for a judge that is always right, 0 for one that tosses a coin."""
        return self.sensitivity + self.specificity - 1

    @property
    def least_skill(self) -> float:
        """The lower end of the 95 % interval of the skill, put together from Wilson's two.

        Source: Newcombe 1998, "Interval estimation for the difference between independent proportions", method 10.
        """
        below_sensitivity = self.sensitivity - wilson(self.sensitivity, self.num_right)[0]
        below_specificity = self.specificity - wilson(self.specificity, self.num_wrong)[0]
        return self.skill - math.hypot(below_sensitivity, below_specificity)


def correct_share(share: float, num: int, check: JudgeCheck) -> Estimate:
    """The share of samples that people would call right, from the share that the judge does.

    The standard error and the interval hold the error of the judged samples and that of the labels. The estimate is
    kept within [0, 1], and so is the interval.

    Args:
        share: of the samples that the judge calls right.
        num: judged samples; none of them has a label, or few have.
        check: of the same judge, with the same rubric, on answers of the same kind.

    Raises:
        ValueError: the judge may be no better than a coin, for the interval of its skill reaches down to 0; then the
            judged share says nothing about the true one.

    Source: Rogan & Gladen 1978, "Estimating prevalence from the results of a screening test"; Lang & Reiczigel 2014,
        "Confidence limits for prevalence of disease adjusted for estimated sensitivity and specificity".
    """
    if check.least_skill <= 0:
        raise ValueError(
            f"the judge's sensitivity {check.sensitivity:.3f} and specificity {check.specificity:.3f}, from "
            f"{check.num_right} and {check.num_wrong} labels, may add up to 1: it may be no better than a coin, and "
            "nothing can be corrected by it; label more answers, or take another judge"
        )
    if not num:
        return NOTHING
    sensitivity = _Rate(check.sensitivity, check.num_right)
    specificity = _Rate(check.specificity, check.num_wrong)
    corrected = _corrected(_Rate(share, num), sensitivity, specificity)
    value = min(1.0, max(0.0, corrected.share))
    low, high = _interval(share, num, check)
    return Estimate(value=value, stderr=corrected.stderr, ci_low=min(low, value), ci_high=max(high, value), num=num)


class _Rate(NamedTuple):
    """A share of so many samples."""

    share: float
    num: float

    @property
    def variance(self) -> float:
        return self.share * (1 - self.share) / self.num


class _Corrected(NamedTuple):
    """Rogan and Gladen's estimate, which may lie outside [0, 1]."""

    share: float
    stderr: float


def _corrected(judged: _Rate, sensitivity: _Rate, specificity: _Rate) -> _Corrected:
    skill = sensitivity.share + specificity.share - 1
    corrected = (judged.share + specificity.share - 1) / skill
    variance = judged.variance + corrected**2 * sensitivity.variance + (1 - corrected) ** 2 * specificity.variance
    return _Corrected(corrected, math.sqrt(variance) / skill)


def _interval(share: float, num: int, check: JudgeCheck) -> tuple[float, float]:
    """Lang and Reiczigel's: z²/2 samples of either kind are added to those judged, one to the labels, then a shift."""
    judged = _Rate((share * num + Z_95**2 / 2) / (num + Z_95**2), num + Z_95**2)
    sensitivity = _Rate((check.num_right_found + 1) / (check.num_right + 2), check.num_right + 2)
    specificity = _Rate((check.num_wrong_found + 1) / (check.num_wrong + 2), check.num_wrong + 2)
    corrected, stderr = _corrected(judged, sensitivity, specificity)
    shift = 2 * Z_95**2 * (corrected * sensitivity.variance - (1 - corrected) * specificity.variance)
    low, high = normal(corrected + shift, stderr)
    return max(0.0, low), min(1.0, high)
