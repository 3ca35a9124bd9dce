"""What is written and counted while the walk goes on: one book a subset."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalscope.core.response import Completion, Response
from evalscope.core.score import FAILURES, Outcome, SampleScore
from evalscope.engine.plan import Request, SubsetPlan
from evalscope.runs.answers import AnswerFile, prediction_row
from evalscope.runs.rows import RowFile, unknown_places


@dataclass(slots=True)
class Tally:
    """Counts of one subset, growing.

    Attributes:
        scores: the ends of samples so far, in the order they came.
        outcomes: how many samples ended in each class.
        missing: samples without an answer made elsewhere.
        credit: sum of the first value over scored samples, for the running score.
        asked: requests really sent, for the rate.
        input_tokens: over all answers, stored ones included.
        output_tokens: likewise.
        truncated: answers that the limit on tokens ended.
        latencies_s: sum over answers that have one, and how many they are.
        first_tokens_s: likewise, for streamed answers.
    """

    scores: list[SampleScore] = field(default_factory=list)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    missing: int = 0
    credit: float = 0.0
    asked: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    truncated: int = 0
    latencies_s: tuple[float, int] = (0.0, 0)
    first_tokens_s: tuple[float, int] = (0.0, 0)

    @property
    def done(self) -> int:
        """Samples that have come to an end, repeats counted."""
        return len(self.scores) + self.missing

    @property
    def failed(self) -> int:
        """Samples that ended without a score."""
        return sum(self.outcomes[outcome] for outcome in FAILURES)

    def add(self, score: SampleScore, completions: Sequence[Completion]) -> None:
        """Counts one sample's end."""
        self.scores.append(score)
        self.outcomes[score.outcome] += 1
        if score.score is not None:
            self.credit += next(iter(score.score.values.values()))
        for completion in completions:
            self.input_tokens += completion.usage.input_tokens or 0
            self.output_tokens += completion.usage.output_tokens or 0
            self.truncated += completion.stop_reason == "length"
            self.latencies_s = _add_time(self.latencies_s, completion.latency_s)
            self.first_tokens_s = _add_time(self.first_tokens_s, completion.first_token_s)


class Book:
    """One subset's predictions, reviews and counts."""

    def __init__(self, plan: SubsetPlan, *, predictions: Path, reviews: Path, repeats: int) -> None:
        """Opens the predictions; the reviews of an earlier walk stay until this one writes its first."""
        self.plan = plan
        self.total = plan.subset.num * repeats
        self.tally = Tally()
        self.answers = AnswerFile(predictions, self.total)
        self._reviews_path = reviews
        self._reviews: RowFile | None = None
        self._review_places = unknown_places(self.total)

    def write_answer(self, request: Request, answer: Completion | str) -> int:
        """Stores what was answered, or why nothing was; returns where the row begins."""
        row = prediction_row(request.key, request.row_name(), request.messages, answer)
        return self.answers.append(row, request.order)

    def write_review(self, request: Request, score: SampleScore, response: Response | None) -> None:
        """Stores the verdict and counts it."""
        if self._reviews is None:
            self._reviews = RowFile(self._reviews_path, is_fresh=True)
        self._review_places[request.order] = self._reviews.append(review_row(request, score))
        self.tally.add(score, response.completions if response else ())

    def finish(self) -> None:
        """Puts all rows in sample order."""
        self.answers.finish()
        if self._reviews is None:
            self._reviews = RowFile(self._reviews_path, is_fresh=True)  # a smaller plan leaves no older reviews behind
        self._reviews.reorder([place for place in self._review_places if place >= 0])

    def close(self) -> None:
        """Closes the files."""
        self.answers.close()
        if self._reviews is not None:
            self._reviews.close()


def review_row(request: Request, score: SampleScore) -> dict[str, Any]:
    """The row that tells how a sample ended."""
    verdict = score.score
    return {
        "key": request.key,
        **request.row_name(),
        "outcome": score.outcome,
        "answer": verdict.answer if verdict else None,
        "target": request.sample.target,
        "scores": dict(verdict.values) if verdict else {},
        "explanation": verdict.explanation if verdict else "",
        "error": score.error,
    }


def _add_time(total: tuple[float, int], seconds: float | None) -> tuple[float, int]:
    return total if seconds is None else (total[0] + seconds, total[1] + 1)
