"""Numbers in prose: the last one that is marked as the answer wins, else the last one."""

import re
import unicodedata

from evalscope.core.sample import Sample

_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)"
# a sign counts only where nothing stands before it that it could be subtracted from: "10-20" holds 20, not -20
_NUMBER = re.compile(rf"(?<![\w.])(?:(?<![)\]%])-)?[$€£¥]?-?(?P<first>{_PLAIN})(?:\s?/\s?(?P<second>{_PLAIN}))?")

_STRONG = r"####|\\boxed\s*\{|\\fbox\s*\{|\b(?:final\s+)?answer\**\s*:|答案\s*:|答\s*:"
_WEAK = r"\banswer\s+(?:is|was|equals|would\s+be|should\s+be|=)|答案(?:是|为|应该是|应为)"
_MARKER = re.compile(rf"(?P<strong>{_STRONG})|(?P<weak>{_WEAK})", re.IGNORECASE)

_LATEX = (
    (re.compile(r"\\[dt]?frac\s*\{?(-?\d+)\}?\s*\{?(\d+)\}?"), r" \1/\2"),
    (re.compile(r"(?<=\d)(?:\{,\}|,\\!|\\,|\\!)(?=\d{3})"), ","),
    (re.compile(r"\\(?:text|mathrm|textbf|mathbf)\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\([$%])"), r"\1"),
)
_VULGAR = (("½", ".5"), ("¼", ".25"), ("¾", ".75"))


def last_number(text: str, sample: Sample | None = None) -> str | None:
    r"""The number that a text gives as its answer, as plain text: "1234", "-0.5", "3/4".

    The last marked number wins ("#### 5", "ANSWER: 5", \\boxed{5}, "the answer is 5", "答案：5"). Where the last mark
    stands before something that is no number, the text gives none. Without any mark the last number counts.
    Currency signs, per cent signs, thousands separators and units are dropped.
    """
    text = _normalise(text)
    for marker in reversed(list(_MARKER.finditer(text))):
        segment = _segment(text, marker.end())
        found = _answer_in(segment)
        if found is not None:
            return found
        if marker.group("strong") and segment:
            return None
    numbers = list(_NUMBER.finditer(text))
    return _plain(numbers[-1]) if numbers else None


def _normalise(text: str) -> str:
    for sign, decimal in _VULGAR:
        text = text.replace(sign, decimal)
    text = re.sub("(?<=\\d)[\u00a0\u2009\u202f](?=\\d{3})", ",", text)  # spaces that group thousands
    # full-width digits and punctuation become ASCII; the true minus sign becomes a hyphen
    text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2044", "/")
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    return text


def _segment(text: str, start: int) -> str:
    """What a mark points at: the rest of its line, or the next line that is not empty."""
    for line in text[start:].split("\n", 3)[:3]:
        stripped = line.strip(" \t\r*_:`$\"'")
        if stripped:
            return line.strip()
    return ""


def _answer_in(segment: str) -> str | None:
    """The number that a marked line gives: behind its last equals sign, else its first."""
    _, equals, right = segment.rpartition("=")
    number = (_NUMBER.search(right) if equals else None) or _NUMBER.search(segment)
    return _plain(number) if number else None


def _plain(number: re.Match[str]) -> str:
    sign = "-" if "-" in number.group(0)[: number.start("first") - number.start()] else ""
    first = number.group("first").replace(",", "")
    second = (number.group("second") or "").replace(",", "")
    return f"{sign}{first}/{second}" if second else f"{sign}{first}"
