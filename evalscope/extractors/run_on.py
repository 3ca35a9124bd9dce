"""Replies that go on to ask themselves the next question."""

import re


def cut_run_on(text: str, marker: str, question: str) -> str:
    """The reply up to the first line that opens another question in the prompt's own form.

    Base models continue a list of solved examples; what they ask and answer themselves is not an answer to ours. A
    line that repeats the question asked is no new one and stays.

    Args:
        text: the reply, reasoning already cut.
        marker: what opens a question's line in the prompt, such as "Question:"; empty cuts nothing.
        question: the question that was asked.
    """
    if not marker or marker not in text:
        return text
    own = _squeeze(question)
    for opening in re.finditer(rf"(?m)^[ \t]*{re.escape(marker)}(.*)$", text):
        asked = _squeeze(opening.group(1))
        repeats_ours = bool(asked) and (own.startswith(asked) or asked.startswith(own))
        if not repeats_ours:
            return text[: opening.start()]
    return text


def _squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()
