"""Short answers in prose: what stands behind the last mark, without ornament."""

import re
from collections import deque

from evalscope.core.sample import Sample

_MARKED = re.compile(r"^[\s*_#>]{0,8}(?:(?:final|short)\s)?answer[*_]{0,3}\s?:", re.IGNORECASE | re.MULTILINE)
_OPENING = re.compile(r"[\s*_]{0,8}(?:the\s)?(?:correct\s)?answer\sis:?(?=\W)", re.IGNORECASE)
_CONCLUDES = re.compile(r"\banswer\sis\b", re.IGNORECASE)
_FINAL = re.compile(r"\banswer[*_]{0,3}\s?:", re.IGNORECASE)

_LONGEST_LINE = 1000
"""So much of a line is looked at; degenerate replies are one line of megabytes."""


def short_answer(text: str, sample: Sample | None = None) -> str | None:
    """The line behind the last "ANSWER:", else the first line there is; None where there is none.

    Base models go straight to the answer, for the prompt ends in the mark.
    """
    marked = _last(_MARKED, text)
    line = _first_line(text[marked.end() :] if marked else text)
    if marked is None and (opening := _OPENING.match(line)):
        line = line[opening.end() :]
    return _plain(line) or None


def concluded(text: str) -> str | None:
    r"""What follows the last "answer is", else the last "answer:", to the end of its sentence; None without either.

    Bold, $…$ and \\boxed{…} around it go, and one full stop; brackets stay, for they may be the answer.
    """
    mark = _last(_CONCLUDES, text) or _last(_FINAL, text)
    if mark is None:
        return None
    line = _first_line(text[mark.end() :].lstrip(" \t*_:"))
    sentence = re.split(r"(?<=\S)\.(?=[*$\s]*(?:\s[A-Z]|$))", line, maxsplit=1)[0]
    return _plain(sentence) or None


def _last(mark: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(mark.finditer(text), maxlen=1)), None)


def _first_line(text: str) -> str:
    """The first line that is not empty."""
    for line in text.split("\n"):
        if line.strip(" \t\r*_"):
            return line.strip()[:_LONGEST_LINE]
    return ""


def _plain(line: str) -> str:
    plain = line.strip(" \t\r*_$")
    boxed = re.fullmatch(r"\\boxed\{(?:\\text\{)?(.*?)\}{1,2}", plain)
    return boxed.group(1) if boxed else plain
