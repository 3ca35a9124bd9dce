"""An answer is right when it is one of those that people gave, punctuation and articles aside."""

import re
import string
from dataclasses import dataclass

from evalscope.core.sample import Sample
from evalscope.core.score import Score

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True, slots=True)
class SquadMatch:
    """Equality with any target after SQuAD's normalisation; an answer that merely holds one is wrong."""

    value: str = "acc"

    def __call__(self, answer: str | None, sample: Sample) -> Score:
        """1 where the answer is one of the targets, else 0; one of which nothing is left is compared as it is."""
        given = (answer or "").strip()
        plain = normalise(given)
        is_right = bool(given) and any(
            plain == text if (text := normalise(target)) else given == target.strip() for target in sample.targets
        )
        return Score(values={self.value: float(is_right)}, answer=answer, vote=plain)


def normalise(text: str) -> str:
    """The text in small letters, without punctuation (U.S. is us) and articles, one space between words.

    Source: Rajpurkar et al. 2016, SQuAD's evaluation script, which the open questions of NQ are scored by.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())
