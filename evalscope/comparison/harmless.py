"""Texts of models made harmless: for a terminal, for Markdown, for XML."""

import re

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
"""Signs that act instead of being seen: controls, marks of direction, halves of characters, what XML forbids."""

_MARKUP = re.compile(r"[\\`*_\[\]<>#|~&$@]")
"""What Markdown, or HTML in it, may take for more than text."""


def harmless(text: str) -> str:
    r"""The text in one line, with signs that would act on a terminal as escapes: \x1b, \u202e; ends of lines as ⏎."""
    return _UNSEEN.sub(_escape, re.sub(r"\r\n|\n|\r", "⏎", text))


def harmless_lines(text: str) -> str:
    """The same, but ends of lines and tabs stay."""
    return "\n".join("\t".join(map(harmless, line.split("\t"))) for line in re.split(r"\r\n|\n|\r", text))


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


def _escape(sign: re.Match[str]) -> str:
    code = ord(sign.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
