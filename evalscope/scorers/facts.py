"""An answer is right when it holds the fact that was asked for."""

import re
import unicodedata
from dataclasses import dataclass

from evalscope.core.sample import Sample
from evalscope.core.score import Score

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[, ](?=\d{3}(?!\d))")


@dataclass(frozen=True, slots=True)
class HoldsFact:
    """Whether a number stands in the reply, as 48213 or 48,213 and as no part of a longer one."""

    value: str = "acc"

    def __call__(self, answer: str | None, sample: Sample) -> Score:
        """1 where one of the targets stands in the answer, else 0."""
        text = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", answer or ""))
        is_right = any(re.search(rf"(?<!\d){re.escape(target)}(?!\d)", text) for target in sample.targets)
        return Score(values={self.value: float(is_right)}, answer=answer)
