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

REASONED_ANSWER = Template(
    "Think the question through step by step and choose the right answer. End with a line of the form “ANSWER: X”, "
    "where X is the letter of the right choice.\n"
    "\n"
    "{examples}Question: {question}\n"
    "{choices}\n"
    "Reasoning:"
)
"""English, one right choice, reasoning before the letter; the first line is the same for any number of choices."""

SINGLE_ANSWER_ZH = Template(
    "请回答下面的单项选择题。只回复一行，格式为“答案：X”，其中 X 是正确选项的字母。\n"
    "\n"
    "{examples}问题：{question}\n"
    "{choices}\n"
    "答案："
)
"""Chinese, one right choice, the letter alone."""

SEVERAL_ANSWERS = Template(
    "Choose all the right answers to the question; there may be one or several. Reply with one line only, in the form "
    "“ANSWER: X, Y”, with the letters of all right choices and no others, out of {letters}.\n"
    "\n"
    "{examples}Question: {question}\n"
    "{choices}\n"
    "ANSWER:"
)
"""English, one or several right choices, their letters alone."""

SEVERAL_ANSWERS_ZH = Template(
    "请回答下面的不定项选择题，正确选项可能有一个或多个，请选出全部正确选项。只回复一行，格式为“答案：XY”，"
    "其中 X、Y 是正确选项的字母。\n"
    "\n"
    "{examples}问题：{question}\n"
    "{choices}\n"
    "答案："
)
"""Chinese, one or several right choices, their letters alone."""


def list_choices(choices: Sequence[str]) -> str:
    """One line a choice: "A. water"."""
    return "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False))
