"""Samples that come in groups: errors within one go together, so groups are what can be counted as independent."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple


class Units(NamedTuple):
    """What may be taken for independent: groups, or samples where none share a group.

    Attributes:
        sums: of each, the sum over its samples.
        are_groups: whether any of them holds more than one sample.
    """

    sums: tuple[float, ...]
    are_groups: bool

    @property
    def num_groups(self) -> int:
        """How many groups there are, samples on their own among them; 0 where all are."""
        return len(self.sums) if self.are_groups else 0


def sum_by_group(numbers: Sequence[float], groups: Sequence[str]) -> Units:
    """The numbers of samples, added up by group.

    Args:
        numbers: one a sample.
        groups: the name of each sample's; an empty one is a group of its own. No names at all: all are on their own.
    """
    if max(Counter(filter(None, groups)).values(), default=1) == 1:
        return Units(tuple(numbers), are_groups=False)
    alone = [number for number, group in zip(numbers, groups, strict=True) if not group]
    together: dict[str, list[float]] = {}
    for number, group in zip(numbers, groups, strict=True):
        if group:
            together.setdefault(group, []).append(number)
    return Units((*alone, *map(math.fsum, together.values())), are_groups=True)


def clustered_variance(residuals: Units, whole: float) -> float:
    """The variance of a mean or ratio: G/(G-1) · Σ_g (Σ_i residual)² / whole²; nan for a single unit.

    Args:
        residuals: what each sample is above the estimate.
        whole: what the sums are divided by: the number of samples, or Σ wholes of a ratio.

    Source: Miller 2024, "Adding Error Bars to Evals", section 2.2; Cochran 1977, "Sampling Techniques", section 9A.
    """
    num = len(residuals.sums)
    if num == 1:
        return math.nan
    return num / (num - 1) * math.fsum(total * total for total in residuals.sums) / whole**2
