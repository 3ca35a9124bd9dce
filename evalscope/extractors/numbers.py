"""Numbers in prose: the last one that is marked as the answer wins, else the last one."""

import re
import unicodedata
from collections import deque
from collections.abc import Iterator

from evalscope.core.sample import Sample

_PLAIN = r"(?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)"
# a sign counts only where nothing stands before it that it could be subtracted from: "10-20" holds 20, not -20;
# powers are no numbers of their own: "18 m^2" holds 18
_NUMBER = re.compile(
    rf"(?<![A-Za-z_\d.^])(?<!\^-)(?:(?<![)\]%])-)?[$€£¥]?-?(?:(?P<whole>\d{{1,9}})\s{{1,3}}(?=\d{{1,9}}\s?/\s?\d))?"
    rf"(?P<first>{_PLAIN})(?:\s?/\s?(?P<second>{_PLAIN}))?"
)

# "####" also opens headings ("#### Step 2", "#### 2. Add up"), "Answer:" also opens a solution of many lines
_FINAL = (
    r"(?<!#)####(?=[^\w\n]{0,8}\d)(?![^\w\n]{0,8}\d{1,2}[.):][ \t]+\S)"
    r"|<answer>|(?<=final\s)answer\**\s*:|(?-i:\bANSWER)\**\s*:|答案】?\s*:|答案】"
)
_OPEN = r"\banswer[\"'*]{0,3}\s*:|答】?\s*:|答】|(?m:\banswer[* \t]{0,4}$)"
_WEAK = (
    r"\banswer\s+(?:is|was|equals|would\s+be|should\s+be|must\s+be|=)(?!\s+(?:not|correct|right|wrong)\b)"
    r"|答案(?:就?是|为|应该是|应为)"
)
_MARKER = re.compile(
    r"(?=[a#\\<答])"  # saves the trying of all else at every character
    rf"(?:(?P<boxed>\\f?box(?:ed)?\s*\{{)|(?P<final>{_FINAL})|(?P<open>{_OPEN})|(?P<weak>{_WEAK}))",
    re.IGNORECASE,
)
_EXPLAINS = re.compile(
    r"\W{0,8}(?:expla|reason|because|note|check|verif|steps?\b|here|解析|解释|理由|说明)", re.IGNORECASE
)
_CLAUSE_ENDS = re.compile(r",\s|[;?!]|\.(?:\s|$)|\s\(|\s(?:because|since)\s")
_BOLD = re.compile(rf"\*\*[^\w*\n-]{{0,3}}{_NUMBER.pattern}(?:\s?[^\W\d_]{{1,15}}){{0,2}}\s?[°%]?\*\*")

_LATEX = (
    ("frac", re.compile(r"(?<=\d)\s?\\[dt]?frac\s*\{?(-?\d+)\}?\s*\{?(\d+)\}?"), r" \1/\2"),
    ("frac", re.compile(r"\\[dt]?frac\s*\{?(-?\d+)\}?\s*\{?(\d+)\}?"), r"\1/\2"),
    ("{,}", re.compile(r"(?<=\d)\{,\}(?=\d{3})"), ","),
    ("\\", re.compile(r"(?<=\d)(?:,?\\!|\\,)(?=\d{3})"), ","),
    ("\\", re.compile(r"\\(?:text|mathrm|textbf|mathbf)\s*\{([^{}]{0,200})\}"), r" \1 "),
    ("\\", re.compile(r"\\([$%])"), r"\1"),
    ("^", re.compile(r"\s?\^\s?\{(-?\d+)\}"), r"^\1"),
)
_THOUSANDS = re.compile("(?<=\\d)[\u00a0\u2009\u202f](?=\\d{3})")
_OTHER_VULGAR = re.compile(r"(?<=\d)(?=[⅐-⅞])")
_POWERS = {sign: f"^{power}" for power, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_SIGNS = str.maketrans({"½": ".5", "¼": ".25", "¾": ".75", **_POWERS})

_LONGEST_LINE = 500
"""So much of a line is looked at; degenerate replies are one line of megabytes, full of marks."""

_LONGEST_UNIT = 20
"""So many characters after a number are its unit; more make a sentence of it."""


def last_number(text: str, sample: Sample | None = None) -> str | None:
    r"""The number that a text gives as its answer, as plain text: "1234", "-0.5", "3/4".

    The last marked number wins ("#### 5", "ANSWER: 5", \\boxed{5}, "the answer is 5", "答案：5"). Where the last mark
    stands before something that is no number, what follows it is searched, and nothing else. Without any mark the last
    number counts, one in bold on its line before others.
    Currency signs, per cent signs, thousands separators and units are dropped.
    """
    text = _normalise(text)
    for marker in reversed(list(_MARKER.finditer(text))):
        start, end = _segment(text, marker.end())
        segment = text[start:end]
        if marker.group("boxed"):
            found = _answer_in(_until_brace(segment))
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
        text = _THOUSANDS.sub(",", text)
        # full-width digits and punctuation become ASCII; the true minus sign becomes a hyphen
        text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2044", "/")
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


def _answer_in(segment: str) -> str | None:
    """The number that a marked line gives: the one it is about, one in bold, the one behind its last =, its first."""
    right = segment[segment.rfind("=") + 1 :]
    number = (
        _leading_number(segment) or _last(_BOLD.finditer(right)) or _NUMBER.search(right) or _NUMBER.search(segment)
    )
    return _plain(number) if number else None


def _leading_number(segment: str) -> re.Match[str] | None:
    """The number that a line begins with, if all it says at first is that and a unit: "20 eggs, since 2 * 20 = 40"."""
    number = _NUMBER.match(segment, len(segment) - len(segment.lstrip(" \t*_`$\"'([{:~\\")))
    if not number:
        return None
    clause_ends = _CLAUSE_ENDS.search(segment, number.end())
    unit = segment[number.end() : clause_ends.start() if clause_ends else len(segment)]
    return number if len(unit) <= _LONGEST_UNIT and "=" not in unit and not _NUMBER.search(unit) else None


def _last_of_lines(text: str, start: int) -> str | None:
    """The last number from `start` on; behind the last = of its line, one in bold before others."""
    number = _last(_NUMBER.finditer(text, start))
    if number is None:
        return None
    line_start = max(start, text.rfind("\n", 0, number.start()) + 1, number.start() - _LONGEST_LINE)
    line_start = max(line_start, text.rfind("=", line_start, number.start()) + 1)
    line_end = text.find("\n", number.end())
    bold = _last(_BOLD.finditer(text, line_start, len(text) if line_end < 0 else line_end))
    return _plain(bold or number)


def _last(found: Iterator[re.Match[str]]) -> re.Match[str] | None:
    return next(iter(deque(found, maxlen=1)), None)


def _plain(number: re.Match[str]) -> str:
    whole, first, second = ((number.group(name) or "").replace(",", "") for name in ("whole", "first", "second"))
    sign = "-" if "-" in number.group(0)[: number.start("whole" if whole else "first") - number.start()] else ""
    if whole and second.isdecimal() and len(second) <= 9:
        return f"{sign}{int(whole) * int(second) + int(first)}/{second}"
    return f"{sign}{first}/{second}" if second else f"{sign}{first}"
