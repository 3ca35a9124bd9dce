"""A share of parts of samples, such as the instructions of a prompt: samples with more of them weigh more."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import TypeVar

from evalscope.core.report import Estimate
from evalscope.core.score import SampleScore
from evalscope.metrics.mean import by_sample, per_sample
from evalscope.metrics.shares import estimate_share

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShareOfParts:
    """The share of all parts of all samples; the repeats of a sample are averaged first.

    Its `num` counts parts. Those of one sample have errors that go together, so each sample is a group.

    Attributes:
        name: display name.
        value: of the score: the share of the sample's own parts.
        num_parts: the value that says how many they are.
    """

    name: str
    value: str
    num_parts: str

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate over the parts of samples that have a score."""
        shares, groups = by_sample(scores, self.value)
        nums = [round(num) for num in per_sample(scores, self.num_parts)]
        # a sample without a group gets a name that no group has
        names = [group or f"\0{place}" for place, group in enumerate(groups)]
        parts = _for_each_part(shares, nums)
        return estimate_share(parts, [1.0] * len(parts), _for_each_part(names, nums))


def _for_each_part(of_samples: Sequence[T], nums: Sequence[int]) -> list[T]:
    return list(chain.from_iterable(map(repeat, of_samples, nums)))
