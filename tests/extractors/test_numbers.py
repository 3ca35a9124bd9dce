"""Numbers out of prose, each case named after the way it could fail."""

import pytest

from evalscope.extractors.numbers import last_number

MARKED = {
    "answer line": ("First 5.\nANSWER: 18", "18"),
    "answer line in bold": ("**Answer:** 18", "18"),
    "colon outside the bold": ("**Answer**: 18 apples", "18"),
    "bold number": ("The final answer is: **18**", "18"),
    "number on the next line": ("ANSWER:\n\n18", "18"),
    "hash marks": ("so 9 * 2 = 18\n#### 18", "18"),
    "hash marks with thousands": ("#### 1,000,000", "1000000"),
    "boxed": ("therefore $\\boxed{42}$.", "42"),
    "boxed with thousands in latex": ("\\boxed{1{,}234}", "1234"),
    "boxed with spaced thousands": ("\\boxed{1,\\!234}", "1234"),
    "boxed dollars": ("\\boxed{\\$18}", "18"),
    "boxed fraction": ("\\boxed{\\frac{3}{4}}", "3/4"),
    "boxed with unit": ("\\boxed{18 \\text{ apples}}", "18"),
    "chinese": ("所以答案：18", "18"),
    "chinese full width": ("答案：１８", "18"),
    "chinese sentence": ("答案是18个苹果", "18"),
    "sum on the answer line": ("ANSWER: 5 + 3 = 8", "8"),
    "check after the statement": ("The answer is 18. Check: 9*2=18, 30-12=18", "18"),
    "two answers, the last wins": ("ANSWER: 5\nNo, wait.\nANSWER: 6", "6"),
    "units behind": ("ANSWER: 18 dollars per 7 days", "18"),
    "percent": ("ANSWER: 60%", "60"),
    "percent in latex": ("ANSWER: 60\\%", "60"),
    "dollars and cents": ("The answer is $1,234.50.", "1234.50"),
    "negative": ("ANSWER: -5", "-5"),
    "true minus sign": ("ANSWER: −5", "-5"),
    "minus before the currency": ("ANSWER: -$5", "-5"),
    "minus behind the currency": ("ANSWER: $-5", "-5"),
    "thin space groups thousands": ("ANSWER: 20\u202f000", "20000"),
    "scientific": ("ANSWER: 1e3", "1e3"),
    "no leading zero": ("ANSWER: .5", ".5"),
}

UNMARKED = {
    "only number": ("I have 3 apples", "3"),
    "last of several": ("48 and 24 make 72", "72"),
    "end of sentence": ("It makes 18.", "18"),
    "range is no minus": ("between 10-20", "20"),
    "subtraction is no minus": ("what is left of 10 - 3", "3"),
    "list dash is no minus": ("- 18 apples", "18"),
    "vulgar fraction": ("2½ cups", "2.5"),
    "digits inside a word do not count": ("see item B12 of 7", "7"),
}

NONE = {
    "empty": "",
    "words only": "I do not know.",
    "marked as something else": "From 3 and 4 nothing follows.\nANSWER: none",
    "refusal": "I'm sorry, I can't help with that.",
    "punctuation": "... --- ...",
}


@pytest.mark.parametrize(("text", "number"), MARKED.values(), ids=MARKED.keys())
def test_a_marked_number_wins(text, number):
    assert last_number(text) == number


@pytest.mark.parametrize(("text", "number"), UNMARKED.values(), ids=UNMARKED.keys())
def test_without_a_mark_the_last_number_counts(text, number):
    assert last_number(text) == number


@pytest.mark.parametrize("text", NONE.values(), ids=NONE.keys())
def test_a_text_without_a_number_gives_none(text):
    assert last_number(text) is None


@pytest.mark.parametrize(
    "text", ["1," * 50_000, "-" * 100_000, "ANSWER: " * 10_000, "\\boxed{" * 10_000, "9" * 100_000]
)
def test_hostile_length_is_read_in_reasonable_time(text):
    last_number(text)
