"""Texts of models made harmless in Markdown, and cut short."""

import re

from evalscope.core.hidden import harmless, harmless_lines

_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&$@]")
"""What Markdown, or HTML in it, may take for more than text."""


def shortened(text: str, most: int, *, head: int | None = None) -> str:
    """The text with its middle left out where it is longer than `most`; both ends are what one reads an answer by.

    Args:
        text: whole.
        most: signs that stay.
        head: how many of these are the beginning's; half of them unless said.
    """
    if len(text) <= most:
        return text
    head = most // 2 if head is None else head
    return f"{text[:head]} […{len(text) - most} signs…] {text[len(text) - (most - head) :]}"


def plain_markdown(text: str) -> str:
    """The text in one line as Markdown that shows just it, also in a cell of a table."""
    return _MARKUP.sub(lambda sign: f"&#{ord(sign.group())};", harmless(text))


def fenced(text: str) -> str:
    """The text as a block of code in Markdown, which nothing in it can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{harmless_lines(text)}\n{fence}"
