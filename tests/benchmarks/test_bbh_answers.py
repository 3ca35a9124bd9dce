"""BBH: answers to each kind of task, in the many forms that replies give them."""

import pytest

from evalscope.benchmarks.bbh import find_answer
from evalscope.core.sample import Sample

OPTIONS = Sample(input="Which one?\nOptions:\n(A) a cat\n(B) a dog\n(C) a cow", target="(B)")
YES_NO = Sample(input="Does she?\nOptions:\n- Yes\n- No", target="Yes")
VALIDITY = Sample(
    input="Is the argument deductively valid or invalid?\nOptions:\n- valid \n- invalid",
    target="valid",
)
BRACKETS = Sample(input="Complete the rest of the sequence. Input: { [", target="] }")
WORDS = Sample(
    input="Sort the following words alphabetically: List: oven costume counterpart", target="costume counterpart oven"
)
NUMBER = Sample(input="I have a flute. How many instruments do I have?", target="8")
TRUTH = Sample(input="not ( True ) and ( True ) is", target="True")
PLAUSIBLE = Sample(input='Is the following sentence plausible? "Elias Lindholm beat the buzzer."', target="no")

CASES = {
    "letter without brackets": (OPTIONS, "the answer is B.", "(B)"),
    "letter with its text": (OPTIONS, "So the answer is (B) a dog.", "(B)"),
    "bold brackets": (OPTIONS, "So the answer is **(B)**.", "(B)"),
    "bare letter": (OPTIONS, "B", "(B)"),
    "boxed letter": (OPTIONS, "The answer is \\boxed{(B)}.", "(B)"),
    "boxed bare letter without a mark": (OPTIONS, "Hence $\\boxed{B}$.", "(B)"),
    "small letter": (OPTIONS, "So the answer is (b).", "(B)"),
    "letter after a denial": (OPTIONS, "So the answer is not (A) but (B).", "(B)"),
    "text in quotes behind": (OPTIONS, 'The correct answer is: (B) "a dog".', "(B)"),
    "option and letter": (OPTIONS, "So the answer is Option B.", "(B)"),
    "heading": (OPTIONS, "### Final Answer\n\n(B) a dog", "(B)"),
    "another letter discussed behind": (OPTIONS, "So the answer is (B). (A) does not bark.", "(B)"),
    "another question behind": (OPTIONS, "So the answer is (B).\n\nThe options (A) and (C) are wrong.", "(B)"),
    "latex": (OPTIONS, "So the answer is $\\text{(B)}$.", "(B)"),
    "statement of the letter further down": (
        OPTIONS,
        "The answer is closest to a dog.\nThat is option (B).\n(B)",
        "(B)",
    ),
    "bold statement later than answer is": (OPTIONS, "First, the answer is among these.\n\n**Answer: (B)**", "(B)"),
    "yes in small letters": (YES_NO, "So the answer is yes.", "Yes"),
    "yes with a comma": (YES_NO, "So the answer is Yes, she does.", "Yes"),
    "no in bold": (YES_NO, "So the answer is **No**.", "No"),
    "no with quotes": (YES_NO, 'So the answer is "No".', "No"),
    "no in capitals": (YES_NO, "ANSWER: NO", "No"),
    "yes boxed in text": (YES_NO, "$\\boxed{\\text{Yes}}$", "Yes"),
    "yes as an option of a list": (YES_NO, "So the answer is - Yes.", "Yes"),
    "whole reply": (YES_NO, "Yes", "Yes"),
    "whole reply with full stop": (YES_NO, "No.", "No"),
    "opens with the word": (YES_NO, "No, she does not.", "No"),
    "last line alone": (YES_NO, "She turned left twice.\n\n**No**", "No"),
    "small target": (PLAUSIBLE, "So the answer is No.", "no"),
    "small target boxed": (PLAUSIBLE, "\\boxed{Yes}", "yes"),
    "true with a full stop": (TRUTH, "So the answer is True.", "True"),
    "true in capitals": (TRUTH, "So the answer is TRUE", "True"),
    "false in latex": (TRUTH, "So the answer is $\\text{False}$.", "False"),
    "false in backticks": (TRUTH, "The answer is `False`.", "False"),
    "equation": (TRUTH, "The answer is: not True and True = False", "not True and True = False"),
    "valid in a sentence": (VALIDITY, "So the answer is that the argument is valid.", "valid"),
    "invalid in a sentence": (VALIDITY, "So the answer is: the argument is deductively invalid.", "invalid"),
    "invalid with a capital": (VALIDITY, "**Answer:** Invalid", "invalid"),
    "not valid": (VALIDITY, "So the answer is not valid.", "invalid"),
    "brackets without spaces": (BRACKETS, "So the answer is ]}.", "] }"),
    "brackets in backticks": (BRACKETS, "So the answer is `] }`.", "] }"),
    "brackets in quotes": (BRACKETS, 'So the answer is "]", "}".', "] }"),
    "brackets boxed": (BRACKETS, "\\boxed{] \\}}", "] }"),
    "angle brackets": (BRACKETS, "So the answer is ] >.", "] >"),
    "round bracket alone": (BRACKETS, "So the answer is ).", ")"),
    "brackets on the next line": (BRACKETS, "The answer is:\n\n```\n] }\n```", "] }"),
    "brackets as the whole reply": (BRACKETS, "] }", "] }"),
    "words with commas": (WORDS, "So the answer is costume, counterpart, oven.", "costume counterpart oven"),
    "words with capitals": (WORDS, "So the answer is Costume Counterpart Oven.", "costume counterpart oven"),
    "words in bold": (WORDS, "The answer is: **costume counterpart oven**", "costume counterpart oven"),
    "words in another order": (WORDS, "So the answer is counterpart costume oven.", "counterpart costume oven"),
    "number with its unit": (NUMBER, "So the answer is 8 objects.", "8"),
    "true minus sign": (NUMBER, "So the answer is −12.", "-12"),
    "thousands": (NUMBER, "So the answer is 1,234.", "1234"),
    "decimals of zero": (NUMBER, "So the answer is 8.0.", "8"),
    "equals sign": (NUMBER, "The answer is 3 - 15 = -12.", "-12"),
    "boxed number": (NUMBER, "The final answer is: $\\boxed{-12}$", "-12"),
    "number alone": (NUMBER, "We count.\n8", "8"),
    "number in latex": (NUMBER, "So the answer is \\(-12\\).", "-12"),
    "a rambling reply": (YES_NO, "I believe she does.", None),
    "a rambling reply with numbers": (NUMBER, "There are 2 flutes and 6 drums, so", None),
    "refusal": (YES_NO, "I'm sorry, I cannot say.", None),
    "cut off at the mark": (YES_NO, "So the answer is", None),
    "both": (YES_NO, "So the answer is either Yes or No.", "either Yes or No"),
}


@pytest.mark.parametrize(("sample", "reply", "answer"), CASES.values(), ids=CASES)
def test_an_answer_is_found_in_the_form_of_its_task(sample, reply, answer):
    assert find_answer(reply, sample) == answer


@pytest.mark.parametrize("piece", ["Yes ", "] ", "answer is ", "The answer is (A\n", "\\boxed{", "1,"], ids=repr)
def test_degenerate_replies_are_read_in_no_time(piece):
    for sample in (OPTIONS, YES_NO, BRACKETS, NUMBER):
        find_answer(piece * 20_000, sample)
