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
    "chinese options discussed behind": ("正确答案是B。\n解析：\n选项A错误。\n选项C：不。\n选项D错误。", "B"),
    "chinese correct option": ("正确的选项是B。", "B"),
    "chinese what is right": ("以上说法中正确的是 B。", "B"),
    "chinese brackets of an answer key": ("【答案】B\n【解析】火会燃烧。", "B"),
    "chinese without a verb": ("答案（B）", "B"),
    "chinese choose and not choose": ("应选B，不选A。", "B"),
    "chinese my choice": ("我的选择是C", "C"),
    "chinese option called right": ("选项A错误。选项B正确。选项C错误。", "B"),
    "english options discussed behind": ("**Answer: B**\n- Option A is wrong.\n- Option C: no.", "B"),
    "the writer named behind": ("The answer is B, I believe.", "B"),
    "others called wrong behind": ("The answer is B, A and C are wrong.", "B"),
    "answer to the question": ("The answer to this question is B.", "B"),
    "must be": ("So the answer must be B.", "B"),
    "behind its text": ("The correct answer is fire (B).", "B"),
    "option behind its text": ("The correct answer is **fire** (option B).", "B"),
    "small letter in brackets": ("The answer is (b).", "B"),
    "json": ('{"answer": "B", "why": "it burns"}', "B"),
    "answer tag": ("<answer>B</answer>", "B"),
    "dash": ("Answer - B", "B"),
    "is the answer": ("Therefore, B is the answer.", "B"),
    "choice of the writer": ("I would choose B.", "B"),
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
    "dash and text": ("B - fire", "B"),
    "named": ("Option B", "B"),
    "named with its text": ("Option B: fire", "B"),
    "small letter": ("b", "B"),
    "small letter with its text": ("b) fire", "B"),
    "other words behind": ("B. Fire burns things.", "B"),
    "reason behind": ("B, because fire burns.", "B"),
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
    "two letters in chinese": "答案：A、B",
    "denials in chinese": "A不正确，C不正确，D不正确",
    "denials": "A is incorrect. C is not correct. D is wrong.",
    "each choice discussed": "A. water: no\nB. fire: yes\nC. a dog: no",
    "choice of a word": "I choose a dog",
    "about one choice": "The answer for A is no.",
}


@pytest.mark.parametrize(("text", "letter"), STATED.values(), ids=STATED.keys())
def test_an_explicit_statement_gives_its_letter(text, letter):
    assert choice_letter(text, SAMPLE) == letter


@pytest.mark.parametrize(("text", "letter"), ALONE.values(), ids=ALONE.keys())
def test_a_lone_letter_counts(text, letter):
    assert choice_letter(text, SAMPLE) == letter


def test_the_writer_is_no_letter_where_choices_reach_to_it():
    ten = Sample(input="Which?", target="B", choices=tuple("0123456789"))
    assert choice_letter("The answer is B, I believe.", ten) == "B"
    assert choice_letter("The answer is B or I.", ten) is None
    assert choice_letter("The answer is I.", ten) == "I"


@pytest.mark.parametrize("text", NONE.values(), ids=NONE.keys())
def test_a_reply_that_settles_on_nothing_gives_none(text):
    assert choice_letter(text, SAMPLE) is None


HOSTILE = (
    "answer to ",
    "I choose ",
    "选",
    "答案",
    "A is correct ",
    "answer ",
    "(",
    "\\boxed{",
    "A ",
    "* ",
    "answer is ",
    " ",
    "A) ",
    "**",
    "answer\n",
)


@pytest.mark.parametrize("text", [("answer" + piece * 20_000) for piece in HOSTILE], ids=map(repr, HOSTILE))
def test_hostile_length_is_read_in_reasonable_time(text):
    choice_letter(text, SAMPLE)
