"""An answer is right when it equals a target as an expression."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.util import find_spec

from evalscope.core.sample import Sample
from evalscope.core.score import Score
from evalscope.errors import MissingDependency, ScoringError
from evalscope.scorers.expressions.forms import read_form
from evalscope.scorers.expressions.quick import decide
from evalscope.workers import WorkerPool

LIMIT_S = 10.0
"""So long may the library take for one comparison."""

_LONGEST = 2000
"""An answer of more characters is no expression that anybody would compare."""


def _make_pool() -> WorkerPool:
    return WorkerPool("evalscope.scorers.expressions.worker", limit_s=LIMIT_S)


@dataclass(frozen=True, slots=True)
class ExpressionMatch:
    """Mathematical equality: by our own reading where that is plain, by math-verify in another process where not.

    Attributes:
        value: the name of the score.
        has_prose: whether some targets are sentences, as authors of exercises write them: then one that cannot be read
            as an expression is compared by its letters and digits, and is no error.
        pool: where the library runs; started when it is first needed.
    """

    value: str = "acc"
    has_prose: bool = False
    pool: WorkerPool = field(default_factory=_make_pool, repr=False, compare=False)

    def __call__(self, answer: str | None, sample: Sample) -> Score | Awaitable[Score]:
        """1 where the answer equals one of the targets, else 0; awaited where the library has to say.

        A sample whose metadata names a "tolerance" accepts a number that is off by no more than that.

        Raises:
            ScoringError: there is no target. When awaited: the comparison broke, or took too long.
        """
        targets = tuple(target for target in sample.targets if target.strip())
        if not targets:
            raise ScoringError(f"sample {sample.id} has no target, so no answer can be compared; mend the data")
        if answer is None or not answer.strip() or len(answer) > _LONGEST:
            return self._score(answer, is_right=False)
        decisions = {target: decide(target, answer) for target in targets}
        tolerance = sample.metadata.get("tolerance")
        if any(decisions.values()) or (tolerance and any(_is_within(tolerance, one, answer) for one in targets)):
            return self._score(answer, is_right=True)
        undecided = [target for target, decision in decisions.items() if decision is None]
        return self._ask_library(answer, undecided) if undecided else self._score(answer, is_right=False)

    def check(self) -> None:
        """Raises MissingDependency where the library is not installed."""
        if find_spec("math_verify") is None:
            raise MissingDependency("comparing expressions", "math")

    async def aclose(self) -> None:
        """Ends the worker processes."""
        await self.pool.aclose()

    async def _ask_library(self, answer: str, targets: list[str]) -> Score:
        given = read_form(answer).latex
        failures = []
        for target in targets:
            try:
                verdict = await self.pool.ask([read_form(target).latex, given])
            except ScoringError as error:
                failures.append(f"{answer[:100]!r} could not be compared with {target!r}: {error}")
                continue
            if verdict == "equal":
                return self._score(answer, is_right=True)
            if verdict == "no target" and not self.has_prose:
                failures.append(
                    f"the target {target!r} cannot be read as an expression, and {answer[:100]!r} is not it"
                )
        if failures:
            raise ScoringError("; ".join(failures))
        return self._score(answer, is_right=False)

    def _score(self, answer: str | None, *, is_right: bool) -> Score:
        vote = "" if answer is None or len(answer) > _LONGEST else read_form(answer).key
        return Score(values={self.value: float(is_right)}, answer=answer, vote=vote)


def _is_within(tolerance: str, target: str, answer: str) -> bool:
    """Whether two plain numbers differ by no more than the tolerance, which is one too: "1e-1"."""
    right, given = read_form(target).number, read_form(answer).number
    return right is not None and given is not None and abs(right - given) <= Fraction(tolerance)
