"""HumanEval+: HumanEval with about eighty times as many tests. https://arxiv.org/abs/2305.01210"""

from dataclasses import replace

from evalscope.benchmarks import humaneval
from evalscope.benchmarks._plus import facts_of_tests
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """As HumanEval's, with the tests of the hub's column or those made of inputs and a reference."""
    sample = humaneval.to_sample({**record, "test": ""})
    return replace(sample, metadata={**sample.metadata, **facts_of_tests(record, has_own_check=True)})


BENCHMARK = replace(
    humaneval.BENCHMARK,
    name="humaneval_plus",
    about="HumanEval with about eighty times as many tests. https://arxiv.org/abs/2305.01210",
    about_zh="测试用例约为原版八十倍的 HumanEval。",
    source=Source(
        id="evalplus/humanevalplus",
        split="test",
        patterns=("HumanEvalPlus", "HumanEvalPlus-*"),
        num_records={"default": 164},
        has_ids=True,
        licence="Apache-2.0",
    ),
    to_sample=to_sample,
    aliases=("human_eval_plus",),
)
