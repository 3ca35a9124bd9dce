"""Instructions on the form of a reply: lists, highlights, sections, JSON, titles, quotes, its end, commas."""

import json
import re

_HIGHLIGHT = re.compile(r"\*[^\n*]*\*")
_DOUBLE_HIGHLIGHT = re.compile(r"\*\*[^\n*]*\*\*")
_FENCES = ("```json", "```Json", "```JSON", "```")
_COMMA = re.compile(r"[,，]")


def has_bullets(text: str, *, num_bullets: int) -> bool:
    """Whether exactly so many lines begin with * or -, white space aside; ** opens none, --- does."""
    return _num_stars(text.split("\n")) + sum(line.lstrip().startswith("-") for line in text.split("\n")) == num_bullets


def _num_stars(lines: list[str]) -> int:
    """Lines that begin with one asterisk; one that holds nothing else takes the next line for its own."""
    num, place = 0, 0
    while place < len(lines):
        line = lines[place].lstrip()
        is_bare = line == "*" and place + 1 < len(lines)
        if is_bare or (line[:1] == "*" and line[1:2] not in ("", "*")):
            num += 1
        place += 2 if is_bare else 1
    return num


def has_highlights(text: str, *, num_highlights: int) -> bool:
    """Whether at least so many parts stand between asterisks, single or double ones, on one line."""
    single = sum(bool(part.strip("*").strip()) for part in _HIGHLIGHT.findall(text))
    double = sum(bool(part[2:-2].strip()) for part in _DOUBLE_HIGHLIGHT.findall(text))
    return single + double >= num_highlights


def has_sections(text: str, *, section_spliter: str, num_sections: int) -> bool:
    """Whether the word that opens a section, with a number behind it, occurs at least so often."""
    return len(re.findall(rf"{re.escape(section_spliter.strip())}\s?\d+", text)) >= num_sections


def is_json(text: str) -> bool:
    """Whether all of the text is JSON, within a box of code or not."""
    bare = text.strip()
    for fence in _FENCES:
        bare = bare.removeprefix(fence)
    try:
        json.loads(bare.removesuffix("```").strip())
    except (ValueError, RecursionError):
        return False
    return True


def has_title(text: str) -> bool:
    """Whether a line holds a title such as <<Poem of Joy>>."""
    for line in text.split("\n"):
        start, end = line.find("<<"), line.rfind(">>")
        if 0 <= start < end and line[start : end + 2].lstrip("<").rstrip(">").strip():
            return True
    return False


def ends_with(text: str, *, end_phrase: str) -> bool:
    """Whether the phrase ends the reply, capitals and quotes around the reply aside."""
    return text.strip().strip('"').lower().endswith(end_phrase.strip().lower())


def is_quoted(text: str) -> bool:
    """Whether the whole reply stands between double quotes, straight ones."""
    bare = text.strip()
    return len(bare) > 1 and bare[0] == bare[-1] == '"'


def has_no_comma(text: str) -> bool:
    """Whether there is no comma, nor a full-width one."""
    return not _COMMA.search(text)
