"""Letters where a question has choices, mathematical expressions where it has none."""

from collections.abc import Awaitable
from dataclasses import dataclass, field

from evalscope.core.sample import Sample
from evalscope.core.score import Score
from evalscope.scorers.expressions.match import ExpressionMatch
from evalscope.scorers.match import ExactMatch


@dataclass(frozen=True, slots=True)
class LettersOrExpression:
    """The same letters where there are choices; mathematical equality where there are none."""

    letters: ExactMatch = field(default_factory=ExactMatch)
    expressions: ExpressionMatch = field(default_factory=ExpressionMatch)

    def __call__(self, answer: str | None, sample: Sample) -> Score | Awaitable[Score]:
        """1 where the answer is right, else 0; errors as of the two scorers."""
        return (self.letters if sample.choices else self.expressions)(answer, sample)

    def check(self) -> None:
        """Raises MissingDependency where the library for expressions is not installed."""
        self.expressions.check()

    async def aclose(self) -> None:
        """Ends the worker processes."""
        await self.expressions.aclose()
