"""Signs that act instead of being seen: controls, marks of direction, halves of characters, what XML forbids."""

import re

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""U+200C and U+200D are left alone: Persian, Hindi and emoji need them. So are tabs and ends of lines."""

_END_OF_LINE = re.compile(r"\r\n|\n|\r")


def named(text: str) -> str:
    """The text with every hidden sign by name: ⟦U+001B⟧ for escape, ⟦U+202E⟧ for an override of direction."""
    return _HIDDEN.sub(lambda found: f"⟦U+{ord(found.group()):04X}⟧", text)


def harmless(text: str) -> str:
    r"""The text in one line, with hidden signs as escapes: \x1b, \u202e; ends of lines as ⏎."""
    return _escaped(_END_OF_LINE.sub("⏎", text)).replace("\t", r"\x09")


def harmless_lines(text: str) -> str:
    r"""The same, but ends of lines and tabs stay.

    JSON stays JSON: signs that it may hold as they are become escapes of its own, \u009b and \udb40\udc41.
    """
    return "\n".join(map(_escaped, _END_OF_LINE.split(text)))


def _escaped(text: str) -> str:
    return _HIDDEN.sub(_escape, text)


def _escape(sign: re.Match[str]) -> str:
    code = ord(sign.group())
    if code < 0x7F:
        return f"\\x{code:02x}"
    units = sign.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
