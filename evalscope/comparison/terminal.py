"""A comparison as a terminal shows it."""

from collections.abc import Iterator, Sequence

from evalscope.comparison.compare import Comparison
from evalscope.comparison.flips import Answer, Flip
from evalscope.comparison.gate import Check
from evalscope.comparison.harmless import shortened
from evalscope.comparison.words import HEADINGS, both_ways, cells, number, question, remarks, targets, verdict
from evalscope.core.hidden import harmless

MOST_SIGNS = 600
"""Of a text; its middle is left out where it is longer."""

ALL_HOLD = "every check holds"


def format_terminal(comparisons: Sequence[Comparison], checks: Sequence[Check], *, most_flips: int) -> str:
    """Tables, remarks, some samples of each data set, and the checks that failed.

    Args:
        comparisons: with the first run.
        checks: of which those that failed are told.
        most_flips: samples shown of each data set that were lost; as many that were gained.
    """
    failed = [
        harmless(f"FAILED: {check.suite}: {check.name}: {check.found}") for check in checks if not check.is_passed
    ]
    parts = ["\n".join(_lines(one, most_flips)) for one in comparisons]
    return "\n\n".join(parts + (["\n".join(failed)] if failed else [])) or ALL_HOLD


def _lines(comparison: Comparison, most_flips: int) -> Iterator[str]:
    from tabulate import tabulate

    yield harmless(f"{comparison.later} against {comparison.first}")
    yield tabulate(
        [list(map(harmless, cells(one))) for one in comparison.datasets],
        headers=HEADINGS,
        tablefmt="grid",
        disable_numparse=True,
        colalign=["left", *["right"] * 4, "left", *["right"] * 5, "left"],
    )
    yield from map(harmless, remarks(comparison))
    for one in comparison.datasets:
        for way, flips in both_ways(one).items():
            shown = flips[:most_flips]
            for flip in shown:
                yield ""
                yield from _flip(way, one.dataset, flip, comparison)
            if shown and len(flips) > len(shown):
                yield ""
                yield harmless(f"… and {len(flips) - len(shown)} more that {one.dataset} {way}: --output-format json")


def _flip(way: str, dataset: str, flip: Flip, comparison: Comparison) -> Iterator[str]:
    head = f"{way}: {dataset} {flip.subset} {flip.sample_id} ({number(flip.before)} → {number(flip.after)})"
    yield harmless(head)
    yield f"  asked   {shortened(harmless(question(flip)), MOST_SIGNS, head=MOST_SIGNS // 6)}"
    yield f"  target  {_text(targets(flip))}"
    for label, answers in ((comparison.first, flip.first), (comparison.later, flip.later)):
        for answer in answers:
            yield harmless(f"  {label} ({_said(answer)})")
            yield f"    {_text(answer.text if answer.text is not None else answer.explanation)}"


def _said(answer: Answer) -> str:
    return shortened(verdict(answer), MOST_SIGNS // 4)


def _text(text: str) -> str:
    return shortened(harmless(text), MOST_SIGNS)
