"""Social IQa: what people want, feel or do next in everyday situations. https://arxiv.org/abs/1904.09728"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import COMPLETED, by_letter, with_choices_ranked
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """The label counts from 1 and is a text; in a few records two answers are the same."""
    return Sample(
        input=f"{record['context'].strip()} {record['question'].strip()}",
        choices=tuple(record[f"answer{letter}"].strip() for letter in "ABC"),
        target=key_letter(int(record["label"]) - 1, 3),
    )


BENCHMARK = with_choices_ranked(
    by_letter(
        name="social_i_qa",
        about="What people want, feel or do next in everyday situations. https://arxiv.org/abs/1904.09728",
        about_zh="日常情境中人们的意图、感受与后续行为的三选一选择题。",
        source=Source(
            id="extraordinarylab/siqa",
            huggingface_id="allenai/social_i_qa",
            split="validation",
            few_shot_split="train",
            num_records={"default": 1954},
            licence="CC-BY-4.0",
        ),
        to_sample=to_sample,
        aliases=("siqa", "social_iqa"),
        tags=("commonsense",),
    ),
    COMPLETED,
)
