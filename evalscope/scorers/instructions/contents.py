"""Instructions on what must stand in a reply: placeholders, a postscript, one of three answers, the request itself."""

import re

ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")

_PLACEHOLDER = re.compile(r"\[[^\]\n]*\]")
_POSTSCRIPTS = {"P.S.": re.compile(r"p\.\s?s\."), "P.P.S": re.compile(r"p\.\s?p\.\s?s")}
_TWO_DIVIDER = "******"


def has_placeholders(text: str, *, num_placeholders: int) -> bool:
    """Whether there are at least so many pairs of square brackets, each on one line."""
    # up to the last bracket that closes, so that a line of brackets that only open is not searched from each of them
    lines = (line[: line.rfind("]") + 1] for line in text.split("\n"))
    return sum(len(_PLACEHOLDER.findall(line)) for line in lines) >= num_placeholders


def has_postscript(text: str, *, postscript_marker: str) -> bool:
    """Whether the marker occurs, in small letters too; "P. S." and "P. P. S" are taken for it as well."""
    pattern = _POSTSCRIPTS.get(postscript_marker.strip()) or re.compile(re.escape(postscript_marker.strip().lower()))
    return bool(pattern.search(text.lower()))


def is_constrained(text: str) -> bool:
    """Whether one of the three answers occurs, word for word."""
    return any(answer in text for answer in ANSWERS)


def has_two_responses(text: str) -> bool:
    """Whether six asterisks divide two different responses; they may stand before the first and behind the last too."""
    parts = [part.strip() for part in text.split(_TWO_DIVIDER)]
    given = [part for part in parts if part]
    return all(parts[1:-1]) and len(given) == 2 and given[0] != given[1]


def repeats_prompt(text: str, *, prompt_to_repeat: str) -> bool:
    """Whether the reply begins with the request, capitals aside."""
    return text.strip().lower().startswith(prompt_to_repeat.strip().lower())
