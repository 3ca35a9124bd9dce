"""MMLU: questions with four choices from 57 school and university subjects. https://arxiv.org/abs/2009.03300"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import by_letter, with_letters_ranked
from evalscope.benchmarks._subjects import MMLU, categories, num_records
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """The hub lists the choices and gives the right one's place; the authors' csv has columns A to D and a letter."""
    choices = record["choices"] if "choices" in record else [record[letter] for letter in "ABCD"]
    return Sample(
        input=record["question"].strip(),
        choices=tuple(choice.strip() for choice in choices),
        target=key_letter(record["answer"], len(choices)),
    )


BENCHMARK = with_letters_ranked(
    by_letter(
        name="mmlu",
        about="Questions with four choices from 57 school and university subjects. https://arxiv.org/abs/2009.03300",
        about_zh="涵盖 57 个中学与大学学科的四选一选择题。",
        source=Source(
            id="cais/mmlu",
            subsets=tuple(num_records(MMLU)),
            split="test",
            few_shot_split="dev",
            columns=("question", "A", "B", "C", "D", "answer"),
            subset_column="subject",
            num_records=num_records(MMLU),
            old_ids=("modelscope/mmlu",),
            licence="MIT",
        ),
        to_sample=to_sample,
        few_shot_num=5,
        categories=categories(MMLU),
        tags=("knowledge",),
    ),
)
