"""Short answers in prose: what stands behind the last mark, without ornament."""

import re
from collections import deque

from evalscope.core.sample import Sample

_MARKED = re.compile(r"^[\s*_#>]{0,8}(?:(?:final|short)\s)?answer[*_]{0,3}\s?:", re.IGNORECASE | re.MULTILINE)
_OPENING = re.compile(r"[\s*_]{0,8}(?:the\s)?(?:correct\s)?answer\sis:?(?=\W)", re.IGNORECASE)
_CONCLUDES = re.compile(
    r"\banswer(?:\s{1,3}(?:is|would\sbe|must\sbe)\b(?!\s(?:correct|right|wrong)\b)|[*_]{0,3}\s?:|[*_ \t]{0,4}$)"
    r"|答案(?:就?是|为|应该是)?\s?[:：]?|\\boxed(?=\{)",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE_ENDS = re.compile(r"(?<=\S)\.(?=[*$\s]{0,8}(?:\s[A-Z]|$))|。")
_WRAPPED = re.compile(r"\\(?:boxed|text|textbf|mathrm|mathbf)\s{0,3}\{(?P<inner>.*)\}")
_ONLY_SIGNS = frozenset({"", "\\[", "\\(", "$$", "```"})

_ORNAMENT = " \t\r*_$`"

_QUOTES = '"“”'

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
    r"""What follows the last "answer is", "answer:" or \\boxed, to the end of its sentence; None without any.

    Bold, quotes, $…$ and \\boxed{…} around it go, and one full stop; brackets stay, for they may be the answer.
    """
    mark = _last(_CONCLUDES, text)
    if mark is None:
        return None
    boxed = mark.group().startswith("\\")
    line = _first_line(text[mark.start() if boxed else mark.end() :].lstrip(" \t*_:："))
    if boxed:
        line = line[: line.rfind("}") + 1] or line
    return _plain(_SENTENCE_ENDS.split(line, maxsplit=1)[0]).strip(_QUOTES) or None


def _last(mark: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(mark.finditer(text), maxlen=1)), None)


def _first_line(text: str) -> str:
    """The first line with more on it than ornament."""
    for line in text.split("\n"):
        if line.strip(" \t\r*_") not in _ONLY_SIGNS:
            return line.strip()[:_LONGEST_LINE]
    return ""


def _plain(line: str) -> str:
    plain = re.sub(r"\\[()\[\]]", "", line).strip(_ORNAMENT)
    while wrapped := _WRAPPED.fullmatch(plain):
        plain = wrapped.group("inner").strip(_ORNAMENT)
    return plain
