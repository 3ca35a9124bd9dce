"""All the letters that a reply settles on, where several choices may be right."""

import time

import pytest

from evalscope.core.sample import Sample
from evalscope.extractors.letter_sets import letter_set

CHOICES = ("water", "stone", "fire", "a dog", "iron ore")
SEVERAL = Sample(input="Which of these are meant?", choices=CHOICES, target="AC", wording="several")
CHINESE = Sample(input="哪些是对的？", choices=("水", "石头", "火", "狗"), target="ACD", wording="several_zh")
SINGLE = Sample(input="Which is meant?", choices=CHOICES, target="B")

ENGLISH_REPLIES = {
    "the asked form": ("ANSWER: A, C", "AC"),
    "joined": ("ANSWER: AC", "AC"),
    "out of order": ("ANSWER: C, A", "AC"),
    "spaces between": ("ANSWER: A C D", "ACD"),
    "one letter": ("ANSWER: C", "C"),
    "all letters": ("ANSWER: A, B, C, D, E", "ABCDE"),
    "the cue goes on": (" A, C", "AC"),
    "the cue goes on, joined": ("AC", "AC"),
    "answers are": ("The answers are A and C.", "AC"),
    "Oxford comma": ("The correct options are A, B, and D.", "ABD"),
    "both": ("The correct answers are both A and C.", "AC"),
    "brackets": ("The answer is (A) and (C).", "AC"),
    "brackets side by side": ("ANSWER: (A)(C)", "AC"),
    "one pair of brackets": ("ANSWER: [A, C]", "AC"),
    "quoted list": ('ANSWER: ["A", "C"]', "AC"),
    "bold": ("**ANSWER: A, C**", "AC"),
    "bold letters": ("The correct answers are **A** and **C**.", "AC"),
    "bold mark": ("**Answer:** A & C", "AC"),
    "slash": ("Answer: A/C", "AC"),
    "semicolon": ("Answer: A; C", "AC"),
    "the word options": ("The answer is options A and C", "AC"),
    "boxed": (r"So $\boxed{A,C}$.", "AC"),
    "boxed text": (r"\boxed{\text{A, C}}", "AC"),
    "two boxes": (r"The answers are $\boxed{A}$ and $\boxed{C}$.", "AC"),
    "tag": ("<answer>A, C</answer>", "AC"),
    "full-width letters": ("ANSWER: Ａ，Ｃ", "AC"),
    "small letters": ("answer: a, c", "AC"),
    "small letters joined": ("Answer: ac", "AC"),
    "a small word": ("Answer: bad", None),
    "with texts": ("The answers are A. water and C. fire", "AC"),
    "with texts in brackets": ("The answers are A (water) and C (fire).", "AC"),
    "a remark in brackets": ("ANSWER: A (it flows), C (it burns)", "AC"),
    "a line each": ("ANSWER:\nA. water\nC. fire", "AC"),
    "a bullet each": ("The correct answers are:\n- A. water\n- C. fire\n\nThe others are not.", "AC"),
    "a line each, bare": ("Answers:\nA\nC", "AC"),
    "lines without a mark": ("A. water\nC. fire", "AC"),
    "bare lines without a mark": ("A\nC", "AC"),
    "reason behind it": ("ANSWER: A, C\n\nB does not flow, D is alive.", "AC"),
    "reason on the line": ("A, C because both move.", "AC"),
    "the last statement wins": ("ANSWER: A, B\nNo, wait.\nANSWER: A, C", "AC"),
    "the last statement is smaller": ("The answers are A, B and C. Rather, the answer is C.", "C"),
    "called right": ("Statements A and C are correct, B is not.", "AC"),
    "called right one by one": ("A is correct. B is incorrect. C is right too.", "AC"),
    "denied after it": ("The answers are A and C. The choice B is wrong.", "AC"),
    "statement denied": ("The options are A and B are not right. I choose C.", "C"),
    "all of": ("The answer is all of A, B, C.", "ABC"),
    "a letter too many": ("ANSWER: A, F", "AF"),
    "or": ("ANSWER: A or C", None),
    "the form repeated": ("ANSWER: X, Y", None),
    "not applicable": ("ANSWER: N/A", None),
    "none": ("ANSWER: none of them", None),
    "an English article": ("The answer is A dog that barks.", None),
    "a capital word": ("The answer is BOTH.", None),
    "every choice repeated": ("\n".join(f"{a}. {b}" for a, b in zip("ABCDE", CHOICES, strict=True)), None),
    "choices repeated, then the answer": ("A. water\nB. stone\nC. fire\nANSWER: A, C", "AC"),
    "choices repeated after the answer": ("ANSWER: A, C\nA. water\nB. stone\nC. fire", "AC"),
    "rambling": ("Water and fire are old friends. A dog may like them, and so may I.", None),
    "refusal": ("I cannot help with that.", None),
    "empty": ("", None),
    "blank": (" \n\n", None),
    "cut off": ("Let us see. A is water, which", None),
}

CHINESE_REPLIES = {
    "the asked form": ("答案：ACD", "ACD"),
    "half-width colon": ("答案:ACD", "ACD"),
    "no colon": ("答案ACD", "ACD"),
    "a list in words": ("答案是A、C和D。", "ACD"),
    "Chinese commas": ("答案：A，C，D", "ACD"),
    "full-width letters": ("答案：ＡＣＤ", "ACD"),
    "bold": ("**答案：AC**", "AC"),
    "bold mark": ("**答案**：A、C", "AC"),
    "square brackets": ("【答案】ACD", "ACD"),
    "choose": ("故选ABD。", "ABD"),
    "should choose": ("所以应选：A和C", "AC"),
    "right ones are": ("正确的选项是A、C。", "AC"),
    "right ones are, with a reason": ("正确的有A和C，因为它们会动。", "AC"),
    "wrong ones are": ("不正确的是B。", None),
    "called right": ("选项A和C正确，选项B错误。", "AC"),
    "all called right": ("A、C、D都是正确的。", "ACD"),
    "joined and called right": ("ACD正确。", "ACD"),
    "with texts": ("答案：A. 水、C. 火", "AC"),
    "a line each": ("答案：\nA. 水\nC. 火", "AC"),
    "not chosen": ("不选B，应选AC", "AC"),
    "the last wins": ("答案：AB。再想一想，答案：AC", "AC"),
    "or": ("答案：A或C", None),
    "boxed": (r"答案是 $\boxed{AC}$", "AC"),
    "reason behind it": ("AC\n\n因为水和火会动。", "AC"),
    "bare": ("ACD", "ACD"),
    "the cue goes on": ("A、C", "AC"),
    "refusal": ("很抱歉，我无法回答。", None),
}


@pytest.mark.parametrize(("reply", "letters"), ENGLISH_REPLIES.values(), ids=ENGLISH_REPLIES)
def test_all_letters_are_found_in_english(reply, letters):
    assert letter_set(reply, SEVERAL) == letters


@pytest.mark.parametrize(("reply", "letters"), CHINESE_REPLIES.values(), ids=CHINESE_REPLIES)
def test_all_letters_are_found_in_chinese(reply, letters):
    assert letter_set(reply, CHINESE) == letters


@pytest.mark.parametrize(("reply", "letter"), [("ANSWER: B", "B"), ("ANSWER: A or B", None), ("B. stone", "B")])
def test_where_one_choice_is_right_one_letter_is_looked_for(reply, letter):
    assert letter_set(reply, SINGLE) == letter


@pytest.mark.parametrize(
    "reply",
    [
        "A, " * 200_000,
        "answer is " * 60_000,
        "ANSWER: " + "(" * 500_000,
        "A B " * 150_000,
        "\\boxed{" * 80_000,
        "A\n" * 100_000,
    ],
    ids=["commas", "marks", "brackets", "letters", "boxes", "lines"],
)
def test_a_reply_of_half_a_megabyte_takes_no_minutes(reply):
    start = time.process_time()
    letter_set(reply, SEVERAL)
    assert time.process_time() - start < 20
