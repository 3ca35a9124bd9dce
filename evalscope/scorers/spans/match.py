"""How much of an answer of several spans is right, as DROP defines it."""

import math
import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

from evalscope.core.sample import Sample
from evalscope.core.score import Score
from evalscope.scorers.spans.assignment import best_pairs

MOST_SPANS = 50
"""An answer of more is compared by its first ones: no target has as many."""

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)

Bag = frozenset[str]


@dataclass(frozen=True, slots=True)
class SpansMatch:
    """F1 of words between spans paired as well as can be (f1), and whether all spans are the same (em).

    Each target is one whole answer, its spans apart by a line's end; of several targets the best counts, for f1 and em
    apart. Spans of the answer are apart by ";", "|" or a line's end.

    Source: Dua et al. 2019, "DROP", section 5, and the authors' evaluation of 2019; the F1 of one target is rounded to
    two digits there, and so it is here.
    """

    def __call__(self, answer: str | None, sample: Sample) -> Score:
        """f1 and em, both in [0, 1]."""
        given = [span for span in re.split(r"[;|\n]", answer or "") if span.strip()][:MOST_SPANS]
        pairs = [compare(given, target.split("\n")) for target in sample.targets] if given else [(0.0, 0.0)]
        values = {"f1": max(f1 for f1, _ in pairs), "em": max(em for _, em in pairs)}
        vote = " | ".join(sorted(" ".join(sorted(bag)) for _, bag in map(read_span, given)))
        return Score(values=values, answer=answer, vote=vote)


def compare(given: Sequence[str], right: Sequence[str]) -> tuple[float, float]:
    """F1 and exact match of the spans of an answer with those of one target, neither of them empty."""
    own, wanted = [read_span(span) for span in given], [read_span(span) for span in right]
    same_texts = {text for text, _ in own} == {text for text, _ in wanted}
    em = float(same_texts and len(own) == len(wanted))
    table = [[_f1(bag, target) for _, bag in own] for _, target in wanted]
    if len(wanted) > len(own):
        table = [list(column) for column in zip(*table, strict=True)]
    paired = math.fsum(table[row][column] for row, column in enumerate(best_pairs(table)))
    return round(paired / max(len(own), len(wanted)), 2), em


def read_span(span: str) -> tuple[str, Bag]:
    """A span as it is compared: its words in order, and as a set.

    Words end at spaces and hyphens; numbers are one form (7,000 is 7000.0), and all else is in small letters without
    punctuation and articles.
    """
    words = " ".join(_read_word(word) for word in re.split(r"[ \-]", span)).split()
    return " ".join(words), frozenset(words)


def _read_word(word: str) -> str:
    lowered = word.lower()
    if not _is_number(lowered):
        lowered = lowered.translate(_PUNCTUATION)
    if _is_number(lowered):
        lowered = str(float(lowered))
    return " ".join(_ARTICLES.sub(" ", lowered).split())


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _f1(given: Bag, right: Bag) -> float:
    """F1 of two sets of words; 0 where the target holds numbers and the answer none of them."""
    numbers = {word for word in right if _is_number(word)}
    common = given & right
    if numbers and not numbers & {word for word in given if _is_number(word)}:
        return 0.0
    precision = len(common) / len(given) if given else 1.0
    recall = len(common) / len(right) if right else 1.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
