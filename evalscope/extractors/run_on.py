"""Replies that go on to ask themselves the next question."""

import re

_TURN_ENDS = re.compile(
    r"<\|(?:endoftext|im_end|eot_id|end_of_text)\|>|<end_of_turn>|<｜end▁of▁sentence｜>|</s>|^(?:Human|User)\s?:",
    re.MULTILINE,
)
_TURN_SIGNS = ("<|", "<end", "<｜", "</s>", "Human", "User")


def cut_run_on(text: str, marker: str, question: str) -> str:
    """The reply up to the first line that opens another question in the prompt's own form, or another turn.

    Base models continue a list of solved examples, or speak for the user too; what they ask and answer themselves is
    not an answer to ours. A line that repeats the question asked, or a part of it, is no new one and stays.

    Args:
        text: the reply, reasoning already cut.
        marker: what opens a question's line in the prompt, such as "Question:"; empty for nothing.
        question: the question that was asked.
    """
    if any(sign in text for sign in _TURN_SIGNS):
        text = _until_next_turn(text)
    if not marker or marker not in text:
        return text
    own = _squeeze(question)
    for opening in re.finditer(rf"(?m)^[ \t]*{re.escape(marker)}(.*)$", text):
        asked = _squeeze(opening.group(1))
        repeats_ours = bool(asked) and (asked in own or asked.startswith(own))
        if not repeats_ours:
            return text[: opening.start()]
    return text


def _until_next_turn(text: str) -> str:
    begins = len(text) - len(text.lstrip())
    end = next((end.start() for end in _TURN_ENDS.finditer(text) if end.start() > begins), len(text))
    return text[:end]


def _squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()
