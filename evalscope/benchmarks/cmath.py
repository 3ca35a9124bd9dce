"""CMATH: word problems of Chinese elementary schools, from grade one to six. https://arxiv.org/abs/2306.16636"""

from evalscope.benchmarks._word_problems import TAGS, numeric
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template

PROMPT = Template(
    "请逐步解答下面的应用题。最后单独写一行“答案：42”，冒号后只写最终的数字。\n\n{examples}问题：{question}\n解答："
)


def to_sample(record: Record) -> Sample:
    """Three answers are in per cent, where the question asks for them in per cent."""
    return Sample(
        input=record["question"].strip(),
        target=record["golden"].strip().removesuffix("%"),
        category=f"grade {record['grade']}",
    )


BENCHMARK = numeric(
    name="cmath",
    about="Word problems of Chinese elementary schools, from grade one to six. https://arxiv.org/abs/2306.16636",
    about_zh="中国小学一至六年级的数学应用题。",
    source=Source(
        id="weitianwen/cmath",
        few_shot_split="validation",
        num_records={"default": 1098},
        licence="CC-BY-4.0",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    mark="答案：",
    tags=(*TAGS, "chinese"),
)
