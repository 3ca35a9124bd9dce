"""Thinking is cut in each of its shapes."""

import pytest

from evalscope.extractors.reasoning import cut_reasoning

CASES = {
    "none": ("ANSWER: B", "ANSWER: B"),
    "closed": ("<think>maybe A</think>ANSWER: B", "ANSWER: B"),
    "only the closing tag": ("maybe A</think>ANSWER: B", "ANSWER: B"),
    "unclosed": ("<think>ANSWER: A", ""),
    "unclosed behind a text": ("Well. <think>ANSWER: A", "Well. "),
    "nested": ("<think>a<think>b</think>c</think>ANSWER: B", "ANSWER: B"),
    "two in a row": ("<think>a</think>one<think>b</think>two", "onetwo"),
    "thought behind the answer": ("ANSWER: B<think>sure?</think>", "ANSWER: B"),
    "closed once too often": ("<think>a</think>ANSWER: B\n</think>\n", "ANSWER: B\n"),
    "closed twice, never opened": ("a</think>ANSWER: B</think>", "ANSWER: B"),
    "closed twice with an answer behind": ("<think>a</think>b</think>ANSWER: B", "ANSWER: B"),
    "closed, nothing behind": ("ANSWER: A</think>", ""),
    "other tag, other case": ("<Thinking>a</THINKING>B", "B"),
    "smaller sign is no tag": ("2 < 3", "2 < 3"),
    "empty": ("", ""),
    "seed": ("<seed:think>A</seed:think>ANSWER: B", "ANSWER: B"),
    "kimi": ("◁think▷A◁/think▷ANSWER: B", "ANSWER: B"),
    "kimi, unclosed": ("◁think▷ANSWER: A", ""),
    "magistral": ("[THINK]A[/THINK]ANSWER: B", "ANSWER: B"),
    "begin and end of thought": ("<|begin_of_thought|>A<|end_of_thought|>\nANSWER: B", "\nANSWER: B"),
    "end of thought only": ("A<|end_of_thought|>ANSWER: B", "ANSWER: B"),
    "thinking as tokens": ("<|START_THINKING|>A<|END_THINKING|>ANSWER: B", "ANSWER: B"),
    "channels": (
        "<|channel|>analysis<|message|>A?<|end|><|start|>assistant<|channel|>final<|message|>ANSWER: B",
        "ANSWER: B",
    ),
    "channels cut off": ("<|channel|>analysis<|message|>ANSWER: A", ""),
    "channels without their signs": ("analysisANSWER: A?assistantfinalANSWER: B", "ANSWER: B"),
    "a reply about an analysis": ("analysis shows: ANSWER: B", "analysis shows: ANSWER: B"),
    "answer tags stay": ("<think>A</think><answer>B</answer>", "<answer>B</answer>"),
    "answer inside the reasoning only": ("<think>The answer is (A).</think>", ""),
}


@pytest.mark.parametrize(("text", "kept"), CASES.values(), ids=CASES.keys())
def test_reasoning_is_cut(text, kept):
    assert cut_reasoning(text) == kept


def test_many_tags_are_read_in_reasonable_time():
    assert cut_reasoning("<think>" * 50_000) == ""
    assert cut_reasoning("<think></think></think>a" * 50_000) == "a"
