"""GSM8K: grade-school word problems with a number as answer. https://arxiv.org/abs/2110.14168"""

import re

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.numbers import last_number
from evalscope.metrics.mean import Mean
from evalscope.scorers.match import NumberMatch
from evalscope.solvers.ask_once import ask_once

PROMPT = Template(
    "Solve the problem step by step. End with a line of the form “ANSWER: 42”, with nothing but the final number "
    "after the colon.\n"
    "\n"
    "{examples}Question: {question}\n"
    "Solution:"
)


def to_sample(record: Record) -> Sample:
    """The answer field holds the reasoning, with calculations noted as <<48/2=24>>, and behind #### the number."""
    reasoning, mark, number = record["answer"].rpartition("####")
    if not mark:
        raise ValueError(f"the answer has no '####' before its number; found {record['answer'][-60:]!r}")
    solution = re.sub(r"<<[^<>]*>>", "", reasoning).strip()
    return Sample(
        input=record["question"].strip(), target=number.strip().replace(",", ""), metadata={"solution": solution}
    )


def show_solution(sample: Sample) -> str:
    """The reasoning, and the number marked as the prompt asks for it."""
    return f"{sample.metadata['solution']}\nANSWER: {sample.target}"


BENCHMARK = Benchmark(
    name="gsm8k",
    about="Grade-school word problems with a number as answer. https://arxiv.org/abs/2110.14168",
    about_zh="答案为数字的小学数学应用题。",
    source=Source(
        id="AI-ModelScope/gsm8k",
        huggingface_id="openai/gsm8k",
        subsets=("main",),
        split="test",
        few_shot_split="train",
        num_records={"main": 1319},
        old_ids=("modelscope/gsm8k",),
        licence="MIT",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot=FewShot(num=4, answer=show_solution),
    solver=ask_once,
    extract=last_number,
    scorer=NumberMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=2048, temperature=0.0),
    tags=("mathematics", "reasoning"),
)
