"""A comparison as Markdown, for a pull request or a page."""

from collections.abc import Iterator, Sequence

from evalscope.comparison.compare import Comparison
from evalscope.comparison.flips import Flip
from evalscope.comparison.gate import Check
from evalscope.comparison.harmless import fenced, plain_markdown, shortened
from evalscope.comparison.words import HEADINGS, both_ways, cells, number, question, remarks, targets, verdict

MOST_SIGNS = 4000
"""Of a text; its middle is left out where it is longer."""


def format_markdown(comparisons: Sequence[Comparison], checks: Sequence[Check], *, most_flips: int) -> str:
    """The checks that failed, tables, remarks, and some samples of each data set.

    Args:
        comparisons: with the first run.
        checks: of which those that failed are told.
        most_flips: samples shown of each data set that were lost; as many that were gained.
    """
    failed = [f"{check.suite}: {check.name}: {check.found}" for check in checks if not check.is_passed]
    parts = ["\n".join(f"- **failed** {plain_markdown(line)}" for line in failed)] if failed else []
    return "\n\n".join(parts + ["\n".join(_lines(one, most_flips)) for one in comparisons])


def _lines(comparison: Comparison, most_flips: int) -> Iterator[str]:
    yield f"## {plain_markdown(f'{comparison.later} against {comparison.first}')}"
    yield ""
    yield f"| {' | '.join(HEADINGS)} |"
    yield f"|{'---|' * len(HEADINGS)}"
    for one in comparison.datasets:
        yield f"| {' | '.join(map(plain_markdown, cells(one)))} |"
    yield ""
    yield from (f"- {plain_markdown(line)}" for line in remarks(comparison))
    for one in comparison.datasets:
        for way, flips in both_ways(one).items():
            if flips and most_flips:
                shown = "" if len(flips) <= most_flips else f", {most_flips} shown"
                yield f"\n### {plain_markdown(f'{one.dataset}: {len(flips)} {way}{shown}')}"
            for flip in flips[:most_flips]:
                yield ""
                yield from _flip(flip, comparison)


def _flip(flip: Flip, comparison: Comparison) -> Iterator[str]:
    yield f"#### {plain_markdown(f'{flip.subset} {flip.sample_id} ({number(flip.before)} → {number(flip.after)})')}"
    yield ""
    yield fenced(shortened(question(flip), MOST_SIGNS, head=MOST_SIGNS // 6))
    yield ""
    yield f"Target: {plain_markdown(shortened(targets(flip), MOST_SIGNS))}"
    for label, answers in ((comparison.first, flip.first), (comparison.later, flip.later)):
        for answer in answers:
            yield ""
            yield f"{plain_markdown(f'{label} ({shortened(verdict(answer), MOST_SIGNS)})')}:"
            yield ""
            yield fenced(shortened(answer.text if answer.text is not None else answer.explanation, MOST_SIGNS))
