"""Multiple-choice questions of the user's own: columns question, A, B, … J and answer."""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import SINGLE_ANSWER
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once

MOST_CHOICES = 10


def to_sample(record: Record) -> Sample:
    """Questions may have fewer choices than the file has columns: the others are empty or absent."""
    cells = [record.get(letter) for letter in LETTERS[:MOST_CHOICES]]
    choices = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
    if len(choices) < 2 or any(cell is None or not str(cell).strip() for cell in cells[: len(choices)]):
        raise ValueError("choices stand in the columns A, B, … without a gap, two at least")
    answer = record["answer"]
    if isinstance(answer, list) and len(answer) != 1:
        raise ValueError(f"the answer is {answer!r}; questions with several right choices cannot be asked")
    return Sample(
        input=str(record["question"]).strip(),
        choices=tuple(choices),
        target=key_letter(answer[0] if isinstance(answer, list) else answer, len(choices)),
    )


BENCHMARK = Benchmark(
    name="general_mcq",
    about="Multiple-choice questions of your own: files with columns question, A, B, … J and answer, at local_path.",
    source=Source(id="", split="val", few_shot_split="dev"),
    to_sample=to_sample,
    prompt=SINGLE_ANSWER,
    few_shot=FewShot(num=0, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=32, temperature=0.0),
    tags=("custom", "multiple-choice"),
)
