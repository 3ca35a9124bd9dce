"""A share, also one whose parts and wholes are summed over samples, with its error."""

import math
from collections.abc import Sequence

from evalscope.core.report import Estimate, Interval
from evalscope.metrics.groups import clustered_variance, sum_by_group
from evalscope.metrics.intervals import NO_SPREAD as NO_SPREAD
from evalscope.metrics.intervals import effective_num, wilson

NOTHING = Estimate(value=math.nan, stderr=math.nan, ci_low=math.nan, ci_high=math.nan, num=0)
"""The estimate over nothing: not a number, never 0."""


def estimate_share(parts: Sequence[float], wholes: Sequence[float], groups: Sequence[str] = ()) -> Estimate:
    """The ratio Σ parts / Σ wholes over samples; nothing where the wholes are.

    The standard error is the delta method's: over samples on their own with ddof = 0, sqrt(Σ (part - ratio · whole)²)
    / Σ wholes, which is sqrt(p(1-p)/n) where wholes are 1 and parts 0 or 1; over groups clustered, with ddof = 1. The
    interval is Wilson's for as many samples as would give a plain share this error. Where all or none are right there
    is no error to tell their number, and Σ wholes stands for it, or the number of groups. So the interval lies within
    [0, 1], and is never of zero width.

    Args:
        parts: of each sample, 0 <= part <= whole.
        wholes: of each sample; the number of those above 0 is the estimate's `num`.
        groups: the name of each sample's group, empty for none; no names at all where all samples are on their own.

    Source: Cochran 1977, "Sampling Techniques", section 2.11 (error of a ratio); Miller 2024, "Adding Error Bars to
        Evals" (groups); Korn & Graubard 1998, "Confidence intervals for proportions with small expected number of
        positive counts" (effective number of samples).
    """
    whole = math.fsum(wholes)
    if not whole:
        return NOTHING
    share = min(1.0, math.fsum(parts) / whole)
    counted = [one > 0 for one in wholes]
    residuals = [part - share * one for part, one, counts in zip(parts, wholes, counted, strict=True) if counts]
    units = sum_by_group(residuals, [group for group, counts in zip(groups, counted, strict=False) if counts])
    if units.are_groups:
        variance = clustered_variance(units, whole)
        effective = effective_num(share, variance, at_ends=len(units.sums), most=whole)
    else:
        variance = math.fsum(residual * residual for residual in residuals) / whole**2
        effective = effective_num(share, variance, at_ends=whole, most=math.inf)
    low, high = wilson(share, effective)
    return Estimate(
        value=share,
        stderr=math.sqrt(variance),
        ci_low=low,
        ci_high=high,
        num=len(residuals),
        interval=Interval.WILSON_GROUPED if units.are_groups else Interval.WILSON,
        num_groups=units.num_groups,
    )
