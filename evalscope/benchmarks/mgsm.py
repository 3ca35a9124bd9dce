"""MGSM: 250 problems of GSM8K's test split in eleven languages. https://arxiv.org/abs/2210.03057"""

import re

from evalscope.benchmarks._word_problems import TAGS, numeric
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template

LANGUAGES = ("en", "es", "fr", "de", "ru", "zh", "ja", "th", "sw", "bn", "te")

PROMPT = Template(
    "Solve the problem step by step. End with a line of the form “ANSWER: 42”, with nothing but the final number "
    "after the colon, in the digits 0 to 9 and without separators between thousands.\n"
    "\n"
    "{examples}Question: {question}\n"
    "Solution:"
)
"""A full stop parts thousands in German and Spanish, and decimals in English."""


def to_sample(record: Record) -> Sample:
    """The hub's rows and those of the authors' tab-separated files have a number; others an answer, and messages.

    Rows for examples open with "Question:" and "Step-by-Step Answer:" in their language, which we leave out.
    """
    question = record["messages"][0]["content"] if "messages" in record else record["question"]
    number = record["answer"] if "messages" in record else record["answer_number"]
    solution = (not record.get("messages") and record.get("answer")) or ""
    if solution:
        question, solution = (re.sub(r"^[^:：]{1,40}[:：]\s*", "", text.strip()) for text in (question, solution))
    return Sample(input=question.strip(), target=str(number).strip().replace(",", ""), metadata={"solution": solution})


BENCHMARK = numeric(
    name="mgsm",
    about="250 of GSM8K's problems in eleven languages. https://arxiv.org/abs/2210.03057",
    about_zh="GSM8K 中 250 道题的十一种语言版本。",
    source=Source(
        id="evalscope/mgsm",
        huggingface_id="juletxara/mgsm",
        subsets=LANGUAGES,
        few_shot_split="train",
        patterns=("mgsm_{subset}",),
        columns=("question", "answer_number"),
        num_records=dict.fromkeys(LANGUAGES, 250),
        licence="CC-BY-SA-4.0",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot_num=4,
    tags=(*TAGS, "multilingual"),
)

# longer than most, for three forms of its records and a wording of its own
