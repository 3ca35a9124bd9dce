"""Several answers as one text."""

import json

import pytest

from evalscope.core.turns import read_turns, write_turns
from evalscope.extractors.reasoning import cut_reasoning
from evalscope.extractors.run_on import cut_run_on

ANSWERS = [
    ("first", "second"),
    ("", "second"),
    ("<think>hm</think>one", "[THINK]so[/THINK]two"),
    ("◁think▷so", "one\nUser: and you?\nQuestion: what?"),
    ("the answer is 2\nQuestion: next", "<|im_end|></s>"),
    ('"quoted" \\ and [1, 2]', "analysis of it, assistantfinal"),
    ("第一", "\u2028 \x00 \x1b[2J"),
]


@pytest.mark.parametrize("answers", ANSWERS)
def test_answers_come_back_as_they_were_whatever_marks_they_hold(answers):
    text = write_turns(answers)
    assert read_turns(cut_run_on(cut_reasoning(text), "", "what?")) == answers
    assert tuple(json.loads(text)) == answers


@pytest.mark.parametrize("answers", [("", ""), (" \n", "")])
def test_nothing_said_is_an_empty_text(answers):
    assert write_turns(answers) == ""


@pytest.mark.parametrize("text", ["", "fine", '{"a": 1}', "[1, 2]", '["a"', "null"])
def test_another_text_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read_turns(text)
