"""Questions that a reply asks itself are cut, the question asked is not."""

import pytest

from evalscope.extractors.run_on import cut_run_on

QUESTION = "How many apples are left?"
CASES = {
    "nothing to cut": ("3 are left.\nANSWER: 3", "3 are left.\nANSWER: 3"),
    "next question": ("ANSWER: 3\n\nQuestion: How many pears?\nANSWER: 9", "ANSWER: 3\n\n"),
    "our question repeated first": ("Question: How many apples are left?\nANSWER: 3", None),
    "our question repeated, then another": (
        "Question: How many apples are left?\nANSWER: 3\nQuestion: Next?\nANSWER: 9",
        "Question: How many apples are left?\nANSWER: 3\n",
    ),
    "marker inside a line": ("The Question: was easy. ANSWER: 3", None),
    "indented": ("ANSWER: 3\n  Question: Next?", "ANSWER: 3\n"),
    "a part of our question": ("Question: How many apples\nANSWER: 3", None),
    "the user's turn": ("ANSWER: 3\n\nHuman: How many pears?\nAssistant: ANSWER: 9", "ANSWER: 3\n\n"),
    "end of the text as a token": ("ANSWER: 3<|endoftext|>How many pears? ANSWER: 9", "ANSWER: 3"),
    "end of the turn as a token": ("ANSWER: 3<|im_end|>\n<|im_start|>user\nANSWER: 9", "ANSWER: 3"),
    "final channel behind a token": ("<|channel|>analysis…<|end|><|channel|>final ANSWER: 3", None),
    "nothing said before the token": ("</s> ANSWER: 3", None),
    "a human in a sentence": ("A Human: being has 2 arms.\nANSWER: 2", None),
    "another form of question behind an answer": ("#### 3\n\nQ: How many pears?\n#### 9", "#### 3\n\n"),
    "a numbered problem behind an answer": ("\\boxed{3}\nProblem 2: Pears\n\\boxed{9}", "\\boxed{3}\n"),
    "a chinese question behind an answer": ("答案：3\n问题：梨有几个？\n答案：9", "答案：3\n"),
    "questions as steps of the solution": ("Q: How many are eaten?\nTwo.\nThe answer is 3.", None),
    "our question in another form": ("The answer is 3.\nQ: How many apples are left?\nThe answer is 3.", None),
    "bare marker": ("ANSWER: 3\nQuestion:\nNext?", "ANSWER: 3\n"),
}


@pytest.mark.parametrize(("text", "kept"), CASES.values(), ids=CASES.keys())
def test_the_reply_ends_where_another_question_opens(text, kept):
    assert cut_run_on(text, "Question:", QUESTION) == (text if kept is None else kept)


def test_a_wording_without_a_marker_cuts_nothing():
    assert cut_run_on("a\nQuestion: b", "", QUESTION) == "a\nQuestion: b"


LONG = "Which of these is true of water?\nI. It boils.\nII. It burns."


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f" B\n\nQuestion: {LONG.replace('burns', 'sings')}\nANSWER: C", " B\n\n"),
        (f"ANSWER: B\n\nQuestion: {LONG}\nANSWER: B", None),
        ("Question: Which of these is true of water?\nIt boils, so\nANSWER: A", None),
        ("ANSWER: B\nQuestion: Which?\nANSWER: C", "ANSWER: B\n"),
    ],
    ids=["another that begins alike", "ours repeated behind the answer", "ours begun", "a short one"],
)
def test_a_question_that_begins_like_ours_is_another_unless_it_goes_on_like_ours(text, kept):
    assert cut_run_on(text, "Question:", LONG) == (text if kept is None else kept)
