"""SVAMP: simple word problems, varied so that their wording must be read. https://arxiv.org/abs/2103.07191"""

from evalscope.benchmarks._word_problems import numeric, plain_number
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """Story and question are two fields; many a story lacks its last full stop, and one type is misspelt."""
    body, question = record["Body"].strip(), record["Question"].strip()
    return Sample(
        id=record["ID"],
        input=f"{body}{'' if body.endswith(('.', '?', '!')) else '.'} {question}",
        target=plain_number(record["Answer"]),
        category=record["Type"].replace("Divison", "Division"),
    )


BENCHMARK = numeric(
    name="svamp",
    about="Simple word problems, varied so that their wording must be read. https://arxiv.org/abs/2103.07191",
    about_zh="对措辞作了变化的简单数学应用题。",
    source=Source(
        id="ChilleD/SVAMP",
        few_shot_split="train",
        num_records={"default": 1000},
        has_ids=True,
        licence="MIT",
    ),
    to_sample=to_sample,
)
