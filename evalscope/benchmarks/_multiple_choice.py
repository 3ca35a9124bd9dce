"""Multiple choice asked in two ways: the letter is written, or what the model may say is ranked by likelihood."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from evalscope.core.benchmark import Benchmark, FewShot, Scorer, Solver, Source
from evalscope.core.generation import Generation
from evalscope.core.metric import Metric
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.letters import choice_letter
from evalscope.extractors.whole import whole_text
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import SINGLE_ANSWER
from evalscope.scorers.likelihood import LikelihoodMatch
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once
from evalscope.solvers.rank_choices import rank_choices

LOGLIKELIHOOD = "loglikelihood"
"""The name of the variants that rank, as users type it."""

LISTED = Template("{examples}Question: {question}\n{choices}\nAnswer:")
"""What a letter is ranked behind; plain text, for a base model follows no instructions."""

COMPLETED = Template("{examples}Question: {question}\nAnswer:")
"""What the text of a choice is ranked behind, where the question is a whole sentence."""

CONTINUED = Template("{examples}{question}")
"""The same, where the text goes on from the question, or from what else is asked about."""

OPENED = Template("{examples}{question}\nAnswer:")
"""The same, where a passage stands before the question, which then brings its own "Question:"."""

LISTED_ZH = Template("{examples}问题：{question}\n{choices}\n答案：")

NO_CATEGORIES: Mapping[str, str] = MappingProxyType({})


def by_letter(
    *,
    name: str,
    about: str,
    about_zh: str,
    source: Source,
    to_sample: Callable[[Record], Sample],
    tags: tuple[str, ...],
    prompt: Template = SINGLE_ANSWER,
    few_shot_num: int = 0,
    categories: Mapping[str, str] = NO_CATEGORIES,
    notes: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
) -> Benchmark:
    """A benchmark that is answered with the letter of a choice and nothing else."""
    return Benchmark(
        name=name,
        about=about,
        about_zh=about_zh,
        source=source,
        to_sample=to_sample,
        prompt=prompt,
        few_shot=FewShot(num=few_shot_num, answer=target_letter),
        solver=ask_once,
        extract=choice_letter,
        scorer=ExactMatch(),
        metrics=(Mean("AverageAccuracy"),),
        categories=categories,
        notes=notes,
        generation=Generation(max_tokens=32, temperature=0.0),
        aliases=aliases,
        tags=(*tags, "multiple-choice"),
    )


def with_letters_ranked(benchmark: Benchmark, prompt: Template = LISTED) -> Benchmark:
    """The benchmark with a variant in which the choices are listed, and their letters ranked behind the prompt."""
    seam = "" if prompt.text.endswith("：") else " "  # a full-width colon is wide enough
    return with_ranking(
        benchmark,
        prompt=prompt,
        continuations=lambda sample: tuple(f"{seam}{letter}" for letter in sample.letters),
        answer=target_letter,
        scorer=LikelihoodMatch(divides=False),
        metrics=(Mean("acc", "acc"),),
    )


def with_choices_ranked(
    benchmark: Benchmark, prompt: Template, to_sample: Callable[[Record], Sample] | None = None
) -> Benchmark:
    """The benchmark with a variant in which the choices are not shown, and their texts ranked behind the prompt."""
    return with_ranking(
        benchmark,
        prompt=prompt,
        continuations=choice_texts,
        answer=target_text,
        scorer=LikelihoodMatch(),
        metrics=(Mean("acc", "acc"), Mean("acc_norm", "acc_norm")),
        to_sample=to_sample,
    )


def with_ranking(
    benchmark: Benchmark,
    *,
    prompt: Template,
    continuations: Callable[[Sample], tuple[str, ...]],
    answer: Callable[[Sample], str],
    scorer: Scorer,
    metrics: tuple[Metric, ...],
    to_sample: Callable[[Record], Sample] | None = None,
    solver: Solver = rank_choices,
) -> Benchmark:
    """The benchmark with a variant that ranks.

    Args:
        benchmark: what the variant is made from.
        prompt: what the continuations are ranked behind, without a space at its end.
        continuations: each with the space that joins it to the prompt.
        answer: what follows the prompt in a solved example; the space is put there by whoever renders it.
        scorer: of the log-probabilities.
        metrics: of the scorer's values.
        to_sample: how the variant understands a record; None for the same way.
        solver: what the continuations are asked by.
    """
    variant = replace(
        benchmark,
        to_sample=to_sample or benchmark.to_sample,
        prompt=prompt,
        continuations=continuations,
        few_shot=None if benchmark.few_shot is None else replace(benchmark.few_shot, answer=answer),
        solver=solver,
        extract=whole_text,
        scorer=scorer,
        metrics=metrics,
    )
    return replace(benchmark, variants={LOGLIKELIHOOD: variant})


def target_letter(sample: Sample) -> str:
    """The letter of the right choice."""
    return sample.targets[0]


def target_text(sample: Sample) -> str:
    """The right choice in words."""
    return sample.choices[sample.letters.index(sample.targets[0])]


def choice_texts(sample: Sample) -> tuple[str, ...]:
    """Every choice in words, as it continues a prompt that ends without a space."""
    return tuple(f" {choice}" for choice in sample.choices)
