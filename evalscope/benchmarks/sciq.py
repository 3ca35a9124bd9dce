"""SciQ: science examination questions, most with a passage that supports the answer. https://arxiv.org/abs/1707.06209"""

from evalscope.benchmarks._multiple_choice import OPENED, by_letter, with_choices_ranked
from evalscope.core.benchmark import Source
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.core.template import Template

PROMPT = Template(
    "Choose the right answer to the question, with the help of the passage before it if there is one. Reply with one "
    "line only, in the form “ANSWER: X”, where X is one of the letters {letters}.\n"
    "\n"
    "{examples}{question}\n"
    "{choices}\n"
    "ANSWER:"
)


def to_sample(record: Record) -> Sample:
    """The record sets the right answer apart, so choices stand in alphabetical order; some records lack support."""
    support, question = (record.get("support") or "").strip(), f"Question: {record['question'].strip()}"
    right = record["correct_answer"].strip()
    choices = sorted((right, *(record[f"distractor{number}"].strip() for number in (1, 2, 3))))
    return Sample(
        input=f"{support}\n\n{question}".lstrip(), choices=tuple(choices), target=LETTERS[choices.index(right)]
    )


BENCHMARK = with_choices_ranked(
    by_letter(
        name="sciq",
        about="Science examination questions, most with a supporting passage. https://arxiv.org/abs/1707.06209",
        about_zh="科学考试四选一选择题，多数附有支持答案的短文。",
        source=Source(
            id="extraordinarylab/sciq",
            huggingface_id="allenai/sciq",
            stand_in_split="validation",
            few_shot_split="train",
            num_records={"default": 1000},
            licence="CC-BY-NC-3.0",
        ),
        to_sample=to_sample,
        prompt=PROMPT,
        tags=("knowledge", "reading"),
    ),
    OPENED,
)

# longer than most, for it is asked with a passage or without one
