"""Text as a cell of a table may hold it: short, and no formula."""

import re

from evalscope.core.hidden import named

_FORMULA = re.compile(r"\s*[=+\-@\t\r]")
_NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?%?", re.IGNORECASE)


def cell(text: str) -> str:
    """The text as a cell of a CSV file that no spreadsheet takes for a formula: an apostrophe goes before one."""
    shown = named(text)
    return f"'{shown}" if _FORMULA.match(shown) and not _NUMBER.fullmatch(shown) else shown


def shortened(text: str, most: int) -> str:
    """The text on one line, its middle left out where it is longer than `most` signs."""
    line = " ".join(text[: 4 * most].split()) if len(text) > 4 * most else " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
