"""GSM8K: grade-school word problems with a number as answer. https://arxiv.org/abs/2110.14168"""

import re

from evalscope.benchmarks._word_problems import numeric
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """The answer field holds the reasoning, with calculations noted as <<48/2=24>>, and behind #### the number."""
    reasoning, mark, number = record["answer"].rpartition("####")
    if not mark:
        raise ValueError(f"the answer has no '####' before its number; found {record['answer'][-60:]!r}")
    solution = re.sub(r"<<[^<>]*>>", "", reasoning).strip()
    return Sample(
        input=record["question"].strip(), target=number.strip().replace(",", ""), metadata={"solution": solution}
    )


BENCHMARK = numeric(
    name="gsm8k",
    about="Grade-school word problems with a number as answer. https://arxiv.org/abs/2110.14168",
    about_zh="答案为数字的小学数学应用题。",
    source=Source(
        id="AI-ModelScope/gsm8k",
        huggingface_id="openai/gsm8k",
        subsets=("main",),
        split="test",
        few_shot_split="train",
        num_records={"main": 1319},
        old_ids=("modelscope/gsm8k",),
        licence="MIT",
    ),
    to_sample=to_sample,
    few_shot_num=4,
)
