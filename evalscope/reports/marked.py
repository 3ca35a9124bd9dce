"""Texts of models as HTML that shows just them, with the answer that was found in them marked."""

import re

from markupsafe import Markup, escape

from evalscope.core.hidden import named


def mark_raw(text: str, answer: str | None) -> Markup:
    """The text as it is, escaped, with the last place marked that holds the answer."""
    shown = named(text)
    span = find_answer(shown, named(answer)) if answer else None
    if span is None:
        return escape(shown)
    return escape(shown[: span[0]]) + _marked(shown[span[0] : span[1]]) + escape(shown[span[1] :])


def find_answer(text: str, answer: str) -> tuple[int, int] | None:
    """Where the answer last stands as a word of its own; commas between thousands do not matter."""
    wanted = answer.strip()
    if not wanted or len(wanted) > 2_000:
        return None
    body = re.escape(wanted)
    if re.fullmatch(r"-?\d+(\.\d+)?", wanted):
        body = ",?".join(re.escape(sign) for sign in wanted)
    before = r"(?<![\w.])" if wanted[0].isalnum() else ""
    after = r"(?!\w)(?!\.\d)" if wanted[-1].isalnum() else ""
    last = None
    for found in re.finditer(before + body + after, text):
        last = found.span()
    return last


def _marked(text: str) -> Markup:
    return Markup("<mark>{}</mark>").format(text)
