"""BIG-Bench Hard: 27 tasks that take several steps of reasoning. https://arxiv.org/abs/2210.09261"""

import re
from collections.abc import Iterator
from dataclasses import replace

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.free_text import concluded
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once

TASKS = (
    "boolean_expressions",
    "causal_judgement",
    "date_understanding",
    "disambiguation_qa",
    "dyck_languages",
    "formal_fallacies",
    "geometric_shapes",
    "hyperbaton",
    "logical_deduction_five_objects",
    "logical_deduction_seven_objects",
    "logical_deduction_three_objects",
    "movie_recommendation",
    "multistep_arithmetic_two",
    "navigate",
    "object_counting",
    "penguins_in_a_table",
    "reasoning_about_colored_objects",
    "ruin_names",
    "salient_translation_error_detection",
    "snarks",
    "sports_understanding",
    "temporal_sequences",
    "tracking_shuffled_objects_five_objects",
    "tracking_shuffled_objects_seven_objects",
    "tracking_shuffled_objects_three_objects",
    "web_of_lies",
    "word_sorting",
)
NUM_RECORDS = dict.fromkeys(TASKS, 250) | {"causal_judgement": 187, "penguins_in_a_table": 146, "snarks": 178}

STEPS = "A: Let's think step by step."
PROMPT = Template(
    "Answer the question. Think step by step and end with the sentence “So the answer is X.”, where X is nothing but "
    "the answer; where the options have letters, it is the letter in brackets, such as (B).\n"
    "\n"
    "{examples}Q: {question}\n"
    f"{STEPS}"
)


def to_sample(record: Record) -> Sample:
    """Options stand in the question itself; a few targets are the text of an option, and stay so."""
    return Sample(
        input=record["input"].strip(),
        target=record["target"].strip(),
        metadata={"solution": record.get("solution", "")},
    )


def read_examples(text: str) -> Iterator[Record]:
    """The worked examples of a task: behind a canary, a rule and a line about the task, each "Q: … A: … ".

    Raises:
        ValueError: an example does not reason, or has no answer.
    """
    for example in re.split(r"(?m)^Q: ", text)[1:]:
        question, _, solution = example.partition(f"\n{STEPS}")
        target = concluded(solution)
        if target is None:
            raise ValueError(f"an example lacks {STEPS!r} or “the answer is”: {example[:60]!r}")
        yield {"input": question, "solution": solution.strip(), "target": target}


def show_solution(sample: Sample) -> str:
    """The authors' reasoning, which ends as the prompt asks for."""
    return sample.metadata["solution"] or f"So the answer is {sample.target}."


def find_answer(text: str, sample: Sample) -> str | None:
    """What follows the last "answer is", as "(B)" where it is the letter of an option."""
    stated = concluded(text)
    options = re.findall(r"(?m)^\(([A-R])\) ?(.*)$", sample.question)
    if not options or "".join(letter for letter, _ in options) != LETTERS[: len(options)]:
        return stated
    lettered = replace(sample, choices=tuple(option for _, option in options))
    letter = choice_letter(text if stated is None else f"The answer is {stated}", lettered)
    return f"({letter})" if letter else stated


BENCHMARK = Benchmark(
    name="bbh",
    about="BIG-Bench Hard: 27 tasks that take several steps of reasoning. https://arxiv.org/abs/2210.09261",
    source=Source(
        id="evalscope/bbh",
        huggingface_id="lukaemon/bbh",
        subsets=TASKS,
        split="test",
        patterns=("{subset}", "bbh/{subset}"),
        example_texts=tuple(
            f"{folder}{name}/{{subset}}.txt" for folder in ("", "bbh/") for name in ("cot-prompts", "cot_prompts")
        ),
        read_example_text=read_examples,
        num_records=NUM_RECORDS,
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot=FewShot(num=3, answer=show_solution),
    solver=ask_once,
    extract=find_answer,
    scorer=ExactMatch(),
    metrics=(Mean("AverageAccuracy"),),
    aliases=("big_bench_hard",),
    tags=("reasoning",),
)
