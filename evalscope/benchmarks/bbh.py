"""BIG-Bench Hard: 27 tasks that take several steps of reasoning. https://arxiv.org/abs/2210.09261"""

import re
from collections.abc import Iterator
from dataclasses import replace

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.free_text import concluded
from evalscope.extractors.letters import choice_letter
from evalscope.extractors.numbers import last_number
from evalscope.metrics.mean import Mean
from evalscope.scorers.match import ExactMatch, as_number
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

WORDS = (("True", "False"), ("Yes", "No"), ("yes", "no"), ("valid", "invalid"))
"""Tasks that are answered by one of two words; a reply may write them otherwise."""

BRACKETS = "()[]{}<>"

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
    """What follows the last "answer is", in the form of the task's targets: (B), Yes, -12, ] }, words in a row."""
    stated = concluded(text)
    options = re.findall(r"(?m)^\(([A-R])\) ?(.*)$", sample.question)
    if options and "".join(letter for letter, _ in options) == LETTERS[: len(options)]:
        lettered = replace(sample, choices=tuple(option for _, option in options))
        letter = choice_letter(f"The answer is {stated}", lettered) if stated else None
        letter = letter or choice_letter(text, lettered)
        return f"({letter})" if letter else stated
    return _in_form(stated if stated is not None else _bare_answer(text), sample) or stated


def _bare_answer(text: str) -> str:
    """The last line, where it is one word, number or run of brackets; else the word that opens: "No, she does not."."""
    lines = text.strip().splitlines() or [""]
    line = lines[-1].strip(" *_`.$")
    if re.fullmatch(r"[A-Za-z]+|[-−]?[\d,.]+|[\s()\[\]{}<>]+", line):
        return line
    opening = re.match(r"[\s*_]{0,8}(Yes|No|True|False|Valid|Invalid)[*_]{0,3}[.,!]", lines[0], re.IGNORECASE)
    return opening.group(1) if opening else ""


def _in_form(stated: str, sample: Sample) -> str | None:
    """The same as its task writes it; None where it is nothing that the task asks for."""
    target = sample.targets[0]
    for words in WORDS:
        if target in words:
            stated = re.sub(r"(?i)\bnot (?:deductively )?valid\b", "invalid", stated)
            opening = re.match(rf"(?i)\W*(?:{'|'.join(words)})\b", stated)
            named = opening.group() if opening else stated
            found = [word for word in words if re.search(rf"(?i)(?<!not )\b{word}\b", named)]
            return found[0] if len(found) == 1 else None
    if re.fullmatch(r"-?\d+", target):
        number = last_number(f"ANSWER: {stated}")
        value = as_number(number) if number else None
        return str(value) if value is not None else None
    if not target.strip(BRACKETS + " "):
        brackets = re.sub(r"[\s,\"'`\\]", "", stated)
        return None if brackets.strip(BRACKETS) else " ".join(brackets)
    if sample.question.startswith("Sort the following words"):
        return " ".join(stated.replace(",", " ").casefold().split())
    return None


BENCHMARK = Benchmark(
    name="bbh",
    about="BIG-Bench Hard: 27 tasks that take several steps of reasoning. https://arxiv.org/abs/2210.09261",
    about_zh="BIG-Bench Hard：27 个需要多步推理的任务。",
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
        old_ids=("modelscope/bbh",),
        licence="MIT",
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
