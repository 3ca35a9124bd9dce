"""PIQA: which of two ways to reach an everyday goal works. https://arxiv.org/abs/1911.11641"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import COMPLETED, by_letter, with_choices_ranked
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """The test split's answers are not published: its label is -1."""
    choices = record["sol1"].strip(), record["sol2"].strip()
    return Sample(input=record["goal"].strip(), choices=choices, target=key_letter(int(record["label"]), 2))


BENCHMARK = with_choices_ranked(
    by_letter(
        name="piqa",
        about="Which of two ways to reach an everyday goal works. https://arxiv.org/abs/1911.11641",
        about_zh="从两种做法中选出能达成日常目标的一种（物理常识）。",
        source=Source(
            id="extraordinarylab/piqa",
            huggingface_id="ybisk/piqa",
            split="validation",
            few_shot_split="train",
            num_records={"default": 1838},
            licence="AFL-3.0",
        ),
        to_sample=to_sample,
        tags=("commonsense",),
    ),
    COMPLETED,
)
