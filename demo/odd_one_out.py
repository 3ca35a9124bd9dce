"""Odd one out: three words of one kind and one of another, as four choices; made by train.py beside it."""

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once


def to_sample(record: Record) -> Sample:
    """The records have the shape of ARC's: choices as two lists, texts and labels."""
    choices = record["choices"]
    target = LETTERS[choices["label"].index(record["answerKey"])]
    return Sample(id=record["id"], input=record["question"], choices=tuple(choices["text"]), target=target)


BENCHMARK = Benchmark(
    name="odd_one_out",
    about="Three words of one kind and one of another, as four choices; made by demo/train.py.",
    source=Source(
        id="evalscope-demo/odd_one_out",  # on no hub: the records lie in demo/data
        few_shot_split="train",
        num_records={"default": 200},
        has_ids=True,
    ),
    to_sample=to_sample,
    prompt=Template("{examples}Q: {question}\n{choices}\nA:"),
    few_shot=FewShot(num=0, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=16, temperature=0.0),
    tags=("knowledge", "multiple-choice"),
)
