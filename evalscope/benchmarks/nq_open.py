"""NQ-open: questions of search engine users, to be answered in a few words, from memory. https://arxiv.org/abs/1906.00300"""

from evalscope.benchmarks.trivia_qa import PROMPT
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.extractors.free_text import short_answer
from evalscope.metrics.mean import Mean
from evalscope.scorers.squad import SquadMatch
from evalscope.solvers.ask_once import ask_once


def to_sample(record: Record) -> Sample:
    """Any of the answers is right; the questions are as people typed them, in small letters."""
    return Sample(input=record["question"].strip(), target=tuple(dict.fromkeys(record["answer"])))


BENCHMARK = Benchmark(
    name="nq_open",
    about="Questions of search engine users, answered in a few words, from memory. https://arxiv.org/abs/1906.00300",
    about_zh="凭记忆用几个词回答的搜索引擎用户提问。",
    source=Source(
        id="google-research-datasets/nq_open",
        split="validation",
        few_shot_split="train",
        num_records={"default": 3610},
        licence="CC-BY-SA-3.0",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot=FewShot(num=5, answer=lambda sample: sample.targets[0]),
    solver=ask_once,
    extract=short_answer,
    scorer=SquadMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=64, temperature=0.0),
    aliases=("natural_questions",),
    tags=("knowledge",),
)
