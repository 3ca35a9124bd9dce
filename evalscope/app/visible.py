"""Text as a person may safely see it: signs that hide, turn or command are shown by name."""

import re

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Controls but tab and newlines, and signs that change the direction of writing or have no width.

U+200C and U+200D are left alone: Persian, Hindi and emoji need them.
"""

_FORMULA = re.compile(r"\s*[=+\-@\t\r]")
_NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?%?", re.IGNORECASE)


def visible(text: str) -> str:
    """The text with every hidden sign by name: ⟦U+001B⟧ for escape, ⟦U+202E⟧ for an override of direction."""
    return _HIDDEN.sub(lambda found: f"⟦U+{ord(found.group()):04X}⟧", text)


def cell(text: str) -> str:
    """The text as a cell of a CSV file that no spreadsheet takes for a formula: an apostrophe goes before one."""
    shown = visible(text)
    return f"'{shown}" if _FORMULA.match(shown) and not _NUMBER.fullmatch(shown) else shown


def shortened(text: str, most: int) -> str:
    """The text on one line, its middle left out where it is longer than `most` signs."""
    line = " ".join(text[: 4 * most].split()) if len(text) > 4 * most else " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
