"""TruthfulQA: questions whose tempting answers are false, with options. https://arxiv.org/abs/2109.07958"""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from evalscope.benchmarks._multiple_choice import by_letter, choice_texts, target_text, with_ranking
from evalscope.core.benchmark import Source
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.core.template import Template
from evalscope.metrics.mean import Mean
from evalscope.scorers.likelihood import TruthMatch
from evalscope.scorers.match import ExactMatch

PLAIN = Template("{examples}Q: {question}\nA:")
"""What options are ranked behind, without the six solved questions that the paper puts before each: scores differ."""


def to_sample(record: Record) -> Sample:
    """The options of MC1, one of which is right.

    The hub and the authors' file hold the questions in different orders, so the id, which choices are shuffled by,
    comes from the question.
    """
    question, options = record["question"].strip(), labelled(record["mc1_targets"])
    labels = [label for _, label in options]
    if labels.count(1) != 1:
        raise ValueError(f"one choice is to be labelled 1, and {labels.count(1)} are")
    return Sample(
        id=blake2b(question.encode(), digest_size=6).hexdigest(),
        input=question,
        choices=tuple(choice for choice, _ in options),
        target=LETTERS[labels.index(1)],
    )


def to_sample_of_both(record: Record) -> Sample:
    """The options of MC1, then those that only MC2 has, where several may be true."""
    sample, mc2 = to_sample(record), dict(labelled(record["mc2_targets"]))
    options = tuple(dict.fromkeys((*sample.choices, *mc2)))
    if len(options) > len(LETTERS):
        raise ValueError(f"there are {len(options)} options, and letters for {len(LETTERS)}")
    return replace(sample, choices=options, metadata={"mc1": sample.choices, "mc2": mc2})


def labelled(targets: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Every option with its label; the hub lists both, the authors' file maps the one to the other."""
    pairs = zip(targets["choices"], targets["labels"], strict=True) if "labels" in targets else targets.items()
    return tuple((choice.strip(), int(label)) for choice, label in pairs)


ASKED_BY_LETTER = by_letter(
    name="truthful_qa",
    about="Questions whose tempting answers are false, asked by letter (MC1). https://arxiv.org/abs/2109.07958",
    about_zh="容易诱导出错误答案的问题，以选项字母作答（MC1）。",
    source=Source(
        id="evalscope/truthful_qa",
        huggingface_id="truthfulqa/truthful_qa",
        subsets=("multiple_choice",),
        split="validation",
        patterns=("{subset}/{split}", "{subset}/mc_task", "mc_task"),
        num_records={"multiple_choice": 817},
        has_ids=True,
        old_ids=("modelscope/truthful_qa",),
        licence="Apache-2.0",
    ),
    to_sample=to_sample,
    tags=("truthfulness",),
)

BENCHMARK = replace(
    with_ranking(
        ASKED_BY_LETTER,
        prompt=PLAIN,
        continuations=choice_texts,
        answer=target_text,
        scorer=TruthMatch(),
        metrics=(Mean("mc1", "mc1"), Mean("mc2", "mc2")),
        to_sample=to_sample_of_both,
    ),
    scorer=ExactMatch(value="mc1_letter"),
    metrics=(Mean("mc1_letter"),),
    shuffles_choices=True,
)
