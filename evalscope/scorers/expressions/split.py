"""An expression taken apart outside of its brackets."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_BRACKETS = re.compile(r"\\begin\{|\\end\{|\\[{}]|\\[A-Za-z]+|\\.|[()\[\]{}]")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[^{}]*\}")
_OPENING = frozenset(("(", "[", "{", "\\{", "\\begin{", "\\langle"))
_CLOSING = frozenset((")", "]", "}", "\\}", "\\end{", "\\rangle"))


def split_outside(text: str, separator: re.Pattern[str]) -> list[str]:
    """The parts between separators that stand in no bracket; one part where there is none."""
    if not separator.search(text):
        return [text]
    parts = []
    start = 0
    for found in separators_outside(text, separator):
        parts.append(text[start : found.start()].strip())
        start = found.end()
    return [*parts, text[start:].strip()]


def separators_outside(text: str, separator: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The separators that stand in no bracket; ( and ] may close each other, as in intervals."""
    depth = at = 0
    for found in re.finditer(rf"(?P<separator>{separator.pattern})|{_BRACKETS.pattern}", text):
        if found.start() < at:
            continue
        if found["separator"] is not None:
            if depth == 0:
                yield found
        elif found.group() in _OPENING:
            depth += 1
        elif found.group() in _CLOSING:
            depth = max(0, depth - 1)
        at = found.end()


def is_torn(text: str) -> bool:
    r"""Whether a bracket is never closed, or never opened; \\begin{…} and \\end{…} are no brackets of their own."""
    depth = 0
    for found in _BRACKETS.finditer(_ENVIRONMENT.sub(" ", text)):
        depth += (found.group() in _OPENING) - (found.group() in _CLOSING)
        if depth < 0:
            return True
    return depth != 0


class Bracketed(NamedTuple):
    """What one pair of brackets around everything holds."""

    opening: str
    inside: str
    closing: str


def unwrap(text: str) -> Bracketed | None:
    """The pair of brackets around the whole text; None where there is none."""
    first = _BRACKETS.match(text)
    if first is None or first.group() not in ("(", "[", "\\{", "\\langle"):
        return None
    depth = 0
    for found in _BRACKETS.finditer(text):
        if found.group() in _OPENING:
            depth += 1
        elif found.group() in _CLOSING:
            depth -= 1
            if depth == 0:
                if text[found.end() :].strip():
                    return None
                return Bracketed(first.group(), text[first.end() : found.start()].strip(), found.group())
    return None
