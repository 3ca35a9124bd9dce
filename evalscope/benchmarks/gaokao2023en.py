"""Gaokao 2023 in English: admission and contest problems of 2023, Chinese ones translated. https://arxiv.org/abs/2401.08190"""

from evalscope.benchmarks._boxed_answers import boxed
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """Two records have no answer; those samples cannot be scored, and count as failures rather than as wrong."""
    return Sample(input=record["question"].strip(), target=record["answer"].strip())


BENCHMARK = boxed(
    name="gaokao2023en",
    about="Admission and contest problems of 2023, Chinese ones in translation. https://arxiv.org/abs/2401.08190",
    about_zh="2023 年高考数学题的英译，以及同年的 AMC、SAT、ACT 等考试题。",
    source=Source(
        id="MARIO-Math-Reasoning/Gaokao2023-Math-En",
        num_records={"default": 385},
        licence="none stated",
    ),
    to_sample=to_sample,
    has_prose=True,
    notes=("two of its 385 records have no answer, so those two samples fail to be scored",),
    aliases=("gaokao_2023_en",),
)
