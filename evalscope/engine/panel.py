"""The judges of one subset: each gives a verdict on an answer, and together they make one score."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evalscope.core.message import Message
from evalscope.core.response import Usage
from evalscope.core.rubric import SWAPPED, Rubric
from evalscope.core.score import Outcome, SampleScore, Score, classify
from evalscope.engine.desk import TURNS, Answered, Desk
from evalscope.engine.judging import Judge, Judging
from evalscope.errors import EndpointError, JudgeFailed, ModelError
from evalscope.extractors.reasoning import cut_reasoning
from evalscope.runs.kept import KeptRows
from evalscope.scorers.judging.verdicts import read_verdict, values_of

MOST_EXPLAINED = 4000
"""So many characters of a judge's reply go into the review; the judgements hold it whole."""


class Vote(NamedTuple):
    """What one judge said about an answer.

    Attributes:
        judge: its name.
        verdict: None where it gave none.
        values: what the verdict is worth; None where there is none.
        said: its reply, or why there is none.
    """

    judge: str
    verdict: str | None
    values: Mapping[str, float] | None
    said: str

    @property
    def word(self) -> str | None:
        """The verdict as one that the rubric knows: where two answers' orders gave different ones, a tie."""
        return "TIE" if self.verdict and " or " in self.verdict else self.verdict


@dataclass(slots=True)
class Spent:
    """What one judge was asked, growing.

    Attributes:
        replies: to all answers, those stored earlier included; an answer that needed a second question has two.
        input_tokens: of them all.
        output_tokens: likewise.
    """

    replies: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def add(self, usage: Usage) -> None:
        """Counts one reply."""
        self.replies += 1
        self.input_tokens += usage.input_tokens or 0
        self.output_tokens += usage.output_tokens or 0


class Panel:
    """Asks all judges about the answers of one subset.

    Attributes:
        judging: who they are, and by which rubric.
        spent: by the judge's name.
        votes: how often the judges, in their order, gave these verdicts; None where one of them gave none.
        own: where several judge, by the judge's name what its verdicts alone would give, in the order they came.
    """

    def __init__(self, judging: Judging, desks: Mapping[str, Desk], rows: Mapping[str, KeptRows]) -> None:
        """Both mappings are by the judge's name; what the rows hold is not asked again."""
        self.judging = judging
        self.spent = {judge.name: Spent() for judge in judging.judges}
        self.votes: Counter[tuple[str | None, ...]] = Counter()
        self.own: dict[str, list[SampleScore]] = {judge.name: [] for judge in judging.judges}
        self._desks, self._rows = desks, rows
        for name, own in rows.items():
            desks[name].learn(own)

    async def judge(self, answered: Answered, answer: str) -> Score:
        """The score of an answer.

        Raises:
            JudgeFailed: too few verdicts, or too many different ones.
            EndpointError: a judge cannot be asked at all.
        """
        if not answer.strip():
            values = self.judging.values_of_nothing
            return Score(values=values, explanation="the answer is empty, so no judge was asked")
        return combine(await self.vote(answered, answer), self.judging.rubric, answer)

    async def vote(self, answered: Answered, answer: str) -> list[Vote]:
        """What each judge says of an answer, in the order of the judges.

        Raises:
            EndpointError: a judge cannot be asked at all.
        """
        votes = await asyncio.gather(*(self._vote(judge, answered, answer) for judge in self.judging.judges))
        self.votes[tuple(vote.word for vote in votes)] += 1
        if len(votes) > 1:
            for vote in votes:
                self.own[vote.judge].append(_alone(vote, answered))
        return votes

    def finish(self) -> None:
        """Puts all rows in sample order; judgements under other rubrics stay behind them."""
        for rows in self._rows.values():
            rows.finish(keeps_uncalled=True)

    def sync(self) -> None:
        """Puts new rows onto the disk itself; may be called from any thread."""
        for rows in self._rows.values():
            rows.sync()

    def close(self) -> None:
        """Closes the files."""
        for rows in self._rows.values():
            rows.close()

    async def _vote(self, judge: Judge, answered: Answered, answer: str) -> Vote:
        rubric = self.judging.rubric_of(judge)
        if not rubric.compares:
            verdict, said = await self._verdict(
                judge, answered, self.judging.question(judge, answered.sample, answer), 0
            )
            return Vote(judge.name, verdict, None if verdict is None else values_of(verdict, rubric), said)
        (one, said), (other, said_too) = await asyncio.gather(
            self._verdict(judge, answered, self.judging.comparison(judge, answered.sample, answer, is_second=False), 0),
            self._verdict(
                judge, answered, self.judging.comparison(judge, answered.sample, answer, is_second=True), TURNS
            ),
        )
        said = f"{said}\n\nwith the answers in the other order:\n{said_too}"
        if one is None or other is None:
            return Vote(judge.name, None, None, said)
        other = SWAPPED.get(other, other)
        win = (values_of(one, rubric)["win"] + values_of(other, rubric)["win"]) / 2
        verdict = one if one == other else f"{one} or {other}"
        return Vote(judge.name, verdict, {"win": win, "consistent": float(one == other)}, said)

    async def _verdict(
        self, judge: Judge, answered: Answered, messages: tuple[Message, ...], place: int
    ) -> tuple[str | None, str]:
        """What one judge says, and its words; None where it says nothing that can be read."""
        rubric = self.judging.rubric_of(judge)
        said = ""
        for turn in range(TURNS):
            try:
                reply = await self._desks[judge.name].ask(self._rows[judge.name], answered, messages, place + turn)
            except EndpointError:
                raise
            except ModelError as error:
                return None, f"no reply: {error}"
            self.spent[judge.name].add(reply.usage)
            said = cut_reasoning(reply.text)
            if (verdict := read_verdict(said, rubric)) is not None:
                return verdict, said
            messages = (*messages, Message("assistant", reply.text), Message("user", rubric.repair))
        return None, f"no verdict in its replies; the last: {said.strip()}"


def combine(votes: Sequence[Vote], rubric: Rubric, answer: str) -> Score:
    """One score from the votes of all judges.

    Grades: the one that more than half of all judges give, those without a verdict counted among them. Numbers and
    comparisons: their mean, where each judge gave one. Of several judges each one's own values stand beside it, as
    "value@judge".

    Raises:
        JudgeFailed: there is no such grade, or a judge is missing.
    """
    votes_with_values = [(vote, vote.values) for vote in votes if vote.values is not None]
    if rubric.form == "GRADE":
        verdict, num = Counter(vote.verdict for vote in votes).most_common(1)[0]
        if verdict is None or 2 * num <= len(votes):
            raise JudgeFailed(_say(votes))
        values = values_of(verdict, rubric)
    else:
        if len(votes_with_values) < len(votes):
            raise JudgeFailed(_say([vote for vote in votes if vote.values is None]))
        names = votes_with_values[0][1]
        values = {name: sum(own[name] for _, own in votes_with_values) / len(votes) for name in names}
    if len(votes) > 1:
        values |= {f"{name}@{vote.judge}": value for vote, own in votes_with_values for name, value in own.items()}
    return Score(values=values, answer=answer, explanation=_say(votes))


def _alone(vote: Vote, answered: Answered) -> SampleScore:
    """How the sample would end if this judge alone decided; its answer is left out, for it is only counted."""
    score = None if vote.values is None else Score(values=vote.values, answer="")
    return SampleScore(
        sample_id=answered.sample.id,
        subset=answered.row_name()["subset"],
        repeat=answered.repeat,
        outcome=Outcome.JUDGE_FAILED if score is None else classify(score, is_cut_off=False),
        group=answered.sample.group,
        categories=answered.sample.categories,
        score=score,
        error="no verdict" if score is None else None,
    )


def _say(votes: Sequence[Vote]) -> str:
    if len(votes) == 1:
        return votes[0].said[:MOST_EXPLAINED]
    most = MOST_EXPLAINED // len(votes)
    return "\n\n".join(f"{vote.judge}: {vote.verdict or 'no verdict'}\n{vote.said[:most]}" for vote in votes)
