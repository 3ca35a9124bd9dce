"""A share whose parts and wholes are summed over samples, with its error."""

import math
from collections.abc import Sequence

from evalscope.core.report import Estimate
from evalscope.metrics.intervals import wilson
from evalscope.metrics.mean import NOTHING

NO_SPREAD = 1e-9
"""A standard error below it is a rounding error: that of one in a million samples is a thousand times as large."""


def estimate_share(parts: Sequence[float], wholes: Sequence[float]) -> Estimate:
    """The ratio Σ parts / Σ wholes over independent samples; nothing where the wholes are.

    The standard error is the delta method's, ddof = 0: sqrt(Σ (part - ratio · whole)²) / Σ wholes, which is
    sqrt(p(1-p)/n) where wholes are 1 and parts 0 or 1. The interval is Wilson's for as many samples as would give a
    plain share this error, rounded; where there is no spread to tell their number, all or none being right, for Σ
    wholes. So it lies within [0, 1], and is never of zero width.

    Args:
        parts: of each sample, 0 <= part <= whole.
        wholes: of each sample; the number of those above 0 is the estimate's `num`.

    Source: Cochran 1977, "Sampling Techniques", section 2.11 (error of a ratio); Korn & Graubard 1998, "Confidence
        intervals for proportions with small expected number of positive counts" (effective number of samples).
    """
    whole = math.fsum(wholes)
    if not whole:
        return NOTHING
    share = min(1.0, math.fsum(parts) / whole)
    squares = ((part - share * one) ** 2 for part, one in zip(parts, wholes, strict=True))
    stderr = math.sqrt(math.fsum(squares)) / whole
    effective = share * (1 - share) / stderr**2 if stderr > NO_SPREAD else whole
    low, high = wilson(share, max(1, round(effective)))
    return Estimate(value=share, stderr=stderr, ci_low=low, ci_high=high, num=sum(one > 0 for one in wholes))
