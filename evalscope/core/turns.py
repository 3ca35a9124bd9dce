"""The answers to several turns of a conversation as one text, which is stored and judged."""

import json
from collections.abc import Iterable

_SIGNS = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<[◁"})
"""What marks a reasoning, or the end of a turn, in one of the answers must not be taken for a mark of the whole."""


def write_turns(answers: Iterable[str]) -> str:
    """The answers as a list in JSON, in their order; empty where nothing is said in any of them."""
    texts = tuple(answers)
    if not any(map(str.strip, texts)):
        return ""
    return f"[{', '.join(json.dumps(text, ensure_ascii=False).translate(_SIGNS) for text in texts)}]"


def read_turns(text: str) -> tuple[str, ...]:
    """The answers in such a text.

    Raises:
        ValueError: it is no list of texts.
    """
    answers = json.loads(text)
    if not isinstance(answers, list) or not all(isinstance(answer, str) for answer in answers):
        raise ValueError("a list of texts is needed")
    return tuple(answers)
