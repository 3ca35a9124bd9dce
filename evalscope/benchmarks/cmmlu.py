"""CMMLU: Chinese questions with four choices in 67 subjects. https://arxiv.org/abs/2306.09212"""

import re

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._subjects import CMMLU, categories, num_records
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import SINGLE_ANSWER_ZH
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once


def to_sample(record: Record) -> Sample:
    """The hub lists the choices as "(A) 水稻" and answers "(A)"; the authors' csv has columns with capital names."""
    if "choices" in record:
        question, answer = record["question"], record["answer"]
        choices = [re.sub(r"^\([A-D]\)", "", choice) for choice in record["choices"]]
    else:
        question, answer = record["Question"], record["Answer"]
        choices = [record[letter] for letter in "ABCD"]
    return Sample(
        input=question.strip(),
        choices=tuple(choice.strip() for choice in choices),
        target=key_letter(answer, len(choices)),
    )


BENCHMARK = Benchmark(
    name="cmmlu",
    about="Chinese questions with four choices in 67 subjects. https://arxiv.org/abs/2306.09212",
    source=Source(
        id="evalscope/cmmlu",
        huggingface_id="haonan-li/cmmlu",
        subsets=tuple(num_records(CMMLU)),
        split="test",
        few_shot_split="dev",
        subset_column="category",
        num_records=num_records(CMMLU),
    ),
    to_sample=to_sample,
    prompt=SINGLE_ANSWER_ZH,
    few_shot=FewShot(num=5, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    categories=categories(CMMLU),
    generation=Generation(max_tokens=32, temperature=0.0),
    tags=("knowledge", "chinese", "multiple-choice"),
)
