"""CollegeMath: exercises of nine open textbooks, from algebra to probability. https://arxiv.org/abs/2403.02884"""

import re

from evalscope.benchmarks._boxed_answers import boxed
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample

RANGE_TWICE = re.compile(r"(?P<relation>[^:]*(?:[<>]|\\[lg]eq?)[^:]*):\s*(?P<interval>[(\[].*[)\]])")


def to_sample(record: Record) -> Sample:
    r"""An answer that says a range twice ($x<-7:(-\\infty,-7)$) is right in either form.

    Of 24 questions that stand there twice with different answers each keeps its own, as in published scores.
    """
    answer = record["answer"].strip()
    twice = RANGE_TWICE.fullmatch(answer.strip("$ "))
    return Sample(
        input=record["question"].strip(),
        target=(answer, twice["relation"], twice["interval"]) if twice else answer,
        category=record["data_topic"].removeprefix("college_math."),
    )


BENCHMARK = boxed(
    name="college_math",
    about="Exercises of nine open textbooks, from algebra to probability. https://arxiv.org/abs/2403.02884",
    about_zh="来自九本开放教材的大学数学习题，涵盖代数、微积分、线性代数、概率等。",
    source=Source(
        id="di-zhang-fdu/College_Math_Test",
        num_records={"default": 2818},
        licence="Creative Commons, by textbook",
    ),
    to_sample=to_sample,
    has_prose=True,
    notes=("answers in sentences or infinite series are compared as text, as in published scores",),
)
