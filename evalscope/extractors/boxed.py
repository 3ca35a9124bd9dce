"""The final expression of a solution: what its last box holds, else what is marked as the answer."""

import re
from typing import NamedTuple

from evalscope.core.sample import Sample

_LONGEST = 1000
"""So many characters of a line are looked at; degenerate replies are one line of megabytes."""

_MOST_PARTS = 20
_BRACE = re.compile(r"\\f?box(?:ed)?\s{0,5}\{|\\[{}\\]|[{}]")
_BOX = re.compile(r"\\f?box(?:ed)?\s{0,5}\{")
_BARE_BOX = re.compile(
    r"\\f?boxed?(?![A-Za-z{])\s{1,5}(?P<inside>\\[a-z]+\{[^{}\n]*\}(?:\{[^{}\n]*\})?|[^\s{}$\\]{1,40})"
)
_OPEN_BOX = re.compile(r"\\f?box(?:ed)?\s{0,5}\{(?P<inside>[^$\n]{1,200}?)(?:\$|\\\)|\\\]|\n)")
# what may stand between two boxes that are one answer: "and", "or", a comma, a name with an equals sign
_BETWEEN_BOXES = re.compile(
    r"(?:[\s$,;&]|\\[()\[\],;! ]|\\q?quad|\\text\s*\{[\s,]*(?:and|or)\s*\}|\b(?:and|or)\b)*"
    r"(?:(?:\$|\\\()?\s*\\?[A-Za-z]{1,6}(?:_\{?\w\}?)?\s*=\s*(?:\$|\\\()?\s*)?"
)
_JOINS = re.compile(r"\b(?:and|or)\b|,")

_NEXT_PROBLEM = re.compile(
    r"^[#* \t]{0,8}(?:(?:new|next) )?(?:Problem|Question|Exercise|问题|题目) ?\d{0,4}[* ]{0,4}[:：.]",
    re.MULTILINE | re.IGNORECASE,
)
_HOPE = re.compile(r"\bI hope (?:it|this) is correct", re.IGNORECASE)
_STRONG = (
    r"\bfinal\s{1,3}answer\s?\**\s?(?:is\b|[:：])|(?<!no )\banswer\s?[*_]{0,3}\s?[:：]|<answer>"
    r"|(?:最终)?答案\**\s?(?:就?是|为|应为|[:：])|(?<!#)####(?=[ \t]{0,4}[\d\\$({+-])"
)
_WEAK = r"\banswer\s{1,3}(?:is|was|equals|would\sbe|must\sbe|should\sbe)\b(?!\s(?:not|correct|wrong)\b)"
_MARK = re.compile(rf"(?=[af最答<#])(?:(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))", re.IGNORECASE)
_REPEATED_MARK = re.compile(r"^[\s*_:：]*(?:the\s+)?(?:final\s+)?answer\s*(?:is\b|[:：])\s*[:：]?", re.IGNORECASE)

_MATHS = re.compile(
    r"\$\$(?P<display>.+?)\$\$|(?<!\\)\$(?P<dollar>(?:\\.|[^$\\])+?)\$|\\\((?P<round>.+?)\\\)|\\\[(?P<square>.+?)\\\]",
    re.DOTALL,
)
_BETWEEN_MATHS = re.compile(r"\s*(?:,|;|,?\s*(?:and|or|和|或))\s*")
_SENTENCE_ENDS = re.compile(
    r"(?<=[^\s.])\.(?=\s|$)|。"
    r"|\s(?:because|since|as|where|when)\s|[,，]\s*(?:because|since|as|which|so|where)\s|\s\((?=[a-z]{3})"
)
_CONCLUDES = re.compile(
    r"^[\s*]*(?:therefore|thus|hence|so|consequently|finally|in conclusion"
    r"|we (?:get|have|find|obtain|conclude)|因此|所以|故)\b"
    r"(?:[^$\\]{0,200}?(?:(?<!not )\b(?:is|are|be|equals)\b|=|为|是))?[\s,:]*(?=\$|\\[(\[])",
    re.IGNORECASE,
)
_ALONE = re.compile(r"[\s$*]*(?:[A-Za-z]\s*=\s*)?[-+−\d.,/\\^{}()\[\]a-z\s|√π]{1,80}[\s$.*]*")
_PLAIN_WORD = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")


def final_expression(text: str, sample: Sample | None = None) -> str | None:
    r"""The expression that a solution ends in, as it stands there without math signs; None where it gives none.

    In this order: the last \\boxed{…} (several that the last sentence joins by "and" are one answer: "2, 3"), unless
    something is marked as the final answer behind it; what is marked ("The final answer is $5$", "ANSWER: 5",
    "答案：5", "#### 5", then "the answer is 5"); a last line that draws a conclusion and ends in a formula; a reply
    that is one expression and nothing else. What a solution goes on to do after its answer, such as the next problem,
    does not count; a box that is never closed holds no answer.
    """
    text = _own_part(text)
    boxed = _find_boxed(text)
    marked = _last_marked(text, after=boxed.end if boxed else 0, is_strong=boxed is not None)
    if boxed and marked is None:
        return ", ".join(boxed.parts)
    if marked is not None:
        return marked
    return _concluded(text) or _alone(text)


class _Boxed(NamedTuple):
    """What boxes hold, and where the last of them ends."""

    parts: tuple[str, ...]
    end: int


def last_boxed(text: str) -> tuple[str, ...]:
    """What the last box holds, or several that stand side by side as one answer; empty without a box."""
    boxed = _find_boxed(text)
    return boxed.parts if boxed else ()


class _Span(NamedTuple):
    start: int
    inside: int
    end: int


def _closed_boxes(text: str) -> list[_Span]:
    r"""The boxes whose braces close, outermost only, in their order. Linear in the text, however torn it is."""
    stack: list[_Span | None] = []
    found: list[_Span] = []
    for brace in _BRACE.finditer(text, max(0, text.find("box") - 2) if "box" in text else len(text)):
        token = brace.group()
        if token == "{":
            stack.append(None)
        elif token == "}":
            box = stack.pop() if stack else None
            if box is not None:
                while found and found[-1].start > box.start:
                    found.pop()
                found.append(box._replace(end=brace.end()))
        elif token.endswith("{") and len(token) > 2:
            stack.append(_Span(brace.start(), brace.end(), 0))
    return found


def _is_joint(between: str) -> bool:
    return len(between) <= 80 and bool(_JOINS.search(between)) and bool(_BETWEEN_BOXES.fullmatch(between))


def _find_boxed(text: str) -> _Boxed | None:
    r"""The last boxes: with their braces, or the token behind a bare \\boxed, or up to the end of a formula."""
    if "box" not in text:
        return None
    spans = _closed_boxes(text)
    end = spans[-1].end if spans else 0
    last = max(text.rfind("\\box"), text.rfind("\\fbox"))
    torn = (_BARE_BOX.match(text, last) or _OPEN_BOX.match(text, last)) if last >= end else None
    if torn is not None and (inside := _bare(torn["inside"])) and not inside.startswith("\\box"):
        return _Boxed((inside,), torn.end())
    first = len(spans) - 1
    while first > 0 and len(spans) - first < _MOST_PARTS and _is_joint(text[spans[first - 1].end : spans[first].start]):
        first -= 1
    found = dict.fromkeys(_bare(text[span.inside : span.end - 1]) for span in spans[max(first, 0) :])
    parts = tuple(one for one in found if one)
    return _Boxed(parts, end) if parts else None


def _own_part(text: str) -> str:
    """The text up to the next problem, which base models go on to set themselves once they have answered."""
    if hope := _HOPE.search(text):
        return text[: hope.start()]
    first = min((found.start() for found in (_MARK.search(text), _BOX.search(text)) if found), default=len(text))
    problem = _NEXT_PROBLEM.search(text, first)
    return text[: problem.start()] if problem else text


def _last_marked(text: str, *, after: int, is_strong: bool) -> str | None:
    """What the last mark points at; behind a box only a strong mark counts."""
    marks = list(_MARK.finditer(text, after))
    for mark in reversed(marks):
        if is_strong and (mark["weak"] or not _opens_line(text, mark)):
            continue
        found = _behind(text, mark.end())
        if found and not (is_strong and _PLAIN_WORD.search(found) and not re.search(r"[\d\\]", found)):
            return found  # but behind a box no "final answer is positive"
        if mark["strong"] and not is_strong and text[mark.end() :].strip(" *_:$\n"):
            return None
    return None


def _opens_line(text: str, mark: re.Match[str]) -> bool:
    """Whether a mark is a statement of its own, and no "to check the answer:" in the middle of a thought."""
    if not mark["strong"].casefold().startswith("answer") or mark["strong"].startswith("ANSWER"):
        return True
    before = text[max(0, mark.start() - 40) : mark.start()].rpartition("\n")[2]
    return not re.sub(r"\b(?:the|correct|final)\b", "", before, flags=re.IGNORECASE).strip(" \t*_#>")


def _behind(text: str, start: int) -> str | None:
    """The formula or the short phrase that follows a mark, on its line or the next that holds anything."""
    segment = text[start : start + _LONGEST]
    while again := _REPEATED_MARK.match(segment):
        segment = segment[again.end() :]
    segment = re.sub(r"^[\s*_:：>]+", "", segment)
    line = segment.split("\n", 1)[0]
    opening = _MATHS.search(segment)
    if opening and opening.start() <= len(line) and _is_only_words(segment[: opening.start()]):
        return _joined_formulas(segment, opening)
    if re.match(r"\$\$?|\\[(\[]", line):  # opened, and cut off before it closed
        return None
    sentence = _SENTENCE_ENDS.split(line, maxsplit=1)[0].split("</answer>")[0]
    plain = _bare(sentence)
    if len(plain) > 150 or len(_PLAIN_WORD.findall(plain)) > 6 or "\\boxed" in plain:
        return None
    return plain or None


def _is_only_words(text: str) -> bool:
    """Whether nothing before the formula could be the answer itself: "the answer is therefore $5$"."""
    return len(text) <= 120 and not re.search(r"\d|\\", text)


def _joined_formulas(text: str, first: re.Match[str]) -> str | None:
    """The formula, with those that a comma or an "and" joins to it, and with the unit behind it."""
    found = [_inside(first)]
    at = first.end()
    while (joint := _BETWEEN_MATHS.match(text, at)) and (formula := _MATHS.match(text, joint.end())):
        found.append(_inside(formula))
        at = formula.end()
    return ", ".join(one for one in found if one) or None


def _inside(formula: re.Match[str]) -> str:
    boxed = last_boxed(formula.group())
    return ", ".join(boxed) if boxed else _bare(next(part for part in formula.groups() if part is not None))


def _concluded(text: str) -> str | None:
    """The formula that ends the last line, where that line draws a conclusion."""
    line = text.rstrip()[-_LONGEST:].split("\n")[-1]
    opening = _CONCLUDES.match(line)
    if opening is None or (formula := _MATHS.match(line, opening.end())) is None:
        return None
    found = _joined_formulas(line, formula)
    rest = line[formula.end() :].strip(" .*")
    return found if len(rest) <= 30 or _BETWEEN_MATHS.match(line, formula.end()) else None


def _alone(text: str) -> str | None:
    """The whole reply, where it is one expression on one line."""
    plain = text.strip()
    if len(plain) > 120 or "\n" in plain:
        return None
    if formula := _MATHS.fullmatch(plain.rstrip(".")):
        return _inside(formula) or None
    if _ALONE.fullmatch(plain) and re.search(r"[\d\\]", plain) and not _PLAIN_WORD.search(plain) and "box" not in plain:
        return _bare(plain) or None
    return None


def _bare(text: str) -> str:
    """The expression without what is put around it: math signs, bold, brackets of display, a full stop, a box."""
    before = None
    text = text.strip()
    while text != before:
        before = text
        text = text.strip(" \t\r\n`").rstrip(".。").strip()
        text = re.sub(r"^\*\*(.*?)\*\*$|^__(.*?)__$", lambda bold: bold[1] or bold[2] or "", text, flags=re.DOTALL)
        if (formula := _MATHS.fullmatch(text)) is not None:
            text = next(part for part in formula.groups() if part is not None).strip()
        if (box := re.fullmatch(r"\\f?box(?:ed)?\s*\{(.*)\}", text, re.DOTALL)) is not None and len(
            _closed_boxes(text)
        ) == 1:
            text = box[1].strip()
    return re.sub(r"^\*\*|\*\*$|(?<!\\)\$$|^\$", "", text).strip()
