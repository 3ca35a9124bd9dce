"""An estimate of anything that can be computed from scores, with its error from drawing the samples anew."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import quantiles, stdev

from evalscope.core.report import Estimate, Interval
from evalscope.core.score import SampleScore, Score
from evalscope.metrics.shares import NOTHING

FEW_UNITS = 100
"""With fewer samples, or groups, an interval drawn anew tends to be too narrow; reports say so."""

Repeats = tuple[Score, ...]
"""The scores of one sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrapped:
    """A statistic that is no mean over samples, such as a macro F1 or a correlation.

    Samples are drawn anew with replacement, with all their repeats, those of one group together. The standard error is
    the spread of the draws, ddof = 1; the interval lies between their quantiles.

    Attributes:
        name: display name.
        statistic: of samples, each with the scores of its repeats; nan where it is undefined, and then a draw is left
            out. The same sample may be drawn more than once.
        num_draws: how often is drawn.
        seed: of the draws.

    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapters 6 and 13.
    """

    name: str
    statistic: Callable[[Sequence[Repeats]], float]
    num_draws: int = 1000
    seed: int = 42

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate over the samples that have a score."""
        units = _units(scores)
        samples = list(chain.from_iterable(units))
        if not samples:
            return NOTHING
        rng = random.Random(self.seed)
        draws = (rng.choices(units, k=len(units)) for _ in range(self.num_draws))
        drawn = [self.statistic(list(chain.from_iterable(draw))) for draw in draws] if len(units) > 1 else []
        defined = [value for value in drawn if not math.isnan(value)]
        is_known = len(defined) > 1
        ends = quantiles(defined, n=40, method="inclusive") if is_known else [math.nan]
        are_groups = len(units) < len(samples)
        return Estimate(
            value=self.statistic(samples),
            stderr=stdev(defined) if is_known else math.nan,
            ci_low=ends[0],
            ci_high=ends[-1],
            num=len(samples),
            interval=Interval.BOOTSTRAP_GROUPED if are_groups else Interval.BOOTSTRAP,
            num_groups=len(units) if are_groups else 0,
        )


def _units(scores: Sequence[SampleScore]) -> list[list[Repeats]]:
    """The samples that have a score, put together by group."""
    units: dict[tuple[str, ...], dict[tuple[str, str], list[Score]]] = {}
    # sorted: answers come to their end in any order, and the draws must not show it
    for score in sorted(scores, key=lambda score: (score.subset, score.sample_id, score.repeat)):
        if score.score is not None:
            sample = (score.subset, score.sample_id)
            unit = (score.group,) if score.group else sample
            units.setdefault(unit, {}).setdefault(sample, []).append(score.score)
    return [[tuple(repeats) for repeats in unit.values()] for unit in units.values()]
