"""MATH-500: five hundred of MATH's test problems, of all levels and topics. https://arxiv.org/abs/2305.20050"""

from evalscope.benchmarks._boxed_answers import boxed
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """Reports show both the topic and the level."""
    return Sample(
        id=record["unique_id"],
        input=record["problem"].strip(),
        target=record["answer"].strip(),
        category=(record["subject"], f"Level {record['level']}"),
        metadata={"solution": record["solution"].strip()},
    )


BENCHMARK = boxed(
    name="math_500",
    about="Five hundred of MATH's test problems, of all levels and topics. https://arxiv.org/abs/2305.20050",
    about_zh="从 MATH 测试集中选出的 500 道题，覆盖全部难度与主题。",
    source=Source(
        id="AI-ModelScope/MATH-500",
        huggingface_id="HuggingFaceH4/MATH-500",
        num_records={"default": 500},
        has_ids=True,
        licence="MIT",
    ),
    to_sample=to_sample,
    aliases=("math500",),
)
