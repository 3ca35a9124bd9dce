"""Samples on which two runs differ, with all that was said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evalscope.comparison.pairs import Pair
from evalscope.comparison.read import Answered, Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer and its verdict.

    Attributes:
        repeat: which of the repeats, from 0.
        text: what came; None where nothing did.
        reasoning: what came before it, where the model says so.
        found: the answer in it; None where nothing was found.
        outcome: the class that it ended in.
        scores: numbers by name.
        explanation: why, or why there is no verdict.
    """

    repeat: int
    text: str | None
    reasoning: str | None
    found: str | None
    outcome: str
    scores: Mapping[str, float]
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A sample on which two runs differ, with all that was said.

    Attributes:
        subset: of the sample.
        sample_id: unique within the subset.
        before: its value in the first run, repeats averaged.
        after: its value in the later run.
        target: the right answer, or several.
        prompt: the messages that asked it.
        first: what the first run answered, one entry a repeat.
        later: what the later run answered.
    """

    subset: str
    sample_id: str
    before: float
    after: float
    target: Any
    prompt: tuple[Json, ...]
    first: tuple[Answer, ...]
    later: tuple[Answer, ...]


def flip_of(pair: Pair, before: Answered, after: Answered) -> Flip:
    """The sample with its texts, from the rows of both runs."""
    asked = [row for one in (before, after) for row in one.predictions.values()]
    judged = [row for one in (before, after) for row in one.reviews.values()]
    return Flip(
        subset=pair.name.subset,
        sample_id=pair.name.sample_id,
        before=pair.before,
        after=pair.after,
        target=judged[0].get("target") if judged else None,
        prompt=tuple(asked[0].get("messages") or ()) if asked else (),
        first=tuple(_answers(before)),
        later=tuple(_answers(after)),
    )


def _answers(answered: Answered) -> Iterator[Answer]:
    for repeat, review in sorted(answered.reviews.items()):
        prediction = answered.predictions.get(repeat, {})
        completion = prediction.get("completion") or {}
        yield Answer(
            repeat=repeat,
            text=completion.get("text"),
            reasoning=completion.get("reasoning") or None,
            found=review.get("answer"),
            outcome=review.get("outcome", ""),
            scores=review.get("scores") or {},
            explanation=review.get("explanation") or review.get("error") or "",
        )
