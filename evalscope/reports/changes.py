"""What came out otherwise when answers were graded once more."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from evalscope.core.hidden import harmless
from evalscope.reports.table import NOTHING, format_number

Answer = TypeVar("Answer", bound=tuple[Any, ...])
"""What names an answer."""

Scores = Mapping[tuple[str, ...], float | None]
"""By metric, subset and categories; None where nothing was scored."""


def describe_changes(
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    was: Mapping[Answer, str],
    now: Mapping[Answer, str],
) -> str:
    """A table of the scores that moved, and how many answers went from one class to another.

    Args:
        before: reports as JSON, by data set.
        after: likewise.
        was: the class that each answer ended in.
        now: likewise.
    """
    from tabulate import tabulate

    rows = [row for name in after for row in _moved(before.get(name, {}), after[name])]
    moves = Counter((was.get(answer, NOTHING), outcome) for answer, outcome in now.items())
    lines = [f"  {num} answers: {old} → {new}" for (old, new), num in sorted(moves.items()) if old != new]
    if not rows and not lines:
        return "nothing changed"
    table = tabulate(
        rows,
        headers=["Dataset", "Metric", "Subset", "Before", "After", "Change"],
        tablefmt="grid",
        disable_numparse=True,
        colalign=["left"] * 3 + ["right"] * 3,
    )
    return "\n".join(["what changed:", *([table] if rows else []), *lines])


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[list[str]]:
    old, new = ({_name(row): row["score"] for row in report.get("rows", ())} for report in (before, after))
    for name in {**old, **new}:
        if old.get(name) != new.get(name) or (name in old) != (name in new):
            names = map(harmless, (after["dataset"], *name[:2]))
            yield [*names, _shown(old, name), _shown(new, name), _change(old, new, name)]


def _name(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["metric"], row["subset"], *row["categories"])


def _shown(scores: Scores, name: tuple[str, ...]) -> str:
    if name not in scores:
        return "not there"
    score = scores[name]
    return NOTHING if score is None else format_number(score)


def _change(old: Scores, new: Scores, name: tuple[str, ...]) -> str:
    before, after = old.get(name), new.get(name)
    return NOTHING if before is None or after is None else f"{after - before:+.4f}"
