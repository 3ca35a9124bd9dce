"""TruthfulQA: questions whose tempting answers are false, asked by letter (MC1). https://arxiv.org/abs/2109.07958"""

from hashlib import blake2b

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import SINGLE_ANSWER
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once


def to_sample(record: Record) -> Sample:
    """The hub lists choices and labels; the authors' file maps each choice to its label.

    The two hold the questions in different orders, so the id, which choices are shuffled by, comes from the question.
    """
    question, targets = record["question"].strip(), record["mc1_targets"]
    choices, labels = (
        (targets["choices"], targets["labels"]) if "labels" in targets else (tuple(targets), tuple(targets.values()))
    )
    if list(labels).count(1) != 1:
        raise ValueError(f"one choice is to be labelled 1, and {list(labels).count(1)} are")
    return Sample(
        id=blake2b(question.encode(), digest_size=6).hexdigest(),
        input=question,
        choices=tuple(choice.strip() for choice in choices),
        target=LETTERS[list(labels).index(1)],
    )


BENCHMARK = Benchmark(
    name="truthful_qa",
    about="Questions whose tempting answers are false, asked by letter (MC1). https://arxiv.org/abs/2109.07958",
    source=Source(
        id="evalscope/truthful_qa",
        huggingface_id="truthfulqa/truthful_qa",
        subsets=("multiple_choice",),
        split="validation",
        patterns=("{subset}/{split}", "{subset}/mc_task", "mc_task"),
        num_records={"multiple_choice": 817},
        has_ids=True,
    ),
    to_sample=to_sample,
    prompt=SINGLE_ANSWER,
    few_shot=FewShot(num=0, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(value="mc1_letter"),
    metrics=(Mean("mc1_letter"),),
    shuffles_choices=True,
    generation=Generation(max_tokens=32, temperature=0.0),
    tags=("truthfulness", "multiple-choice"),
)
