"""A mean on the scale that people know it by, such as 1 to 10."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalscope.core.report import Estimate
from evalscope.core.score import SampleScore
from evalscope.metrics.mean import Mean


@dataclass(frozen=True, slots=True)
class Rating:
    """The mean over samples of a value from 0 to 1, told as the number on a scale that it stands for.

    Attributes:
        name: display name.
        value: which of the score's values.
        scale: what 0 and 1 stand for.
    """

    name: str
    value: str
    scale: tuple[float, float]

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate over the samples that have a score, its error and interval on the same scale."""
        mean = Mean(self.name, self.value)(scores)
        lowest, highest = self.scale
        width = highest - lowest
        return replace(
            mean,
            value=lowest + width * mean.value,
            stderr=width * mean.stderr,
            ci_low=lowest + width * mean.ci_low,
            ci_high=lowest + width * mean.ci_high,
        )
