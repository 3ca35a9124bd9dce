"""Hard multiple choice: the model reasons first, and then names a letter."""

from collections.abc import Callable, Mapping

from evalscope.benchmarks._multiple_choice import NO_CATEGORIES, target_letter
from evalscope.core.benchmark import Benchmark, FewShot, OwnSettings, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.letters import choice_letter
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import REASONED_ANSWER
from evalscope.scorers.match import ExactMatch
from evalscope.solvers.ask_once import ask_once


def by_reasoned_letter(
    *,
    name: str,
    about: str,
    about_zh: str,
    source: Source,
    to_sample: Callable[[Record], Sample],
    tags: tuple[str, ...],
    prompt: Template = REASONED_ANSWER,
    categories: Mapping[str, str] = NO_CATEGORIES,
    notes: tuple[str, ...] = (),
    shuffles_choices: bool = False,
    own_settings: OwnSettings | None = None,
) -> Benchmark:
    """A benchmark that is reasoned about and answered with a letter; examples that a user wants show no reasoning."""
    return Benchmark(
        name=name,
        about=about,
        about_zh=about_zh,
        source=source,
        to_sample=to_sample,
        prompt=prompt,
        few_shot=FewShot(num=0, answer=lambda sample: f"ANSWER: {target_letter(sample)}"),
        solver=ask_once,
        extract=choice_letter,
        scorer=ExactMatch(),
        metrics=(Mean("AverageAccuracy"),),
        categories=categories,
        notes=notes,
        shuffles_choices=shuffles_choices,
        own_settings=own_settings,
        generation=Generation(max_tokens=2048, temperature=0.0),
        tags=(*tags, "multiple-choice"),
    )
