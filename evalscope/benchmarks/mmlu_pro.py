"""MMLU-Pro: hard questions of 14 fields with up to ten choices, to be reasoned about. https://arxiv.org/abs/2406.01574"""

import re

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import with_letters_ranked
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import REASONED_ANSWER
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once

NUM_RECORDS = {
    "biology": 717,
    "business": 789,
    "chemistry": 1132,
    "computer science": 410,
    "economics": 844,
    "engineering": 969,
    "health": 818,
    "history": 381,
    "law": 1101,
    "math": 1351,
    "other": 924,
    "philosophy": 499,
    "physics": 1299,
    "psychology": 798,
}


def to_sample(record: Record) -> Sample:
    """The reasoning, which only the validation split has, opens with "A: " and ends with "The answer is (C)."."""
    reasoning = (record.get("cot_content") or "").strip().removeprefix("A: ")
    options = tuple(option.strip() for option in record["options"])
    return Sample(
        id=str(record["question_id"]),
        input=record["question"].strip(),
        choices=options,
        target=key_letter(record["answer"], len(options)),  # answer_index disagrees in one record, and is wrong there
        metadata={"reasoning": re.sub(r"\s*The answer is \([A-J]\)\.$", "", reasoning)},
    )


def show_reasoning(sample: Sample) -> str:
    """The reasoning, if there is any, and the letter marked as the prompt asks for it."""
    return f"{sample.metadata['reasoning']}\nANSWER: {sample.target}".lstrip()


BENCHMARK = with_letters_ranked(
    Benchmark(
        name="mmlu_pro",
        about="Hard questions of 14 fields with up to ten choices, to be reasoned about. https://arxiv.org/abs/2406.01574",
        about_zh="涵盖 14 个领域、最多十个选项、需要推理的高难度选择题。",
        source=Source(
            id="TIGER-Lab/MMLU-Pro",
            subsets=tuple(NUM_RECORDS),
            split="test",
            few_shot_split="validation",
            subset_column="category",
            num_records=NUM_RECORDS,
            has_ids=True,
            old_ids=("modelscope/MMLU-Pro",),
            licence="MIT",
        ),
        to_sample=to_sample,
        prompt=REASONED_ANSWER,
        few_shot=FewShot(num=5, answer=show_reasoning),
        solver=ask_once,
        extract=choice_letter,
        scorer=ExactMatch(),
        metrics=(Mean("AverageAccuracy"),),
        generation=Generation(max_tokens=2048, temperature=0.0),
        tags=("knowledge", "reasoning", "multiple-choice"),
    )
)
