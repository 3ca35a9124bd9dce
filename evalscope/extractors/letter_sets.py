"""Sets of letters in prose: all the letters of the last explicit statement, where several choices may be right."""

import re
import unicodedata
from dataclasses import dataclass

from evalscope.core.sample import LETTERS, Sample
from evalscope.extractors.letters import choice_letter

SEVERAL = "several"
"""What the names of wordings begin with that ask for all right choices."""

# every run is bounded: unbounded ones beside each other take quadratic time on hostile text
_NOUN = r"\b(?:answers?|choices?|options?|ones?|letters?|statements?)[\"'*_]{0,3}"
_ENGLISH = (
    rf"{_NOUN}(?:\s(?:to|for|among|from|of|in|here)\b[^\n.:;?!]{{0,60}}?)?"
    r"(?:\s{1,3}(?:is|are|was|were|(?:would|should|must|will)\s{1,3}be)\b[*_]{0,3}\s?:?|[*_]{0,3}\s{0,3}[:=])"
    r"|\bI(?:['’]d|['’]ll|\swould|\swill)?\s(?:choose|select|pick|go\swith)\b|<answer>"
)
_CHINESE = (
    r"答案】?[*_]{0,3}\s{0,3}(?:就?是|为|有|包括|应该是|应为|应?选)?[*_]{0,3}\s{0,3}:?"
    r"|(?<!不)正确的?(?:选项|说法|做法|描述|答案)?\s?(?:就?是|为|有|包括)\s?:?|选项\s?(?:是|为|有|:)\s?:?"
    r"|(?<![不别])(?<!不[应能可会该])选择?(?!项)\s?:?"
)
_MARK = re.compile(rf"(?=[acolsi<\\答选正])(?:{_ENGLISH}|{_CHINESE}|\\boxed\s{{0,3}}(?=\{{))", re.IGNORECASE)

_WRAP = r"[ \t*_`\"'“”‘’(\[{<$【]{0,12}(?:\\(?:boxed|text|textbf|mathrm|mathbf)\s{0,3}\{[ \t*_(\[]{0,6}){0,3}"
_OPENING = re.compile(
    rf"\s{{0,3}}(?:[-•][ \t]{{1,3}})?(?:(?:both|all|only)(?:\sof)?\s)?{_WRAP}"
    rf"(?:(?:options?|choices?|letters?|statements?|选项)[ \t]{{0,3}}{_WRAP})?",
    re.IGNORECASE,
)
_RUN = re.compile(r"(?!N/A\b)[A-Z]+(?![A-Za-z0-9'’])")
_CLOSING = re.compile(r"(?:[ \t]?[)\]}*_`\"'“”’>$】]){0,12}")
_REMARK = re.compile(r"[ \t]?\((?![A-Z]\))[^()\n]{0,80}\)")
_BEFORE_TEXT = re.compile(r"[).:、\]*_ \t\"'(–—-]{0,6}")
_JOINT = re.compile(
    r"\s{0,3}(?:[,;/&+、]\s{0,3}(?:(?:and|or)\b)?|(?:and|or|plus|as\swell\sas)\b|以及|[和与及或])\s{0,3}"
    r"|(?=[(\[][A-Z][)\]])"  # (A)(C)
    r"|[ \t]{1,3}(?=[A-Z](?![\w'’])(?!\s[a-z]))"  # A C D
)
_NEXT_LINE = re.compile(r"[ \t.,;]{0,3}\n\s{0,3}(?=[-•*([ \t]{0,5}[A-Z](?![\w'’]))")
_DENIED = re.compile(
    r"[ \t)\]*]{0,4}(?:选?项)?\s?(?:都|均)?(?:是?错|不|并非)"
    r"|\s{1,3}(?:is|are)\s{1,3}(?:both\s|all\s)?(?:not\b|n[o']t\b|incorrect|wrong|false|untrue)",
    re.IGNORECASE,
)
_WORD_FOLLOWS = re.compile(r"\s+(?!(?:because|since|as|for|due|and|or|is|are)\b)[a-z']")
_SMALL = re.compile(r"(?P<letters>[a-z](?:(?:[ \t,;/&]|\band\b){0,6}[a-z]){0,25})[ \t.)\]}*_$]{0,6}$", re.MULTILINE)
_JUDGED = re.compile(
    r"\s{0,3}(?:(?:are|is)\s(?:both\s|all\s)?(?:the\s)?(?:correct|right|true|answers?)\b|(?:选?项)?\s?(?:都|均)?是?正确)"
)
_BEGINS = re.compile(r"(?<![A-Za-z0-9'’\\])(?=[A-Z](?![A-Za-z0-9'’])|[A-Z]{2,10}(?:选?项)?(?:都|均)?是?正确)")
_ENDS = re.compile(r"[\s.,;:。]{0,6}$")
_REASON_FOLLOWS = re.compile(r"[ \t,.;。]{0,3}(?:\n|because\b|since\b|as\b|因为|理由)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Listed:
    """Letters that stand in a list.

    Attributes:
        letters: sorted, each once.
        end: where the list ends in the text.
        is_open: whether an "or" stands in it.
        has_texts: whether choices' own texts stand beside letters.
    """

    letters: str
    end: int
    is_open: bool
    has_texts: bool


def letter_set(text: str, sample: Sample) -> str | None:
    r"""All the letters that a reply settles on, sorted and joined: "AC"; None where it states none.

    Where only one choice can be right, the one letter. Otherwise in this order: the last explicit statement
    ("ANSWER: A, C", "the answers are A and C", "答案：ACD", \\boxed{A,C}); all that are called right ("A and C are
    correct"); the last lines that are nothing but letters; a list that opens the reply; the lines that are a letter
    with its choice's text. "A or C" settles on nothing.
    """
    if not sample.wording.startswith(SEVERAL):
        return choice_letter(text, sample)
    text = unicodedata.normalize("NFKC", text)
    stated = _last_statement(text, sample)
    if stated is not None:
        return None if stated.is_open else stated.letters
    return _called_right(text, sample) or _of_bare_lines(text, sample)


def _last_statement(text: str, sample: Sample) -> _Listed | None:
    last: _Listed | None = None
    for mark in _MARK.finditer(text):
        if last is not None and mark.start() < last.end:  # a second box inside one list
            continue
        found = _read_list(text, mark.end(), sample) or _read_small(text, mark, sample)
        if found is not None and not _DENIED.match(text, found.end):
            last = found
    return last


def _read_list(text: str, start: int, sample: Sample) -> _Listed | None:
    """The list of letters that begins here; None where there is none, or none of its letters names a choice.

    Letters under each other count as one list where the first stands on a line of its own too.
    """
    found, end, is_open, has_texts = "", start, False, False
    position = _end(_OPENING, text, start)
    is_column = "\n" in text[start:position]
    while run := _RUN.match(text, position):
        letters = run.group()
        if len(letters) > 1 and (set(letters) - set(sample.letters) or len(set(letters)) < len(letters)):
            break
        text_end = _end_of_own_text(text, run, sample)
        if text_end is None and letters in ("A", "I") and _WORD_FOLLOWS.match(text, run.end()):
            break
        has_texts = has_texts or text_end is not None
        found += letters
        end = _end(_REMARK, text, _end(_CLOSING, text, text_end or run.end()))
        joint = _JOINT.match(text, end) or (_NEXT_LINE.match(text, end) if is_column else None)
        if joint is None or len(found) > len(LETTERS):
            break
        position = _end(_OPENING, text, joint.end())
        is_open = is_open or bool(re.search(r"or\b|或", joint.group()) and _RUN.match(text, position))
    if not set(found) & set(sample.letters):
        return None
    return _Listed("".join(sorted(set(found))), end, is_open, has_texts)


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where a match that begins here ends; here, where there is none."""
    match = pattern.match(text, start)
    return match.end() if match else start


def _end_of_own_text(text: str, run: re.Match[str], sample: Sample) -> int | None:
    """Where the text of the choice ends that stands behind its letter: "A. water", "A (water)"; None without one."""
    place = sample.letters.find(run.group())
    if place < 0 or len(run.group()) > 1:
        return None
    own = unicodedata.normalize("NFKC", sample.choices[place]).casefold()
    start = _end(_BEFORE_TEXT, text, run.end())
    is_own = start > run.end() and text[start : start + len(own)].casefold() == own
    return start + len(own) if is_own else None


def _read_small(text: str, mark: re.Match[str], sample: Sample) -> _Listed | None:
    """Small letters in their order behind a colon, with nothing after them on their line."""
    listed = _SMALL.match(text, _end(_OPENING, text, mark.end())) if mark.group().endswith((":", "<answer>")) else None
    if listed is None:
        return None
    letters = "".join(re.findall(r"[A-Z]", re.sub(r"\band\b", "", listed["letters"]).upper()))
    is_ordered = letters == "".join(sorted(set(letters)))
    is_named = not set(letters) - set(sample.letters)
    return _Listed(letters, listed.end(), False, False) if is_ordered and is_named else None


def _called_right(text: str, sample: Sample) -> str | None:
    """The letters of all lists that are followed by a verdict."""
    letters: set[str] = set()
    end = 0
    for begin in _BEGINS.finditer(text):
        found = _read_list(text, begin.start(), sample) if begin.start() >= end else None
        if found is not None:
            end = found.end
            letters |= set(found.letters) if _JUDGED.match(text, end) and not found.is_open else set()
    return "".join(sorted(letters)) or None


def _of_bare_lines(text: str, sample: Sample) -> str | None:
    """The letters of lines that hold nothing else, or hold a choice as it was put."""
    lines = [line for line in text.split("\n") if line.strip()]
    listed = [_read_list(line, 0, sample) for line in lines]
    alone = [
        found if found and _ENDS.match(line, found.end) else None for line, found in zip(lines, listed, strict=True)
    ]
    last = next((place for place in reversed(range(len(alone))) if (one := alone[place]) and not one.has_texts), None)
    if last is not None:
        first = last
        while first and (before := alone[first - 1]) and not before.has_texts:
            first -= 1
        return _join(alone[first : last + 1])
    if lines and (opening := listed[0]) and not opening.has_texts and not opening.is_open:
        reply = text.lstrip()
        begun = _read_list(reply, 0, sample)
        if begun is not None and _REASON_FOLLOWS.match(reply, begun.end):
            return begun.letters
    joined = _join(alone)
    return joined if joined and len(joined) < len(sample.choices) else None


def _join(found: list[_Listed | None]) -> str | None:
    """The letters of all, once each; None where one leaves a choice open."""
    if any(one is not None and one.is_open for one in found):
        return None
    return "".join(sorted({letter for one in found if one is not None for letter in one.letters})) or None
