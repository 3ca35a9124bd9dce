"""The share of right answers, corrected for a judge that is sometimes wrong."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalscope.core.report import Estimate
from evalscope.core.score import SampleScore
from evalscope.metrics.correction import JudgeCheck, correct_share
from evalscope.metrics.intervals import Z_95
from evalscope.metrics.mean import NOTHING, per_sample


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedShare:
    """What the mean of a right-or-wrong value would be if people had judged.

    Empty answers are wrong without a judge having been asked, so they are no part of what is corrected: the share among
    the others is, and then it is taken of all. The repeats of a sample are averaged first, and its error is taken for
    that of a single answer, which is never too small.

    Attributes:
        name: display name.
        value: which of the score's values, each 0 or 1.
        check: of the judge.
    """

    name: str
    value: str
    check: JudgeCheck

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate over the samples that have a score."""
        shares = per_sample(scores, self.value)
        if not shares:
            return NOTHING
        num = len(shares)
        scored = [score.score for score in scores if score.score is not None]
        asked = sum(score.answer is not None for score in scored) / len(scored)
        if not asked:
            return replace(NOTHING, num=num)
        found = correct_share(min(1.0, math.fsum(shares) / num / asked), max(1, round(num * asked)), self.check)
        return _of_all(found, asked, num)


def _of_all(found: Estimate, asked: float, num: int) -> Estimate:
    """The share of all samples, from that of those which the judge was asked about; all others are wrong.

    The error of `asked` is added to either side: Zou & Donner's way of putting intervals together.
    """
    variance = asked * (1 - asked) / num * found.value**2
    value, more = found.value * asked, Z_95 * math.sqrt(variance)
    return Estimate(
        value=value,
        stderr=math.hypot(found.stderr * asked, math.sqrt(variance)),
        ci_low=max(0.0, value - math.hypot(value - found.ci_low * asked, more)),
        ci_high=min(1.0, value + math.hypot(found.ci_high * asked - value, more)),
        num=num,
    )
