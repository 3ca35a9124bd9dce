"""MMLU: questions with four choices from 57 school and university subjects. https://arxiv.org/abs/2009.03300"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._subjects import MMLU, categories, num_records
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import SINGLE_ANSWER
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once


def to_sample(record: Record) -> Sample:
    """The hub lists the choices and gives the right one's place; the authors' csv has columns A to D and a letter."""
    choices = record["choices"] if "choices" in record else [record[letter] for letter in "ABCD"]
    return Sample(
        input=record["question"].strip(),
        choices=tuple(choice.strip() for choice in choices),
        target=key_letter(record["answer"], len(choices)),
    )


BENCHMARK = Benchmark(
    name="mmlu",
    about="Questions with four choices from 57 school and university subjects. https://arxiv.org/abs/2009.03300",
    source=Source(
        id="cais/mmlu",
        subsets=tuple(num_records(MMLU)),
        split="test",
        few_shot_split="dev",
        columns=("question", "A", "B", "C", "D", "answer"),
        subset_column="subject",
        num_records=num_records(MMLU),
    ),
    to_sample=to_sample,
    prompt=SINGLE_ANSWER,
    few_shot=FewShot(num=5, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    categories=categories(MMLU),
    generation=Generation(max_tokens=32, temperature=0.0),
    tags=("knowledge", "multiple-choice"),
)
