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
    "chinese word before the digit": ("答：珍妮特每天赚18美元。", "18"),
    "chinese brackets, steps behind": ("【答案】18\n【解析】16-7=9，9×2=18，一周7天。", "18"),
    "reason with an equation behind": ("The answer is 20 since 2 × 20 + 10 = 50.", "20"),
    "check in brackets": ("ANSWER: 18 (= 9 × 2)", "18"),
    "sum of numbers with units": ("The answer is 5 dollars + 3 dollars = 8 dollars.", "8"),
    "box before an equation": ("The total is $\\boxed{460}$, where the overtime part = 60.", "460"),
    "box within text braces": ("\\boxed{\\text{Total: } 18}", "18"),
    "bold in a marked sentence": ("Answer: In 5 days Janet makes **$90**.", "90"),
    "solution of many lines behind the mark": ("Answer: She sells 16 - 7 = 9 eggs.\nShe makes 9 * 2 = $18.", "18"),
    "solution below the mark": ("**Answer:**\n\nLet's see.\n\n1. 16 - 7 = 9\n2. 9 x 2 = 18\n\nShe makes $18.", "18"),
    "explanation below the answer": ("Answer: Janet makes $18.\n\nExplanation:\n16 - 7 = 9, for 7 days", "18"),
    "heading without a colon": ("### Final Answer\n**$18** per day, for 7 days a week", "18"),
    "answer tag": ("<answer>18</answer>\nThat is for 1 day.", "18"),
    "json": ('{"reasoning": "9*2", "answer": 18, "confidence": 0.9}', "18"),
    "the answer called correct": ("ANSWER: 18\nI am sure the answer is correct: 2 checks.", "18"),
    "mixed number": ("ANSWER: 2 1/2", "5/2"),
    "mixed number in latex": ("$\\boxed{2\\frac{1}{2}}$", "5/2"),
    "negative fraction in latex": ("$\\boxed{-\\frac{1}{2}}$", "-1/2"),
    "mixed number in one character": ("ANSWER: 2⅓", "7/3"),
    "thousands in latex without a backslash": ("ANSWER: $1{,}234$", "1234"),
    "clock time": ("ANSWER: 18:00", "18"),
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
    "chinese without spaces": ("因此，詹妮特每天一共赚18美元。", "18"),
    "headings of four hashes": ("#### Step 1: Eggs\n16 - 7 = 9\n#### Step 2: Money\nSo she makes $18.", "18"),
    "numbered headings of four hashes": ("#### 1. Eggs\n16 - 7 = 9\n#### 2. Money\nSo she makes $18.", "18"),
    "bold before further numbers": ("Therefore, Janet makes **$18** every day by selling 9 eggs.", "18"),
    "bold list numbers": ("**1.** 16 - 7 = 9\n**2.** 9 x 2 = 18", "18"),
    "bold factor before the equals sign": ("So 9 x **2** = 18", "18"),
    "square metres": ("It covers 18 m²", "18"),
    "square metres in latex": ("It covers $18\\text{ m}^{2}$", "18"),
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
    "text",
    [
        *("1," * 50_000, "-" * 100_000, "ANSWER: " * 10_000, "\\boxed{" * 10_000, "9" * 100_000),
        *("The answer is " * 20_000, "The answer is \n" * 20_000, "**9 " * 50_000, "#### 1 " * 20_000),
    ],
    ids=lambda text: repr(text[:16]),
)
def test_hostile_length_is_read_in_reasonable_time(text):
    last_number(text)
