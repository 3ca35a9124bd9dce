"""SAT mathematics of May 2023: the multiple-choice questions without figures. https://arxiv.org/abs/2310.10631"""

import re

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._reasoned_choice import by_reasoned_letter
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """All options are one text: "A) -10 B) 0 C) 10 D) -10 and 10", or with full stops behind the letters."""
    _, *options = re.split(r"(?:^|\s)[A-D][).]\s+", record["options"].strip())
    if len(options) != 4:
        raise ValueError(f"{len(options)} options marked A) to D) in {record['options'][:60]!r}; there are four")
    return Sample(
        input=record["question"].strip(),
        choices=tuple(option.strip() for option in options),
        target=key_letter(record["Answer"], 4),
    )


BENCHMARK = by_reasoned_letter(
    name="sat_math",
    about="Questions of the American admission test SAT of May 2023, without figures. https://arxiv.org/abs/2310.10631",
    about_zh="2023 年 5 月 SAT 数学部分不含图形的选择题。",
    source=Source(
        id="mcaleste/sat_multiple_choice_math_may_23",
        num_records={"default": 32},
        licence="none stated",
    ),
    to_sample=to_sample,
    tags=("mathematics", "reasoning"),
)
