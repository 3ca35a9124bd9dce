"""The fast path: equal or different where that is plain, undecided otherwise."""

import re
from fractions import Fraction

from evalscope.scorers.expressions.forms import NO_EXPRESSIONS, Form, Kind, read_form
from evalscope.scorers.expressions.split import is_torn
from evalscope.scorers.expressions.units import differ

_OPTION = re.compile(r"\(?([A-Z])\)?\s*[.:)]\s*\S")
_LETTER = re.compile(r"\(?([A-Z])\)?\.?")
_NEAR = Fraction(1, 10**5)


def decide(target: str, answer: str) -> bool | None:
    """Whether an answer equals a target; None where the library has to say.

    Equal are answers of the same form. Different are two plain numbers, and what is no expression on either side:
    words, times of day, ratios, numerals of another base.
    """
    if not answer.strip():
        return False
    right, given = read_form(target), read_form(answer)
    if differ(right.unit, given.unit):
        return False
    if _are_same(right, given):
        return True
    if right.kind is not given.kind:  # x = 5 and 5
        right, given = right.value or right, given.value or given.result or given
    if _are_same(right, given):
        return True
    if right.number is not None and given.number is not None:
        # a rounded third is the library's to judge
        return None if abs(right.number - given.number) <= _NEAR * abs(right.number) else False
    if _is_option(target, answer):
        return True
    return False if _is_beyond_the_library(right, given) else None


def _is_beyond_the_library(right: Form, given: Form) -> bool:
    """Whether the library would see no difference where there is one, or not come to an end."""
    if right.kind in NO_EXPRESSIONS or given.kind in NO_EXPRESSIONS:
        return True
    if given.kind is Kind.UNREAD and is_torn(given.latex):
        return True
    if right.kind is Kind.RELATION and right.value is None and given.number is not None:
        return True  # to it 3 is the same as x + y = 3
    if right.value and given.value and right.value.number is not None and given.value.number is not None:
        # to it determinants of different values are equal
        return abs(right.value.number - given.value.number) > _NEAR * abs(right.value.number)
    # it does not tell R from r
    return right.kind is given.kind is Kind.EXPRESSION and right.key.casefold() == given.key.casefold()


def _are_same(right: Form, given: Form) -> bool:
    if Kind.WORDS in (right.kind, given.kind):
        return bool(right.plain) and right.plain == given.plain
    if right.kind is given.kind:
        return right.key == given.key
    return False


def _is_option(target: str, answer: str) -> bool:
    """Whether the target is the letter of a choice, and the answer that letter with the choice's text."""
    letter = _LETTER.fullmatch(_unwrap(target))
    given = _OPTION.match(_unwrap(answer))
    return bool(letter and given and letter[1] == given[1])


def _unwrap(text: str) -> str:
    return re.sub(r"\\text(?:bf|rm)?\s*\{([^{}]*)\}|\\(?:mathrm|mathbf)\{([^{}]*)\}|\\[ ,;]|\$", r"\1\2", text).strip()
