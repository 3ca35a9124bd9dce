"""Numbers in prose: the last one that is marked as the answer wins, else the last one."""

import re
import unicodedata
from collections import deque
from collections.abc import Iterator
from decimal import Decimal

from evalscope.core.sample import Sample

_PLAIN = (
    # thousands: 1,234 or 1 234, 1'234, 1_234, or as in India 1,23,456
    r"(?:\d{1,3}(?:(?:,\d{3})+(?!\d)|(?:[ '_]\d{3})+(?![\d/]|\s/|,\d))(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"
    r"|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)"
)
_POWERS_OF_TEN = {
    **{"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12},
    **{"百万": 6, "千万": 7, "万亿": 12, "万": 4, "亿": 8, "k": 3},
}
_SCALE = (
    r"(?:\s?(?P<scale>(?i:hundred|thousand|million|billion|trillion)s?(?![A-Za-z])|百万|千万|万亿|万|亿)"
    r"|(?P<kilo>[kK])\b)"
)
# a sign counts only where nothing stands before it that it could be subtracted from: "10-20" holds 20, not -20;
# powers are no numbers of their own: "18 m^2" holds 18
_NUMBER = re.compile(
    rf"(?<![A-Za-z_\d.^])(?<!\^-)(?:(?<![)\]%])-)?[$€£¥₹]?-?(?:(?P<whole>\d{{1,9}})\s{{1,3}}(?=\d{{1,9}}\s?/\s?\d))?"
    rf"(?P<first>{_PLAIN})(?:\s?/\s?(?P<second>{_PLAIN}))?{_SCALE}?"
)

# "####" also opens headings ("#### Step 2", "#### 2. Add up"), "Answer:" also opens a solution of many lines
_FINAL = (
    r"(?<=(?<!#)#)###(?=[^\w\n]{0,8}\d)(?![^\w\n]{0,8}\d{1,2}[.):][ \t]+\S)"
    r"|(?<=<)(?i:answer>)|(?<=(?i:final[\s_]a))(?i:nswer)[\"'*]*\s{0,3}:|(?<=\bA)NSWER\**\s{0,3}:"
    r"|(?<=答)案】?\s{0,3}:|(?<=答)案】"
)
_OPEN = r"(?<=\b[aA])(?i:nswer)(?:[\"'*]{0,3}\s{0,3}:|(?m:[* \t]{0,4}$))|(?<=答)】?\s{0,3}:|(?<=答)】"
_WEAK = (
    r"(?<=\b[aA])(?i:nswer\s{1,3}(?:is|was|equals|would\s+be|should\s+be|must\s+be|=)"
    r"(?!\s{1,3}(?:not|correct|right|wrong)\b))|(?<=答)案(?:就?是|为|应该是|应为)"
)
# one set of first characters, so that the search for them is one scan
_MARKER = re.compile(
    rf"[aA#\\<答](?:(?P<boxed>(?<=\\)f?box(?:ed)?\s{{0,3}}(?:\{{|(?=\s\d)))"
    rf"|(?P<final>{_FINAL})|(?P<open>{_OPEN})|(?P<weak>{_WEAK}))"
)
_EXPLAINS = re.compile(
    r"\W{0,8}(?:expla|reason|because|note|check|verif|steps?\b|here|解析|解释|理由|说明)", re.IGNORECASE
)
_CLAUSE_ENDS = re.compile(r",\s|[;?!]|\.(?:\s|$)|\s\(|\s(?:because|since)\s")
# set off from its line: in bold, or as a formula of its own
_SET_OFF = re.compile(
    rf"(?:\*\*|\\\()[^\w*\n-]{{0,3}}{_NUMBER.pattern}(?:\s?[^\W\d_]{{1,15}}){{0,2}}\s?[°%]?(?:\*\*|\\\))"
)
_MONEY = re.compile(r"[$€£¥₹]")

_LATEX = (
    ("frac", re.compile(r"(?<=\d)\s?\\[dt]?frac\s*\{?(-?\d+)\}?\s*\{?(\d+)\}?"), r" \1/\2"),
    ("frac", re.compile(r"\\[dt]?frac\s*\{?(-?\d+)\}?\s*\{?(\d+)\}?"), r"\1/\2"),
    ("{,}", re.compile(r"(?<=\d)\{,\}(?=\d{3})"), ","),
    ("\\!", re.compile(r"(?<=\d),?\\!(?=\d{3})"), ","),
    ("\\,", re.compile(r"(?<=\d)\\,(?=\d{3})"), ","),
    ("\\text", re.compile(r"\\text(?:bf)?\s*\{([^{}]{0,200})\}"), r" \1 "),
    ("\\math", re.compile(r"\\math(?:rm|bf)\s*\{([^{}]{0,200})\}"), r" \1 "),
    ("\\$", re.compile(r"\\\$"), "$"),
    ("\\%", re.compile(r"\\%"), "%"),
    ("Rs", re.compile(r"\bRs\.?\s?(?=\d)"), "₹"),
    ("^", re.compile(r"\s?\^\s?\{(-?\d+)\}"), r"^\1"),
)
_OTHER_VULGAR = re.compile(r"(?<=\d)(?=[⅐-⅞])")
_POWERS = {sign: f"^{power}" for power, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_SIGNS = str.maketrans({"½": ".5", "¼": ".25", "¾": ".75", **_POWERS})
_ASCII = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2044": "/", "\u2019": "'"})

_SEPARATORS = re.compile(r"[ ,'_]")

_LONGEST_LINE = 500
"""So much of a line is looked at; degenerate replies are one line of megabytes, full of marks."""

_MOST_MARKS = 500
"""So many of the last marks are looked at."""

_LINES_LENGTH = 200
"""Lines without a mark are read from the last, about so many characters at a time."""

_LONGEST_SCALED = 20
"""More characters of a number are no count of millions, and 1e999999 of them could not be written out."""

_LONGEST_UNIT = 20
"""So many characters after a number are its unit; more make a sentence of it."""


def last_number(text: str, sample: Sample | None = None) -> str | None:
    r"""The number that a text gives as its answer, as plain text: "1234", "-0.5", "3/4".

    The last marked number wins ("#### 5", "ANSWER: 5", \\boxed{5}, "the answer is 5", "答案：5"). Where the last mark
    stands before something that is no number, what follows it is searched, and nothing else. Without any mark the last
    number counts, one set off on its line before others.
    Currency signs, per cent signs, thousands separators and units are dropped. A number in millions
    (thousands, 万 …) is written out, unless the question asks for millions.
    """
    number = _answer_of(_normalise(text))
    return None if number is None else _plain(number, sample.question if sample else "")


def _answer_of(text: str) -> re.Match[str] | None:
    for marker in reversed(deque(_MARKER.finditer(text), maxlen=_MOST_MARKS)):
        start, end = _segment(text, marker.end())
        segment = text[start:end]
        if marker.group("boxed"):
            segment = _until_brace(segment) if marker.group().endswith("{") else segment
            found = _answer_in(segment)
        elif marker.group("open") and _opens_a_solution(segment, text, end):
            return _last_of_lines(text, end)
        else:
            found = _answer_in(segment)
        if found is not None:
            return found
        if not marker.group("weak") and segment:
            return _last_of_lines(text, end)
    return _last_of_lines(text, 0)


def _normalise(text: str) -> str:
    if not text.isascii():
        text = _OTHER_VULGAR.sub(" ", text.translate(_SIGNS))
        # full-width digits and punctuation become ASCII, and so do thin spaces
        text = unicodedata.normalize("NFKC", text).translate(_ASCII)
    for sign, pattern, plain in _LATEX:
        if sign in text:
            text = pattern.sub(plain, text)
    return text


def _segment(text: str, start: int) -> tuple[int, int]:
    """Where that lies which a mark points at: the rest of its line, or the next line that is not empty."""
    end = start
    for _ in range(3):
        line_end = text.find("\n", start)
        end = min(len(text) if line_end < 0 else line_end, start + _LONGEST_LINE)
        if text[start:end].strip(" \t\r*_:`$\"'"):
            return start, end
        start = end + 1
    return end, end


def _until_brace(segment: str) -> str:
    """What a box holds: all before the brace that closes it."""
    depth = 1
    for brace in re.finditer(r"[{}]", segment):
        depth += 1 if brace.group() == "{" else -1
        if not depth:
            return segment[: brace.start()]
    return segment


def _opens_a_solution(segment: str, text: str, end: int) -> bool:
    """Whether an "Answer:" stands before a solution of several lines, and not before the answer itself."""
    if _leading_number(segment) or _EXPLAINS.match(text, end):
        return False
    return _NUMBER.search(text, end) is not None


def _answer_in(segment: str) -> re.Match[str] | None:
    """The number that a marked line gives: the one it is about, one set off, behind its last =, money, its first."""
    right = segment[segment.rfind("=") + 1 :]
    return (
        _leading_number(segment)
        or _last(_SET_OFF.finditer(right))
        or _first_amount(right)
        or _NUMBER.search(right)
        or _NUMBER.search(segment)
    )


def _first_amount(segment: str) -> re.Match[str] | None:
    """The first amount of money: "In 7 days she makes $126"."""
    sign = _MONEY.search(segment)
    return _NUMBER.match(segment, sign.start()) if sign else None


def _leading_number(segment: str) -> re.Match[str] | None:
    """The number that a line begins with, if all it says at first is that and a unit: "20 eggs, since 2 * 20 = 40"."""
    number = _NUMBER.match(segment, len(segment) - len(segment.lstrip(" \t*_`$\"'([{:~\\")))
    if not number:
        return None
    clause_ends = _CLAUSE_ENDS.search(segment, number.end())
    unit = segment[number.end() : clause_ends.start() if clause_ends else len(segment)]
    return number if len(unit) <= _LONGEST_UNIT and "=" not in unit and not _NUMBER.search(unit) else None


def _last_of_lines(text: str, start: int) -> re.Match[str] | None:
    """The last number from `start` on; behind the last = of its line, one set off before others."""
    end = len(text)
    while end > start:
        begin = max(start, text.rfind("\n", start, max(start, end - _LINES_LENGTH)) + 1)
        number = _last(_NUMBER.finditer(text, begin, end))
        if number:
            line_start = max(begin, text.rfind("\n", begin, number.start()) + 1, number.start() - _LONGEST_LINE)
            line_start = max(line_start, text.rfind("=", line_start, number.start()) + 1)
            line_end = text.find("\n", number.end(), end)
            return _last(_SET_OFF.finditer(text, line_start, end if line_end < 0 else line_end)) or number
        end = begin - 1
    return None


def _last(found: Iterator[re.Match[str]]) -> re.Match[str] | None:
    return next(iter(deque(found, maxlen=1)), None)


def _plain(number: re.Match[str], question: str) -> str:
    whole, first, second = (_SEPARATORS.sub("", number.group(name) or "") for name in ("whole", "first", "second"))
    sign = "-" if "-" in number.group(0)[: number.start("whole" if whole else "first") - number.start()] else ""
    if whole and second.isdecimal() and len(second) <= 9:
        first = str(int(whole) * int(second) + int(first))
    scale = "k" if number.group("kilo") else (number.group("scale") or "").lower().removesuffix("s")
    if (
        scale
        and "e" not in first.lower()
        and len(first) <= _LONGEST_SCALED
        and not re.search(rf"\b(?:in|how many) {scale}s?\b|多少{scale}", question, re.IGNORECASE)
    ):
        first = f"{Decimal(first).scaleb(_POWERS_OF_TEN[scale]):f}"
    return f"{sign}{first}/{second}" if second else f"{sign}{first}"
