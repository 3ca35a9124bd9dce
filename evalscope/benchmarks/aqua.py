"""AQuA-RAT: algebraic word problems with five choices. https://arxiv.org/abs/1705.04146"""

import re

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._reasoned_choice import by_reasoned_letter
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """Options bear their letter: "A)21", one record's even twice."""
    options = tuple(re.sub(r"^(?:[A-E]\s*\))+\s*", "", option.strip()) for option in record["options"])
    return Sample(input=record["question"].strip(), choices=options, target=key_letter(record["correct"], len(options)))


BENCHMARK = by_reasoned_letter(
    name="aqua",
    about="Algebraic word problems with five choices. https://arxiv.org/abs/1705.04146",
    about_zh="五选一的代数应用题。",
    source=Source(
        id="deepmind/aqua_rat",
        subsets=("raw",),
        few_shot_split="train",
        num_records={"raw": 254},
        licence="Apache-2.0",
    ),
    to_sample=to_sample,
    tags=("mathematics", "reasoning"),
)
