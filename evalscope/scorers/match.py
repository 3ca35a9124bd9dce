"""An answer is right when it equals a target."""

from dataclasses import dataclass
from fractions import Fraction

from evalscope.core.sample import Sample
from evalscope.core.score import Score
from evalscope.errors import ScoringError

MOST_DIGITS = 4000


@dataclass(frozen=True, slots=True)
class ExactMatch:
    """Equality of text, white space at the ends ignored."""

    value: str = "acc"

    def __call__(self, answer: str | None, sample: Sample) -> Score:
        """1 where the answer is one of the targets, else 0."""
        is_right = answer is not None and any(answer.strip() == target.strip() for target in sample.targets)
        return Score(values={self.value: float(is_right)}, answer=answer)


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """Equality of numbers: 1234, 1,234, 1234.0 and 2468/2 are the same."""

    value: str = "acc"

    def __call__(self, answer: str | None, sample: Sample) -> Score:
        """1 where the answer equals one of the targets as a number, else 0.

        Raises:
            ScoringError: a target is no number: then no answer could be right, and the data is at fault.
        """
        targets = [as_number(target) for target in sample.targets]
        if None in targets:
            target = sample.targets[targets.index(None)]
            raise ScoringError(f"the target {target!r} of sample {sample.id} is no number")
        found = None if answer is None else as_number(answer)
        if found is None:
            return Score(values={self.value: 0.0}, answer=answer)
        return Score(values={self.value: float(found in targets)}, answer=answer, vote=str(found))


def as_number(text: str) -> Fraction | None:
    """The exact value of a plain number or fraction in text; None where it is neither.

    A number of more digits than any answer has (1e999999999) is none either: to write it out would take for ever.
    """
    if text.isdecimal() and len(text) <= MOST_DIGITS:
        return Fraction(int(text))
    _, _, exponent = text.casefold().partition("e")
    try:
        if exponent and abs(int(exponent)) > MOST_DIGITS:
            return None
        plain = text.replace(",", "").strip().lstrip("$")
        return Fraction(plain if "/" in plain else plain.replace(" ", ""))  # "2 1/2" is not 21/2
    except (ValueError, ZeroDivisionError):
        return None
