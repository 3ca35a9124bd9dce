"""Problems of mathematics, to be solved step by step: what comes out is an expression in a box."""

from collections.abc import Callable

from evalscope.benchmarks._word_problems import TAGS, plain_number
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.boxed import final_expression, last_boxed
from evalscope.metrics.mean import Mean
from evalscope.scorers.expressions.match import ExpressionMatch
from evalscope.solvers.ask_once import ask_once

BOXED = Template(
    "Solve the problem step by step. Put the final answer, and nothing else, into \\boxed{}.\n"
    "\n"
    "{examples}Problem: {question}\n"
    "Solution:"
)


def boxed(
    *,
    name: str,
    about: str,
    about_zh: str,
    source: Source,
    to_sample: Callable[[Record], Sample],
    few_shot_num: int = 0,
    has_prose: bool = False,
    notes: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
) -> Benchmark:
    """Problems with an expression as answer; `has_prose` as in ExpressionMatch."""
    return Benchmark(
        name=name,
        about=about,
        about_zh=about_zh,
        source=source,
        to_sample=to_sample,
        prompt=BOXED,
        few_shot=FewShot(num=few_shot_num, answer=show_box),
        solver=ask_once,
        extract=final_expression,
        scorer=ExpressionMatch(has_prose=has_prose),
        metrics=(Mean("AverageAccuracy"),),
        notes=notes,
        generation=Generation(max_tokens=2048, temperature=0.0),
        aliases=aliases,
        tags=TAGS,
    )


def competition_sample(record: Record) -> Sample:
    """A problem as copies of one competition hold it: columns in small letters or not, the answer apart or in a box."""
    fields = {name.casefold(): value for name, value in record.items()}
    boxes = last_boxed(fields.get("solution") or "")
    if fields.get("answer") is None and not boxes:
        raise ValueError(f"neither an answer nor a solution with \\boxed{{…}}; the record has {', '.join(record)}")
    target = boxes[-1] if fields.get("answer") is None else plain_number(fields["answer"])
    return Sample(input=(fields.get("problem") or fields["question"]).strip(), target=target)


def show_box(sample: Sample) -> str:
    """The solution as its authors wrote it, with the answer in its box; the box alone where there is none."""
    return str(sample.metadata.get("solution") or f"\\boxed{{{sample.targets[0]}}}")
