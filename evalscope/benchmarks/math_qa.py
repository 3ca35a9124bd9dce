"""MathQA: word problems with five choices, mended from AQuA-RAT. https://arxiv.org/abs/1905.13319"""

import re

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._reasoned_choice import by_reasoned_letter
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """All options are one text: "a ) 38 , b ) 27.675 , c ) 30 , d ) data inadequate , e ) none of these"."""
    _, *options = re.split(r"(?:^|,)\s*[a-e]\s*\)\s*", record["options"].strip())
    return Sample(
        input=record["Problem"].strip(),
        choices=tuple(option.strip() for option in options),
        target=key_letter(record["correct"].upper(), len(options)),
    )


BENCHMARK = by_reasoned_letter(
    name="math_qa",
    about="Word problems of mathematics with five choices. https://arxiv.org/abs/1905.13319",
    about_zh="五选一的数学应用题，由 AQuA-RAT 修订而来。",
    source=Source(
        id="extraordinarylab/math-qa",
        huggingface_id="allenai/math_qa",
        few_shot_split="train",
        num_records={"default": 2985},
        licence="Apache-2.0",
    ),
    to_sample=to_sample,
    tags=("mathematics", "reasoning"),
)
