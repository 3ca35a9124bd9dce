"""Letters out of prose, each case named after the way it could fail."""

import pytest

from evalscope.core.sample import Sample
from evalscope.extractors.letters import choice_letter

SAMPLE = Sample(input="Which burns?", target="B", choices=("water", "fire", "a dog", "earth"))

STATED = {
    "asked form": ("ANSWER: B", "B"),
    "small letter": ("answer: b", "B"),
    "in a sentence": ("The answer is B because it burns.", "B"),
    "in brackets": ("The answer is (B).", "B"),
    "bold": ("**Answer**: **B**", "B"),
    "bold to the end": ("answer is **(B) fire**", "B"),
    "with its text": ("ANSWER: B. fire", "B"),
    "with its text in brackets": ("ANSWER: B) fire", "B"),
    "option": ("The correct option is B.", "B"),
    "answer is option": ("The correct answer is option B", "B"),
    "boxed": ("so $\\boxed{B}$", "B"),
    "boxed text": ("$\\boxed{\\text{B}}$", "B"),
    "next line": ("ANSWER:\nB", "B"),
    "no space": ("Answer:B", "B"),
    "square brackets": ("ANSWER: [B]", "B"),
    "chinese": ("答案是B", "B"),
    "chinese full width": ("答案：Ｂ", "B"),
    "chinese in brackets": ("答案为（B）。", "B"),
    "chinese choose": ("故选B。", "B"),
    "the last statement wins": ("The answer is A. No: ANSWER: B", "B"),
    "on one line": ("My answer: C. Wait, ANSWER: B", "B"),
    "echo of the instruction": ("ANSWER: X, where X is B\nANSWER: B", "B"),
    "letter A before a reason": ("The answer is A because it is wet.", "A"),
    "is correct": ("Option B is correct.", "B"),
    "is the correct answer": ("B is the correct answer.", "B"),
    "outside the choices": ("ANSWER: F", "F"),
}

ALONE = {
    "whole reply": ("B", "B"),
    "leading space": (" B", "B"),
    "full stop": ("B.", "B"),
    "brackets": ("(B)", "B"),
    "bold": ("**B**", "B"),
    "line of its own": ("Let me think. A is wrong.\nB", "B"),
    "with its text": ("B. fire", "B"),
    "colon and text": ("B: fire", "B"),
}

NONE = {
    "empty": "",
    "rambling with a letter": "I think it is fire. B",
    "article": "The answer is a dog",
    "capital article": "The answer is A dog",
    "two letters": "ANSWER: A or B",
    "two letters with a comma": "ANSWER: A, B",
    "both": "ANSWER: Both",
    "negation": "The answer is not A",
    "list of all choices": "A. water\nB. fire\nC. a dog\nD. earth",
    "sentence that begins with a letter": "A cat sat. B is good",
    "refusal": "I cannot answer that.",
    "word": "ANSWER: Because",
}


@pytest.mark.parametrize(("text", "letter"), STATED.values(), ids=STATED.keys())
def test_an_explicit_statement_gives_its_letter(text, letter):
    assert choice_letter(text, SAMPLE) == letter


@pytest.mark.parametrize(("text", "letter"), ALONE.values(), ids=ALONE.keys())
def test_a_lone_letter_counts(text, letter):
    assert choice_letter(text, SAMPLE) == letter


@pytest.mark.parametrize("text", NONE.values(), ids=NONE.keys())
def test_a_reply_that_settles_on_nothing_gives_none(text):
    assert choice_letter(text, SAMPLE) is None


HOSTILE = ("answer ", "(", "\\boxed{", "A ", "* ", "answer is ", " ", "A) ", "**", "answer\n")


@pytest.mark.parametrize("text", [("answer" + piece * 20_000) for piece in HOSTILE], ids=map(repr, HOSTILE))
def test_hostile_length_is_read_in_reasonable_time(text):
    choice_letter(text, SAMPLE)
