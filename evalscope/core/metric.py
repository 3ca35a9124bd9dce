"""Many scores, one number."""

from collections.abc import Sequence
from typing import Protocol

from evalscope.core.report import Estimate
from evalscope.core.score import SampleScore


class Metric(Protocol):
    """Many scores, one number."""

    @property
    def name(self) -> str:
        """The display name."""
        ...

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate over those of the samples that have a score."""
        ...
