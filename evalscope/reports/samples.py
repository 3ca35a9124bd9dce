"""Some samples of a run to look at: of each class, from every subset, in a number that a page can hold."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from evalscope.reports.results import Result
from evalscope.runs.folder import RunFolder
from evalscope.runs.lenient import count_of, list_of, mapping_of, number_of, numbered_rows, read_line, text_of

MOST_CHARS = 6_000
"""So much of each text is shown; its middle is left out where it is longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSample:
    """One sample, its texts cut short.

    Attributes:
        subset: its name.
        sample_id: unique within the subset.
        repeat: which of the repeats, from 0.
        outcome: its class.
        messages: role and text of each.
        reasoning: what came before the reply; empty for nothing.
        reply: what came; None where nothing did.
        answer: what was found in it.
        target: the right answer, or several, a line each.
        scores: by name.
        explanation: of the verdict.
        error: why there is none.
        facts: tokens and seconds, by what they are.
    """

    subset: str
    sample_id: str
    repeat: int
    outcome: str
    messages: tuple[tuple[str, str], ...] = ()
    reasoning: str = ""
    reply: str | None = None
    answer: str | None = None
    target: str = ""
    scores: Mapping[str, float | None] = field(default_factory=dict)
    explanation: str = ""
    error: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


class _Place(NamedTuple):
    """Where a review stands: in which subset's file, in which line, at which byte."""

    subset: str
    line: int
    offset: int


def some_samples(folder: RunFolder, result: Result, most: int) -> tuple[ShownSample, ...]:
    """Samples of a data set, as many of each class where there are enough, in the order of the run.

    Args:
        folder: of the run.
        result: of the data set.
        most: so many at most.
    """
    subsets = list(dict.fromkeys(line.subset for line in result.subset_lines()))
    places: dict[str, list[list[_Place]]] = {}
    for subset in subsets:
        path = folder.reviews(result.folder, result.dataset, subset)
        for outcome, own in _first_of_each_class(path, subset, result.outcomes, most).items():
            places.setdefault(outcome, []).append(own)
    chosen = list(islice(_in_turn(map(_in_turn, places.values())), most))
    found: list[ShownSample] = []
    for subset in subsets:
        found += _read(folder, result, subset, sorted(place for place in chosen if place.subset == subset))
    return tuple(found)


def _first_of_each_class(path: Path, subset: str, classes: Collection[str], most: int) -> dict[str, list[_Place]]:
    """The first reviews of each class; the file is read no further than they stand."""
    found: dict[str, list[_Place]] = {outcome: [] for outcome in classes}
    if not path.is_file():
        return found
    with path.open("rb") as file:
        offset = 0
        for number, line in enumerate(file):
            own = found.get(text_of((read_line(line) or {}).get("outcome")))
            if own is not None and len(own) < most:
                own.append(_Place(subset, number, offset))
                if all(len(places) >= most for places in found.values()):
                    break
            offset += len(line)
    return found


def _in_turn(lists: Iterable[Iterable[_Place]]) -> Iterator[_Place]:
    """The first of each list, then the second of each, and so on."""
    return (place for turn in zip_longest(*lists) for place in turn if place is not None)


def _read(folder: RunFolder, result: Result, subset: str, places: Sequence[_Place]) -> Iterator[ShownSample]:
    if not places:
        return
    reviews: dict[int, Mapping[str, Any]] = {}
    with folder.reviews(result.folder, result.dataset, subset).open("rb") as file:
        for place in places:
            file.seek(place.offset)
            reviews[place.line] = read_line(file.readline()) or {}
    asked = _asked(folder.predictions(result.folder, result.dataset, subset), reviews)
    for line, review in reviews.items():
        yield _shown(review, asked.get(line, {}))


def _asked(path: Path, reviews: Mapping[int, Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """The predictions of these reviews, by the lines of the reviews; a finished run has them in the same lines."""
    rows = numbered_rows(path, reviews.__contains__)
    found = {line: row for line, row in rows if _name(row) == _name(reviews[line])}
    if len(found) < len(reviews):
        lines = {_name(review): line for line, review in reviews.items()}
        found |= {lines[_name(row)]: row for _, row in numbered_rows(path) if _name(row) in lines}
    return found


def _name(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row.get("sample_id")), str(row.get("repeat"))


def _shown(review: Mapping[str, Any], asked: Mapping[str, Any]) -> ShownSample:
    completion, target = mapping_of(asked.get("completion")), review.get("target")
    usage, seconds = mapping_of(completion.get("usage")), number_of(completion.get("latency_s"))
    facts = {
        "tokens in": count_of(usage.get("input_tokens")),
        "tokens out": count_of(usage.get("output_tokens")),
        "seconds": None if seconds is None else round(seconds, 3),
    }
    messages = [mapping_of(one) for one in list_of(asked.get("messages"))]
    return ShownSample(
        subset=text_of(review.get("subset")),
        sample_id=_short(text_of(review.get("sample_id"))),
        repeat=count_of(review.get("repeat")) or 0,
        outcome=text_of(review.get("outcome")),
        messages=tuple((text_of(one.get("role")), _short(text_of(one.get("content")))) for one in messages),
        reasoning=_short(text_of(completion.get("reasoning"))),
        reply=_short(text_of(completion.get("text"))) if completion else None,
        answer=None if review.get("answer") is None else _short(text_of(review.get("answer"))),
        target=_short("\n".join(map(text_of, target)) if isinstance(target, list) else text_of(target)),
        scores={text_of(name): number_of(value) for name, value in mapping_of(review.get("scores")).items()},
        explanation=_short(text_of(review.get("explanation"))),
        error=_short(text_of(review.get("error")) or text_of(asked.get("error"))),
        facts={name: f"{value:.6g}" for name, value in facts.items() if value is not None},
    )


def _short(text: str) -> str:
    left_out = len(text) - MOST_CHARS
    half = MOST_CHARS // 2
    return text if left_out <= 0 else f"{text[:half]}\n[… {left_out} …]\n{text[-half:]}"
