"""Comparisons in words and numbers, the same in every form of output."""

import math
from collections.abc import Iterator, Mapping, Sequence

from evalscope.comparison.compare import Compared, Comparison
from evalscope.comparison.difference import Difference, Method
from evalscope.comparison.flips import Answer, Flip

NO_NUMBER = "–"

HEADINGS = (
    "Dataset",
    "Num",
    "First",
    "Later",
    "Difference",
    "95% CI",
    "p",
    "mid-p",
    "p (Holm)",
    "Gained",
    "Lost",
    "Test",
)
"""Of the columns of `cells`."""


def cells(compared: Compared) -> list[str]:
    """One line of the table of differences."""
    found = compared.difference
    is_paired = found.test is not Method.TWO_SAMPLES
    return [
        compared.dataset,
        str(found.num),
        number(found.first),
        number(found.later),
        number(found.value, sign=True),
        interval(found),
        chance(found.p),
        chance(found.mid_p),
        chance(compared.p_holm),
        str(found.gained) if is_paired else NO_NUMBER,
        str(found.lost) if is_paired else NO_NUMBER,
        str(found.test),
    ]


def number(value: float, *, sign: bool = False) -> str:
    """Four decimals; a dash where there is no number."""
    return NO_NUMBER if math.isnan(value) else f"{value + 0.0:+.4f}" if sign else f"{value:.4f}"


def interval(found: Difference) -> str:
    """Both ends of the 95 % interval, with their signs."""
    return NO_NUMBER if math.isnan(found.ci_low) else f"{found.ci_low:+.3f} – {found.ci_high:+.3f}"


def chance(p: float) -> str:
    """A p-value; very small ones as such."""
    return NO_NUMBER if math.isnan(p) else "<0.0001" if p < 0.0001 else f"{p:.4f}"


def remarks(comparison: Comparison) -> Iterator[str]:
    """What a reader of the differences must know, one sentence a line."""
    for one in comparison.datasets:
        if one.unpaired.num:
            lacking = {
                "scored in the first run only": one.unpaired.only_first,
                "in the later run only": one.unpaired.only_later,
                "in none": one.unpaired.neither,
            }
            counted = ", ".join(f"{count} {words}" for words, count in lacking.items() if count)
            yield f"{one.dataset}: {one.unpaired.num} samples are not compared ({counted})"
        if one.differs:
            yield f"{one.dataset}: compared as two samples, for the runs differ"
        yield from (f"{one.dataset}: {line}" for line in (*one.differs, *one.notes))
        if one.difference.num_groups:
            yield f"{one.dataset}: {one.difference.num} samples in {one.difference.num_groups} groups"
    for names, label in ((comparison.only_first, comparison.first), (comparison.only_later, comparison.later)):
        if names:
            yield f"only in {label}: {', '.join(names)}"


def verdict(answer: Answer) -> str:
    """How an answer was judged: "wrong, found 40"."""
    return answer.outcome if answer.found is None else f"{answer.outcome}, found {answer.found}"


def question(flip: Flip) -> str:
    """The last turn that was asked, at whose end the question itself stands; what an assistant would say left out."""
    asked = [str(turn.get("content", "")) for turn in flip.prompt if turn.get("role") != "assistant"]
    return asked[-1] if asked else ""


def targets(flip: Flip) -> str:
    """The right answer, or all that are accepted."""
    several: Sequence[object] = flip.target if isinstance(flip.target, list) else [flip.target]
    return " | ".join(map(str, several))


def both_ways(compared: Compared) -> Mapping[str, tuple[Flip, ...]]:
    """The samples that came out otherwise, worse ones first."""
    return {"lost": compared.lost, "gained": compared.gained}
