"""Replies that go on to ask themselves the next question."""

import re

_TURN_ENDS = re.compile(
    r"<\|(?:endoftext|im_end|eot_id|end_of_text)\|>|<end_of_turn>|<｜end▁of▁sentence｜>|</s>|^(?:Human|User)\s?:",
    re.MULTILINE,
)
# answers made elsewhere were asked in other words than ours; behind an answer a line like these opens the next one
_OTHER_MARKER = re.compile(
    r"^(?:Question|Problem|Exercise|Q|问题|题目)[ \t]?\d{0,4}[ \t]?[:：](?P<asked>.*)$", re.MULTILINE
)
_OTHER_SIGNS = ("\nQuestion", "\nProblem", "\nExercise", "\nQ", "\n问题", "\n题目")
_ANSWERED = re.compile(r"answer\s{1,3}is\b|answer[*_]{0,3}\s?:|####|\\boxed|答案", re.IGNORECASE)
_TURN_SIGNS = ("<|", "<end", "<｜", "</s>", "Human", "User")


def cut_run_on(text: str, marker: str, question: str) -> str:
    """The reply up to the first line that opens another question in the prompt's own form, or another turn.

    Base models continue a list of solved examples, or speak for the user too; what they ask and answer themselves is
    not an answer to ours. The question asked is no new one where it is repeated whole, or in part at the reply's
    beginning; later, a part may as well be the beginning of another. A question in another form ends the reply only
    where it has answered: before, it is a step of the solution.

    Args:
        text: the reply, reasoning already cut.
        marker: what opens a question's line in the prompt, such as "Question:"; empty for nothing.
        question: the question that was asked.
    """
    if any(sign in text for sign in _TURN_SIGNS):
        text = _until_next_turn(text)
    if marker and marker in text:
        for opening in re.finditer(rf"(?m)^[ \t]*{re.escape(marker)}(?P<asked>.*)$", text):
            if not _repeats(text, opening, question):
                return text[: opening.start()]
    if any(sign in text for sign in _OTHER_SIGNS) and (answered := _ANSWERED.search(text)):
        for opening in _OTHER_MARKER.finditer(text, answered.end()):
            if not _repeats(text, opening, question):
                return text[: opening.start()]
    return text


def _repeats(text: str, opening: re.Match[str], question: str) -> bool:
    """Whether our own question is asked again from there on."""
    own = _squeeze(question)
    start = opening.start("asked")
    if _squeeze(text[start : start + 2 * len(own) + 200]).startswith(own):
        return True
    asked = _squeeze(opening.group("asked"))
    return bool(asked) and asked in own and not text[: opening.start()].strip()


def _until_next_turn(text: str) -> str:
    begins = len(text) - len(text.lstrip())
    end = next((end.start() for end in _TURN_ENDS.finditer(text) if end.start() > begins), len(text))
    return text[:end]


def _squeeze(text: str) -> str:
    return " ".join(text.split()).casefold()
