"""Thinking aloud, cut away before an answer is looked for."""

import re

_TAG = re.compile(r"<(/?)(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
_NOTHING_MORE = re.compile(r"\s*\Z")


def cut_reasoning(text: str) -> str:
    """The text without its <think>…</think> parts.

    Tags may be nested. A closing tag without an opening one (templates that open it in the prompt) ends a reasoning
    that began with the text; behind a reasoning already closed, and with nothing after it, it is one too many and
    changes nothing. An opening tag that is never closed runs to the end: the thinking was cut off, so nothing in it
    counts as an answer.
    """
    if "<" not in text:
        return text
    kept: list[str] = []
    depth = start = 0
    for tag in _TAG.finditer(text):
        is_closing = bool(tag.group(1))
        if depth == 0:
            if is_closing and kept and _NOTHING_MORE.match(text, tag.end()):
                return "".join(kept) + text[start : tag.start()]
            if is_closing:
                kept = [""]
            else:
                kept.append(text[start : tag.start()])
        depth = max(0, depth - 1) if is_closing else depth + 1
        start = tag.end()
    if depth == 0:
        kept.append(text[start:])
    return "".join(kept)
