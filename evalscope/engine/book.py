"""What is written and counted while the walk goes on: one book a subset."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evalscope.core.response import Completion, Response
from evalscope.core.score import FAILURES, Outcome, SampleScore
from evalscope.engine.plan import Request, SubsetPlan
from evalscope.runs.answers import is_answer, prediction_row
from evalscope.runs.kept import KeptRows
from evalscope.runs.reviews import ended_of, is_of, is_verdict, review_row


@dataclass(slots=True)
class Tally:
    """Counts of one subset, growing.

    Attributes:
        scores: the ends of samples so far, in the order they came.
        outcomes: how many samples ended in each class.
        missing: answers that are not there: none made elsewhere, or not asked for want of budget; repeats counted.
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
        """Opens the files, with what an earlier walk left in them."""
        self.plan = plan
        self.total = plan.subset.num * repeats
        self.tally = Tally()
        self.answers = KeptRows(predictions, self.total, is_answer)
        self._reviews = KeptRows(reviews, self.total, is_verdict)

    def write_answer(self, request: Request, answer: Completion | str) -> int:
        """Stores what was answered, or why nothing was; returns where the row begins."""
        row = prediction_row(request.key, request.row_name(), request.messages, answer)
        return self.answers.append(row, request.order)

    def keep_review(self, request: Request, response: Response) -> bool:
        """Counts the verdict that an earlier walk gave to a stored answer, where there is one that still holds."""
        row = self._reviews.find(request.sample.id, request.repeat, request.key, request.order)
        if row is None or not is_of(row, request.sample):
            return False
        self.tally.add(ended_of(row, request.sample), response.completions)
        return True

    def write_review(self, request: Request, ended: SampleScore, response: Response | None) -> None:
        """Stores the verdict and counts it."""
        row = review_row(request.key, request.row_name(), request.sample, ended)
        self._reviews.append(row, request.order)
        self.tally.add(ended, response.completions if response else ())

    def finish(self) -> None:
        """Puts all rows in sample order."""
        self.answers.finish(keeps_uncalled=True)
        self._reviews.finish(keeps_uncalled=False)  # they are those of the report beside them

    def close(self) -> None:
        """Closes the files."""
        self.answers.close()
        self._reviews.close()


def _add_time(total: tuple[float, int], seconds: float | None) -> tuple[float, int]:
    return total if seconds is None else (total[0] + seconds, total[1] + 1)
