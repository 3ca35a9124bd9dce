"""Short answers in prose: one case for each way of going wrong."""

import pytest

from evalscope.extractors.free_text import concluded, short_answer

SHORT = {
    "the form asked for": ("ANSWER: David Seville", "David Seville"),
    "straight on, as a base model": (" David Seville\n", "David Seville"),
    "the last of two": ("ANSWER: Paris\nWait.\nANSWER: London", "London"),
    "bold mark": ("**ANSWER:** Paris", "Paris"),
    "bold answer": ("Answer: **Paris**", "Paris"),
    "answer below the mark": ("ANSWER:\n\nParis", "Paris"),
    "a sentence": ("The answer is Paris.", "Paris."),
    "the word inside the answer": ("The Answer Is Blowing", "Blowing"),
    "reasons below": ("ANSWER: Paris\n\nIt is the capital of France.", "Paris"),
    "full stop kept for initials": ("ANSWER: J. R. R. Tolkien", "J. R. R. Tolkien"),
    "quotes kept, for they may be part of a name": ("ANSWER: “Sink Ships”", "“Sink Ships”"),
    "a mark with nothing behind": ("ANSWER:", None),
    "only ornament": ("** **", None),
    "empty": ("", None),
    "blank": (" \n\t\n", None),
}
CONCLUDED = {
    "plain": ("Thus. So the answer is True.", "True"),
    "the last of two": ("The answer is No. Hm. So the answer is Yes.", "Yes"),
    "brackets kept": ("So the answer is ] } ) >.", "] } ) >"),
    "angle bracket first": ("So the answer is > ] ).", "> ] )"),
    "letter in brackets": ("So the answer is (B).", "(B)"),
    "bold": ("So the answer is **invalid**.", "invalid"),
    "bold with its full stop": ("**So the answer is Yes.**", "Yes"),
    "boxed": (r"So the answer is $\boxed{-24}$.", "-24"),
    "boxed text": (r"the answer is \boxed{\text{valid}}.", "valid"),
    "a colon": ("The answer is: 8", "8"),
    "below": ("The answer is:\n\n**8**", "8"),
    "a sentence after it": ("So the answer is 8. Let me know if that helps.", "8"),
    "a full stop inside": ("So the answer is 3.5.", "3.5"),
    "a comma inside": ("So the answer is Monsters, Inc.", "Monsters, Inc"),
    "words in order": ("So the answer is costume counterpart oven.", "costume counterpart oven"),
    "another mark": ("**Final Answer:** (C)", "(C)"),
    "the later of two marks": ("The answer is among them.\n\n**Answer: Yes**", "Yes"),
    "called correct behind": ("So the answer is Yes. I am sure this answer is correct.", "Yes"),
    "in quotes": ('The answer is "Yes".', "Yes"),
    "boxed without another mark": (r"Hence $\boxed{\text{No}}$.", "No"),
    "boxed on a line of its own": ("The answer is:\n\\[\n\\boxed{8}\n\\]", "8"),
    "closing brace in a box": (r"So the answer is \boxed{] }}.", "] }"),
    "heading": ("### Final Answer\n\n**Yes**", "Yes"),
    "chinese": ("所以答案是：是的。", "是的"),
    "nothing behind": ("So the answer is", None),
    "no mark": ("I believe it is True.", None),
    "empty": ("", None),
}


@pytest.mark.parametrize(("text", "answer"), SHORT.values(), ids=SHORT)
def test_a_short_answer_is_the_marked_line_or_the_first(text, answer):
    assert short_answer(text) == answer


@pytest.mark.parametrize(("text", "answer"), CONCLUDED.values(), ids=CONCLUDED)
def test_a_conclusion_is_what_the_last_mark_introduces(text, answer):
    assert concluded(text) == answer


@pytest.mark.parametrize("text", ["*" * 10**6, "answer is " * 10**5, "answer:\n" * 10**5, " " * 10**6 + "x"])
def test_degenerate_replies_are_read_in_no_time(text):
    short_answer(text)
    concluded(text)
