"""C-Eval: Chinese examination questions with four choices in 52 subjects. https://arxiv.org/abs/2305.08322"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._subjects import CEVAL, categories, num_records
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import SINGLE_ANSWER_ZH
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once


def to_sample(record: Record) -> Sample:
    """The test split has no answers: its csv lacks the column, on the hub it is empty."""
    if not record.get("answer"):
        raise ValueError("no answer in the record: C-Eval has no answers published for its test split; ask val")
    return Sample(
        id=str(record["id"]),
        input=record["question"].strip(),
        choices=tuple(record[letter].strip() for letter in "ABCD"),
        target=key_letter(record["answer"], 4),
    )


BENCHMARK = Benchmark(
    name="ceval",
    about="Chinese examination questions with four choices in 52 subjects. https://arxiv.org/abs/2305.08322",
    source=Source(
        id="evalscope/ceval",
        huggingface_id="ceval/ceval-exam",
        subsets=tuple(num_records(CEVAL)),
        split="val",
        few_shot_split="dev",
        num_records=num_records(CEVAL),
        has_ids=True,
    ),
    to_sample=to_sample,
    prompt=SINGLE_ANSWER_ZH,
    few_shot=FewShot(num=5, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    categories=categories(CEVAL),
    generation=Generation(max_tokens=32, temperature=0.0),
    tags=("knowledge", "chinese", "multiple-choice"),
)
