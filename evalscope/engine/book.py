"""What is written and counted while the walk goes on: one book a subset."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evalscope.core.response import Completion, Response
from evalscope.core.score import FAILURES, Outcome, SampleScore, Score
from evalscope.engine.panel import Panel
from evalscope.engine.plan import Request, SubsetPlan
from evalscope.runs.answers import is_answer, prediction_row
from evalscope.runs.kept import KeptRows
from evalscope.runs.reviews import ended_of, is_of, is_verdict, review_row

MOST_ALIKE = 1000
"""So many different scores are remembered, to be shared by samples that end alike."""

ELSEWHERE = "the review says why"


@dataclass(slots=True)
class Tally:
    """Counts of one subset, growing.

    Attributes:
        repeats: how often each sample is asked.
        scores: the ends of samples so far, in the order they came, without the texts that the reviews hold.
        outcomes: how many samples ended in each class.
        missing: answers that are not there: none made elsewhere, or not asked for want of budget; repeats counted.
        credit: sum of the first value over scored samples, for the running score.
        asked: requests really sent, for the rate.
        input_tokens: over all answers, stored ones included.
        output_tokens: likewise.
        truncated: answers that the limit on tokens ended.
        greedy_hashes: of the keys of greedy requests that have an answer, 8 bytes each; equal requests share theirs.
        latencies_s: sum over answers that have one, and how many they are.
        first_tokens_s: likewise, for streamed answers.
    """

    repeats: int = 1
    scores: list[SampleScore] = field(default_factory=list)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    missing: int = 0
    credit: float = 0.0
    asked: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    truncated: int = 0
    greedy_hashes: "array[int]" = field(default_factory=lambda: array("q"))
    latencies_s: tuple[float, int] = (0.0, 0)
    first_tokens_s: tuple[float, int] = (0.0, 0)
    _alike: dict[tuple[Any, ...], Score] = field(default_factory=dict)

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
        self.scores.append(self._without_texts(score))
        self.outcomes[score.outcome] += 1
        if score.score is not None:
            self.credit += next(iter(score.score.values.values()))
        for completion in completions:
            self.input_tokens += completion.usage.input_tokens or 0
            self.output_tokens += completion.usage.output_tokens or 0
            self.truncated += completion.stop_reason == "length"
            self.latencies_s = _add_time(self.latencies_s, completion.latency_s)
            self.first_tokens_s = _add_time(self.first_tokens_s, completion.first_token_s)

    def _without_texts(self, ended: SampleScore) -> SampleScore:
        """The end as metrics need it: answers only where repeats vote, and equal scores as one value.

        A hundred thousand samples thus take 30 MB, however long answers and explanations are.
        """
        score = ended.score
        if score is None:
            return replace(ended, error=ELSEWHERE)
        vote = (score.vote or score.answer or "") if self.repeats > 1 else ""
        answer = None if score.answer is None else ""
        alike = (vote, answer, *score.values.items())
        if (kept := self._alike.get(alike)) is None:
            kept = Score(values=score.values, answer=answer, vote=vote)
            if len(self._alike) < MOST_ALIKE:
                self._alike[alike] = kept
        return SampleScore(  # replace takes twice as long, and this is done for every sample
            sample_id=ended.sample_id,
            subset=ended.subset,
            repeat=ended.repeat,
            outcome=ended.outcome,
            group=ended.group,
            categories=ended.categories,
            score=kept,
        )


class Book:
    """One subset's predictions, reviews and counts."""

    def __init__(
        self, plan: SubsetPlan, *, predictions: Path, reviews: Path, repeats: int, panel: Panel | None = None
    ) -> None:
        """Opens the files, with what an earlier walk left in them; `panel` judges the answers."""
        self.panel = panel
        self.plan = plan
        self.total = plan.subset.num * repeats
        self.tally = Tally(repeats=repeats)
        self.answers = KeptRows(predictions, self.total, is_answer)
        self._reviews = KeptRows(reviews, self.total, is_verdict)

    def write_answer(self, request: Request, answer: Completion | str) -> int:
        """Stores what was answered, or why nothing was; returns where the row begins."""
        row = prediction_row(request.key, request.row_name(), request.messages, answer)
        return self.answers.append(row, request.order)

    def keep_review(self, request: Request, response: Response) -> bool:
        """Counts the verdict that an earlier walk gave to a stored answer, where there is one that still holds."""
        if self.panel is not None:
            return False  # judgements are kept, and verdicts made of them again
        row = self._reviews.find(request.sample.id, request.repeat, request.key, request.order)
        if row is None or not is_of(row, request.sample):
            return False
        self._count(request, ended_of(row, request.sample), response)
        return True

    def write_review(self, request: Request, ended: SampleScore, response: Response | None) -> None:
        """Stores the verdict and counts it."""
        row = review_row(request.key, request.row_name(), request.sample, ended)
        self._reviews.append(row, request.order)
        self._count(request, ended, response)

    def finish(self) -> None:
        """Puts all rows in sample order."""
        self.answers.finish(keeps_uncalled=True)
        self._reviews.finish(keeps_uncalled=False)  # they are those of the report beside them
        if self.panel is not None:
            self.panel.finish()

    def sync(self) -> None:
        """Puts new rows onto the disk itself; may be called from any thread."""
        self.answers.sync()
        self._reviews.sync()
        if self.panel is not None:
            self.panel.sync()

    def close(self) -> None:
        """Closes the files."""
        self.answers.close()
        self._reviews.close()
        if self.panel is not None:
            self.panel.close()

    def _count(self, request: Request, ended: SampleScore, response: Response | None) -> None:
        self.tally.add(ended, response.completions if response else ())
        if response is not None and request.generation.is_greedy:
            self.tally.greedy_hashes.append(hash(request.key))


def _add_time(total: tuple[float, int], seconds: float | None) -> tuple[float, int]:
    return total if seconds is None else (total[0] + seconds, total[1] + 1)
