"""Wordings of multiple-choice questions."""

from collections.abc import Sequence

from evalscope.core.sample import LETTERS
from evalscope.core.template import Template

SINGLE_ANSWER = Template(
    "Choose the right answer to the question. Reply with one line only, in the form “ANSWER: X”, "
    "where X is one of the letters {letters}.\n"
    "\n"
    "{examples}Question: {question}\n"
    "{choices}\n"
    "ANSWER:"
)
"""English, one right choice, the letter alone."""


def list_choices(choices: Sequence[str]) -> str:
    """One line a choice: "A. water"."""
    return "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False))
