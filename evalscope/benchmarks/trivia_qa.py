"""TriviaQA: quiz questions to be answered in a few words, from memory. https://arxiv.org/abs/1705.03551"""

import ast

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.free_text import short_answer
from evalscope.metrics.mean import Mean
from evalscope.scorers.aliases import AliasMatch
from evalscope.solvers.ask_once import ask_once

PROMPT = Template(
    "Answer the question in a few words. Reply with one line only, in the form “ANSWER: …”, with nothing but the "
    "answer after the colon.\n"
    "\n"
    "{examples}Question: {question}\n"
    "ANSWER:"
)


def to_sample(record: Record) -> Sample:
    """The hub nests the answers; plain files list them, the oldest as text: ['David Seville']."""
    if "answers" in record or "answer" not in record:
        answers = record["answers"]
        aliases = read_list(answers) if isinstance(answers, str) else answers
    else:
        aliases = [record["answer"]["value"], *record["answer"]["aliases"]]
    if not aliases or aliases == ["<unk>"]:
        raise ValueError("there is no answer: those of this split are not published")
    return Sample(input=record["question"].strip(), target=tuple(dict.fromkeys(aliases)))


def read_list(text: str) -> list[str]:
    """The texts in a list written as Python writes it; nothing in it is run.

    Raises:
        ValueError: it is no such list.
    """
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"the answers are no list such as ['David Seville']: {text[:60]!r}") from error
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"the answers are no list of texts: {text[:60]!r}")
    return value


BENCHMARK = Benchmark(
    name="trivia_qa",
    about="Quiz questions to be answered in a few words, from memory. https://arxiv.org/abs/1705.03551",
    about_zh="凭记忆用几个词回答的知识问答题。",
    source=Source(
        id="evalscope/trivia_qa",
        huggingface_id="mandarjoshi/trivia_qa",
        subsets=("unfiltered.nocontext", "rc.nocontext", "rc.wikipedia.nocontext"),
        asked_subsets=("unfiltered.nocontext",),
        split="validation",
        few_shot_split="train",
        patterns=("trivia-{old_split}.qa",),
        # open-domain work tests on the published validation questions and holds some of train back as "dev"
        old_splits={"validation": "test", "train": "dev"},
        columns=("question", "answers"),
        num_records={"unfiltered.nocontext": 11313, "rc.nocontext": 17944, "rc.wikipedia.nocontext": 7993},
        old_ids=("modelscope/trivia_qa",),
        licence="Apache-2.0",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot=FewShot(num=5, answer=lambda sample: sample.targets[0]),
    solver=ask_once,
    extract=short_answer,
    scorer=AliasMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=64, temperature=0.0),
    tags=("knowledge",),
)
