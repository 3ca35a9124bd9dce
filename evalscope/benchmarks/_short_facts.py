"""Questions with one short right answer, which a judge calls correct, incorrect or not attempted."""

from collections.abc import Callable

from evalscope.core.benchmark import Benchmark, Source
from evalscope.core.metric import Metric
from evalscope.core.rubric import Rubric
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.whole import whole_text
from evalscope.metrics.attempts import CORRECT, INCORRECT, NOT_ATTEMPTED, FScore, GivenAttempted
from evalscope.metrics.mean import Mean
from evalscope.solvers.ask_once import ask_once

VALUES = (CORRECT, INCORRECT, NOT_ATTEMPTED)

GRADES = {
    grade: {value: float(value == own) for value in VALUES}
    for grade, own in {"CORRECT": CORRECT, "INCORRECT": INCORRECT, "NOT_ATTEMPTED": NOT_ATTEMPTED}.items()
}
"""What each grade gives: 1 for its own value, 0 for the others."""

METRICS: tuple[Metric, ...] = (*(Mean(value, value) for value in VALUES), GivenAttempted(), FScore())


def short_facts(
    *,
    name: str,
    about: str,
    about_zh: str,
    source: Source,
    to_sample: Callable[[Record], Sample],
    grader: str,
    repair: str,
    aliases: tuple[str, ...],
    tags: tuple[str, ...] = (),
) -> Benchmark:
    """Such a benchmark; nothing but the question is asked, for whether to attempt it is the model's choice.

    Args:
        name: the benchmark's, as the others are.
        about: one sentence and a link.
        about_zh: the same in Chinese, without the link.
        source: of the records.
        to_sample: a record understood.
        grader: what the judge is asked, with {question}, {target} and {answer}.
        repair: what it is asked where its reply held no grade.
        aliases: other names that users type.
        tags: beside those of all such benchmarks.
    """
    rubric = Rubric(
        name="short facts", template=grader, repair=repair, grades=GRADES, empty="NOT_ATTEMPTED", metrics=METRICS
    )
    return Benchmark(
        name=name,
        about=about,
        about_zh=about_zh,
        source=source,
        to_sample=to_sample,
        prompt=Template("{question}"),
        solver=ask_once,
        extract=whole_text,
        scorer=None,
        rubric=rubric,
        metrics=METRICS,
        aliases=aliases,
        tags=("knowledge", "free-text", *tags),
    )


def read_text(record: Record, name: str) -> str:
    """One column without the white space around it.

    Raises:
        ValueError: it holds no text; an empty target would be met by any answer.
    """
    cell = record[name]
    if not isinstance(cell, str) or not cell.strip():
        raise ValueError(f"{name} is {cell!r:.80}; a text is needed")
    return cell.strip()
