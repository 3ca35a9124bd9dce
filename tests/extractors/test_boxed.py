import time

import pytest

from evalscope.extractors.boxed import final_expression, last_boxed

# what a reply ends in, one row for each way of going wrong
CASES = [
    (r"so $\boxed{5}$.", "5"),
    (r"so $\boxed{\frac{1}{2}}$.", r"\frac{1}{2}"),
    (r"so $\boxed{\text{A}}$", r"\text{A}"),
    (r"\boxed{\boxed{5}}", "5"),
    (r"first \boxed{3}, then $x = 4$ so \boxed{7}.", "7"),
    (r"the roots are $\boxed{2}$ and $\boxed{3}$.", "2, 3"),
    (r"$x = \boxed{-1}$ and $x = \boxed{2}$.", "-1, 2"),
    (r"$x=\boxed{-1}$ or $x=\boxed{2}$.", "-1, 2"),
    (r"Thus $a=\boxed{3}$, so $a+b=\boxed{7}$", "7"),
    (r"\boxed 5", "5"),
    (r"$\boxed 5$.", "5"),
    (r"so $\boxed{12$.", "12"),
    (r"so $\boxed{\frac{1}", None),
    (r"so $\boxed{12", None),
    (r"I get $\boxed{7}$. So the final answer is $\boxed{7", "7"),
    (r"\boxed{\{1,2\}}", r"\{1,2\}"),
    (r"\boxed{x = 5}", "x = 5"),
    (r"\boxed{$5$}", "5"),
    ("Final Answer: The final answer is $5$. I hope it is correct.", "5"),
    (
        "Final Answer: The final answer is $[2,5)$. I hope it is correct.\n\nProblem:\nWhat is 2+2?\n\nSolution:\n"
        "$\\boxed{4}$\nFinal Answer: The final answer is $4$. I hope it is correct.",
        "[2,5)",
    ),
    ("so $\\boxed{3}$.\nFinal Answer: The final answer is $3$. I hope it is correct.", "3"),
    ("so $\\boxed{3}$.\nFinal Answer: The final answer is $4$. I hope it is correct.", "4"),
    (r"The final answer is: $\boxed{5}$", "5"),
    (r"The final answer is: $\boxed{5}$. I hope it is correct.", "5"),
    ("ANSWER: 5", "5"),
    (r"ANSWER: \boxed{5}", "5"),
    ("**Answer:** $5$", "5"),
    ("**Answer: 5**", "5"),
    (r"**Final Answer:** $\frac{1}{2}$", r"\frac{1}{2}"),
    ("**Final Answer**\n\nThe final answer is $\\boxed{2}$", "2"),
    ("### Final Answer: 12", "12"),
    ("#### 5", "5"),
    ("The answer is $5$.", "5"),
    ("The answer is 5.", "5"),
    ("So the answer is 3.5.", "3.5"),
    ("The answer is $x=5$ because 6 is too large.", "x=5"),
    ("The answer is 5 because 6 is too large.", "5"),
    ("答案：5", "5"),
    (r"答案是 $\frac12$。", r"\frac12"),
    ("因此，答案为 5。", "5"),
    (r"最终答案：$\boxed{3}$", "3"),
    ("The final answer is $$\n5\n$$", "5"),
    (r"The final answer is \[ \frac{3}{4} \]", r"\frac{3}{4}"),
    ("The final answer is:\n\n\\[ 12 \\]", "12"),
    ("The answer is $2$ and $3$.", "2, 3"),
    ("The answer is $2$.  \n\nLet me check: $2+2=4$.", "2"),
    ("I don't know.", None),
    ("I cannot help with that.", None),
    ("", None),
    ("   ", None),
    ("We compute 3 and then 4 and so on.", None),
    ("5", "5"),
    ("$5$", "5"),
    ("x = 5", "x = 5"),
    (r"$\frac{1}{2}$.", r"\frac{1}{2}"),
    ("Therefore, the area is $12$.", "12"),
    ("Let a be.\nTherefore, the area is $12$.", "12"),
    ("Let a be 5.\nThe area of $ABC$ is something.", None),
    ("$\\boxed{5}$\n\nProblem: What is it?\nSolution: $\\boxed{9}$", "5"),
    ("Problem: What is it?\nSolution: $\\boxed{9}$", "9"),
    ("$\\boxed{5}$\n\nQuestion: next\nAnswer: 7", "5"),
    ("## Step 1\nfoo\nThe final answer is: $\\boxed{16}$", "16"),
    (r"\boxed{The answer is 5}", "The answer is 5"),
    (r"\boxed{5}}", "5"),
    (r"\boxed{}", None),
    (r"\boxed{ }", None),
    (r"\fbox{5}", "5"),
    (r"\boxed {5}", "5"),
    (r"\boxed{5}\n\boxed{6}", "6"),
    (r"$$\boxed{5}$$ $$\boxed{5}$$", "5"),
    ("The answer is not clear.", None),
    ("The final answer is $5", None),
    ("The final answer is 5", "5"),
    ("Final Answer: $5$ units", "5"),
    ("the answer is **12**.", "12"),
    ("The answer is (3, 4).", "(3, 4)"),
    (r"The answer is $\$5$.", r"\$5"),
    (r"ANSWER: $\$5.50$", r"\$5.50"),
    ("Answer: 1,000", "1,000"),
    ("The correct answer is 7.", "7"),
    ("<answer>5</answer>", "5"),
    ("Answer:\n5", "5"),
    (r"Hence $\boxed{2}$ is the number, and the sum of all is $\boxed{10}$", "10"),
    (r"$\boxed{\text{(A) } 5}$", r"\text{(A) } 5"),
    (r"\(\boxed{5}\)", "5"),
    (r"\[\boxed{\begin{pmatrix} 1 \\ 2 \end{pmatrix}}\]", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"),
    (r"\boxed{\left\{ 1 \right\}}", r"\left\{ 1 \right\}"),
    (r"we have \boxed{3} apples", "3"),
    (r"The answer is \boxed{3}.", "3"),
    ("The final answer is $\\frac{1}{2}$.\n\n### Explanation\nIt is half.", r"\frac{1}{2}"),
    ("Answer: The answer is $7$.", "7"),
    (r"$\boxed{3}$. The answer is $4$ if negative.", "3"),
    ("The answer is 42!", "42!"),
    ("So the final answer is x^2 + 1.", "x^2 + 1"),
    ("Final answer: $x^2+1$ and that's it", "x^2+1"),
    (r"Thus the answer is $\sqrt{2}$, as desired.", r"\sqrt{2}"),
    (r"The answer is $10\%$.", r"10\%"),
    ("ANSWER: 10%", "10%"),
    ("The answer is: B", "B"),
    (r"The final answer is **$\frac{3}{4}$**.", r"\frac{3}{4}"),
    ("**The final answer is $5$.**", "5"),
    ("Final Answer: The final answer is $5. I hope it is correct.", None),
    ("Final Answer: The final answer is 5. I hope it is correct.", "5"),
    (r"Final Answer: The final answer is $\text{(B)}$. I hope it is correct.", r"\text{(B)}"),
    ("the answer is $3$. Problem:\nfoo", "3"),
    ("The answer is $5$.\n\nProblem:\nFind.\n\nThe answer is $7$.", "5"),
    ("No answer: the problem cannot be solved.", None),
    ("Therefore, $x = 5$.", "x = 5"),
]

REASONING_ONLY = "Let me think. It may be $7$, or $8$. I should check both of them and then decide."

NAMED = {
    "reasoning inside only": (REASONING_ONLY, None),
    "the question repeated after the answer": ("So it is $\\boxed{4}$.\n\nProblem: What is $2+2$?", "4"),
    "the next problem in bold": ("So $\\boxed{4}$.\n\n**Problem 2:** What is $3+3$?\n\n$\\boxed{6}$", "4"),
    "the next problem as a heading": ("The answer is $4$.\n\n## Problem 2.\nWhat?\n\nThe answer is $6$.", "4"),
    "the next problem in Chinese": ("答案：4\n\n问题：三加三？\n答案：6", "4"),
    "cut off inside of a fraction": ("So the answer is $\\boxed{\\frac{13}", None),
    "cut off behind the mark": ("So it is 4. The final answer is", None),
    "cut off behind an opening sign": ("It is 4. The final answer is $", None),
    "boxed prose": ("$\\boxed{\\text{no solution}}$", "\\text{no solution}"),
    "boxed name and value": ("$\\boxed{x = 5}$", "x = 5"),
    "a letter with its text": ("$\\boxed{\\textbf{(C)}\\ 12}$", "\\textbf{(C)}\\ 12"),
    "a refusal": ("I am sorry, but I cannot solve this.", None),
    "a final answer that is only a sign": ("Its final answer is positive. So $\\boxed{3}$", "3"),
    "a word behind the box": ("Thus $\\boxed{3}$, and our final answer is positive.", "3"),
    "a check behind the box": ("Thus $\\boxed{3}$. To check our answer: $3 + 4 = 7$ holds.", "3"),
    "three boxes that are steps": ("$a=\\boxed{1}$. Then $b=\\boxed{2}$. So $a+b=\\boxed{3}$.", "3"),
    "three boxes that are one answer": ("$\\boxed{1}$, $\\boxed{2}$, and $\\boxed{3}$", "1, 2, 3"),
    "the same box twice": ("So $\\boxed{3}$.\n\n**Final Answer**: $\\boxed{3}$", "3"),
    "a display over several lines": ("\\[\n\\boxed{\n\\frac{1}{2}\n}\n\\]", "\\frac{1}{2}"),
    "a mark, then a display on the next line": ("**Final Answer:**\n\n$$x^2 + 1$$", "x^2 + 1"),
    "full-width marks": ("答案：$５$", "５"),
    "thousands": ("The final answer is $1,\\!234$. I hope it is correct.", "1,\\!234"),
    "a decimal point is no full stop": ("The answer is 3.25. That is all.", "3.25"),
    "a list in words": ("The answer is 2, 3, and 5.", "2, 3, and 5"),
}


@pytest.mark.parametrize(("text", "answer"), CASES, ids=[repr(text)[:60] for text, _ in CASES])
def test_the_final_expression_is_found(text, answer):
    assert final_expression(text) == answer


@pytest.mark.parametrize(("text", "answer"), NAMED.values(), ids=NAMED)
def test_a_reply_that_goes_wrong_in_its_own_way_is_read_rightly(text, answer):
    assert final_expression(text) == answer


HUGE = {
    "boxes never closed": "\\boxed{" * 140_000,
    "braces never closed": "{" * 1_000_000,
    "closed boxes": "\\boxed{5} " * 100_000,
    "boxes joined by and": "\\boxed{5} and " * 70_000,
    "box commands": "\\boxed " * 140_000,
    "a box and spaces": "\\boxed" + " " * 1_000_000,
    "dollars": "$" * 1_000_000,
    "brackets of display": "\\[" * 500_000,
    "marks": "the answer is " * 70_000,
    "marks on lines": "Answer:\n" * 120_000,
    "next problems": "Problem:\n" * 100_000,
    "newlines": "\n" * 1_000_000,
    "stars": "*" * 1_000_000,
    "hashes": "#" * 1_000_000,
    "spaces in the end": "the final answer is" + " " * 1_000_000 + "x",
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_a_megabyte_takes_linear_time(text):
    began = time.process_time()
    final_expression(text)
    assert time.process_time() - began < 10


def test_a_box_inside_a_box_is_one_box():
    assert last_boxed(r"$\boxed{\boxed{5}}$") == ("5",)


def test_no_more_than_the_last_boxes_are_taken_together():
    assert last_boxed(r"$\boxed{1}$, so much for $A$. And $\boxed{2}$ or $\boxed{3}$.") == ("2", "3")
