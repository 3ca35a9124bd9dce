"""Arithmetic: sums, differences and products of small numbers, asked in words; made by train.py beside it."""

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.numbers import last_number
from evalscope.metrics.mean import Mean
from evalscope.scorers.match import NumberMatch
from evalscope.solvers.ask_once import ask_once


def to_sample(record: Record) -> Sample:
    """The answer is the number alone."""
    return Sample(input=record["question"], target=record["answer"])


BENCHMARK = Benchmark(
    name="arithmetic",
    about="Sums, differences and products of small numbers, asked in words; made by demo/train.py.",
    source=Source(
        id="evalscope-demo/arithmetic",  # on no hub: the records lie in demo/data
        subsets=("easy", "hard"),
        few_shot_split="train",
        num_records={"easy": 100, "hard": 100},
    ),
    to_sample=to_sample,
    prompt=Template("{examples}Q: {question}\nA:"),
    few_shot=FewShot(num=0, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=last_number,
    scorer=NumberMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=16, temperature=0.0),
    tags=("mathematics",),
)
