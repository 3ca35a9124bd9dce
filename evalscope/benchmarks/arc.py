"""ARC: school science questions with three to five choices, easy and hard. https://arxiv.org/abs/1803.05457"""

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import SINGLE_ANSWER
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once


def to_sample(record: Record) -> Sample:
    """Some answer keys are digits, so the letter comes from the key's place among the labels.

    The authors' archive nests the question's text and choices as question: {stem, choices: [{text, label}]}.
    """
    question, choices = record["question"], record.get("choices")
    if isinstance(question, dict):
        question, nested = question["stem"], question["choices"]
        choices = {"text": [choice["text"] for choice in nested], "label": [choice["label"] for choice in nested]}
    elif choices is None:
        raise KeyError("choices")
    labels, key = list(choices["label"]), record["answerKey"]
    if key not in labels:
        raise ValueError(f"the answer key {key!r} is not among the choices {', '.join(map(repr, labels))}")
    return Sample(id=record["id"], input=question, choices=tuple(choices["text"]), target=LETTERS[labels.index(key)])


BENCHMARK = Benchmark(
    name="arc",
    about="School science questions with three to five choices, easy and hard. https://arxiv.org/abs/1803.05457",
    source=Source(
        id="allenai/ai2_arc",
        subsets=("ARC-Easy", "ARC-Challenge"),
        split="test",
        few_shot_split="train",
        patterns=("{subset}/{subset}-{Split}",),
        num_records={"ARC-Easy": 2376, "ARC-Challenge": 1172},
        has_ids=True,
    ),
    to_sample=to_sample,
    prompt=SINGLE_ANSWER,
    few_shot=FewShot(num=0, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=32, temperature=0.0),
    aliases=("ai2_arc",),
    tags=("reasoning", "multiple-choice"),
)
