"""RACE: English examination questions about a passage, with four choices. https://arxiv.org/abs/1704.04683"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once

PROMPT = Template(
    "Read the passage and choose the right answer to the question about it. Reply with one line only, in the form "
    "“ANSWER: X”, where X is one of the letters {letters}.\n"
    "\n"
    "{examples}Passage: {question}\n"
    "{choices}\n"
    "ANSWER:"
)


def to_sample(record: Record) -> Sample:
    """The question goes with its passage; about four questions share one, so their errors go together."""
    return Sample(
        input=f"{record['article'].strip()}\n\nQuestion: {record['question'].strip()}",
        choices=tuple(option.strip() for option in record["options"]),
        target=key_letter(record["answer"], len(record["options"])),
        group=record["example_id"],
    )


BENCHMARK = Benchmark(
    name="race",
    about="English examination questions about a passage, with four choices. https://arxiv.org/abs/1704.04683",
    source=Source(
        id="evalscope/race",
        huggingface_id="ehovy/race",
        subsets=("high", "middle"),
        split="test",
        few_shot_split="train",
        num_records={"high": 3498, "middle": 1436},
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot=FewShot(num=3, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=32, temperature=0.0),
    tags=("reading", "multiple-choice"),
)
