"""HellaSwag: which of four endings continues a description of everyday life. https://arxiv.org/abs/1905.07830"""

import re

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
    "Choose the ending that continues the text best. Reply with one line only, in the form “ANSWER: X”, where X is "
    "one of the letters {letters}.\n"
    "\n"
    "{examples}Text: {question}\n"
    "Which ending comes next?\n"
    "{choices}\n"
    "ANSWER:"
)


def to_sample(record: Record) -> Sample:
    """The label is a number in the authors' files and a text on the hub; the test split's is empty."""
    if record["label"] == "":
        raise ValueError("the label is empty: the answers of this split are not published")
    endings = tuple(without_marks(ending) for ending in record["endings"])
    context, begun = record["ctx"].strip(), (record.get("ctx_b") or "").strip()
    if begun and context.endswith(f". {begun}"):  # the sentence to be continued begins with a small letter
        context = context.removesuffix(begun) + begun[0].upper() + begun[1:]
    return Sample(input=without_marks(context), choices=endings, target=key_letter(int(record["label"]), len(endings)))


def without_marks(text: str) -> str:
    """The prose of a WikiHow article without the marks of its parts, such as [title] and [step].

    Headings carry no full stop of their own, so what follows one of them begins a sentence.
    """
    text = re.sub(r"(?<=[^\s.!?:;,\]])\s*(?=\[title\])", ".", text)
    return re.sub(r"\s+", " ", re.sub(r"\[(?:header|title|step|substeps)\]", " ", text)).strip()


BENCHMARK = Benchmark(
    name="hellaswag",
    about="Which of four endings continues a description of everyday life. https://arxiv.org/abs/1905.07830",
    source=Source(
        id="evalscope/hellaswag",
        huggingface_id="Rowan/hellaswag",
        split="validation",
        few_shot_split="train",
        patterns=("hellaswag_{split}",),
        num_records={"default": 10042},
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot=FewShot(num=0, answer=lambda sample: str(sample.target)),
    solver=ask_once,
    extract=choice_letter,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=32, temperature=0.0),
    tags=("commonsense", "multiple-choice"),
)
