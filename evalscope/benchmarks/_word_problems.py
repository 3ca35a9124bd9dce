"""Word problems, to be solved step by step: what comes out is a number, marked as the prompt wants it."""

from collections.abc import Callable

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.numbers import last_number
from evalscope.metrics.mean import Mean
from evalscope.scorers.match import NumberMatch
from evalscope.solvers.ask_once import ask_once

TAGS = ("mathematics", "reasoning")

MARKED = Template(
    "Solve the problem step by step. End with a line of the form “ANSWER: 42”, with nothing but the final number "
    "after the colon.\n"
    "\n"
    "{examples}Question: {question}\n"
    "Solution:"
)


def numeric(
    *,
    name: str,
    about: str,
    about_zh: str,
    source: Source,
    to_sample: Callable[[Record], Sample],
    prompt: Template = MARKED,
    few_shot_num: int = 0,
    mark: str = "ANSWER: ",
    tags: tuple[str, ...] = TAGS,
) -> Benchmark:
    """Word problems with a number as answer; `mark` is what the prompt wants before it."""
    return Benchmark(
        name=name,
        about=about,
        about_zh=about_zh,
        source=source,
        to_sample=to_sample,
        prompt=prompt,
        few_shot=FewShot(num=few_shot_num, answer=lambda sample: _show_number(sample, mark)),
        solver=ask_once,
        extract=last_number,
        scorer=NumberMatch(),
        metrics=(Mean("AverageAccuracy"),),
        generation=Generation(max_tokens=2048, temperature=0.0),
        tags=tags,
    )


def plain_number(value: object) -> str:
    """The text of a whole number that its file may hold as a fraction: 27.0 is "27"."""
    return str(value).strip().removesuffix(".0")


def _show_number(sample: Sample, mark: str) -> str:
    """The reasoning, if there is any, and the number marked as the prompt asks for it."""
    return f"{sample.metadata.get('solution', '')}\n{mark}{sample.target}".lstrip()
