"""An answer is right when it is one of the names that a thing goes by."""

import re
import string
from dataclasses import dataclass

from evalscope.core.sample import Sample
from evalscope.core.score import Score

_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "‘’´`", " "))
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True, slots=True)
class AliasMatch:
    """Equality with any target after normalisation; an answer that merely holds one is wrong."""

    value: str = "acc"

    def __call__(self, answer: str | None, sample: Sample) -> Score:
        """1 where the answer is one of the targets, else 0.

        A target of which nothing is left ("The The", "!!!") is compared as it is, so an empty answer is never right.
        """
        given = (answer or "").strip()
        plain = normalise(given)
        is_right = bool(given) and any(
            plain == name if (name := normalise(target)) else given == target.strip() for target in sample.targets
        )
        return Score(values={self.value: float(is_right)}, answer=answer, vote=plain)


def normalise(text: str) -> str:
    """The text in small letters, without articles, with one space for every run of punctuation and white space.

    Source: Joshi et al. 2017, TriviaQA's evaluation script. https://github.com/mandarjoshi90/triviaqa
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())
