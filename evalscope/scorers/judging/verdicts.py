"""The verdict in a judge's reply: the last complete one, on a line of its own."""

import math
import re
from collections.abc import Iterator

from evalscope.core.rubric import Rubric

# judges put a line in bold, in a list or in a box of code, and close it with a full stop
_DRESS = r"[ \t*_`]{0,8}"
_LINE = re.compile(
    rf"^[ \t>#*_`\-]{{0,8}}(?P<form>GRADE|SCORE|WINNER){_DRESS}[:：]{_DRESS}"
    rf"(?P<said>[^\s*_`]\S{{0,40}}?(?: \S{{1,20}}?)?){_DRESS}[.。]?{_DRESS}\r?$",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(r"[+-]?(?:\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})")


def read_verdict(reply: str, rubric: Rubric) -> str | None:
    """The verdict of a reply whose reasoning is cut off; None where it holds none that the rubric knows.

    Returns:
        One of the words of `rubric.grades`, as it is spelled there; else a number within `rubric.scale`, as text.
    """
    verdict = None
    for said in _said(reply, rubric):
        verdict = (_grade(said, rubric) if rubric.grades else _number(said, rubric)) or verdict
    return verdict


def values_of(verdict: str, rubric: Rubric) -> dict[str, float]:
    """What a verdict is worth, by name; for a number its place on the scale, from 0 to 1."""
    if rubric.grades:
        return dict(rubric.grades[verdict])
    lowest, highest = rubric.scale
    return {"score": (float(verdict) - lowest) / (highest - lowest)}


def _said(reply: str, rubric: Rubric) -> Iterator[str]:
    if rubric.pattern:
        for match in re.finditer(rubric.pattern, reply):
            yield (match.group(1) or "").strip()
        return
    for match in _LINE.finditer(reply):
        if match.group("form").upper() == rubric.form:
            yield match.group("said")


def _grade(said: str, rubric: Rubric) -> str | None:
    folded = said.casefold().replace("-", "_").replace(" ", "_")
    return next((grade for grade in rubric.grades if grade.casefold() == folded), None)


def _number(said: str, rubric: Rubric) -> str | None:
    if not _NUMBER.fullmatch(said):
        return None
    lowest, highest = rubric.scale
    number = float(said)
    return said if math.isfinite(number) and lowest <= number <= highest else None
