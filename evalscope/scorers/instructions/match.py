"""A reply is right when it follows every instruction."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from importlib.util import find_spec

from evalscope.core.sample import Sample
from evalscope.core.score import Score
from evalscope.errors import MissingDependency
from evalscope.workers import WorkerPool

LIMIT_S = 60.0
"""So long may the checks of one reply take; 100 000 characters in eight forms take about 5 s."""

_PACKAGES = ("nltk", "py3langid")


def _make_pool() -> WorkerPool:
    return WorkerPool("evalscope.scorers.instructions.worker", limit_s=LIMIT_S)


@dataclass(frozen=True, slots=True)
class FollowsInstructions:
    """The instructions in `sample.metadata["instructions"]`, pairs of kind and what it says, each checked twice.

    The values are `prompt_strict` and `prompt_loose`, 1 where all are followed, and `instruction_strict` and
    `instruction_loose`, the share that is; `num_instructions` is what these are shares of.

    Attributes:
        pool: where the checks run, for hostile replies and languages take their time; started when first needed.
    """

    pool: WorkerPool = field(default_factory=_make_pool, repr=False, compare=False)

    def __call__(self, answer: str | None, sample: Sample) -> Awaitable[Score]:
        """The values; nothing is followed where there is no answer.

        Raises:
            ScoringError: when awaited: an instruction is unknown or not whole, or the checks took too long.
        """
        return self._check(answer, sample)

    def check(self) -> None:
        """Raises MissingDependency where a library is not installed."""
        if any(find_spec(package) is None for package in _PACKAGES):
            raise MissingDependency("the check of instructions", "instructions")

    async def aclose(self) -> None:
        """Ends the worker processes."""
        await self.pool.aclose()

    async def _check(self, answer: str | None, sample: Sample) -> Score:
        instructions = sample.metadata["instructions"]
        strict, loose = await self.pool.ask([answer or "", instructions])
        values = {
            "prompt_strict": float(all(strict)),
            "instruction_strict": sum(strict) / len(strict),
            "prompt_loose": float(all(loose)),
            "instruction_loose": sum(loose) / len(loose),
            "num_instructions": float(len(strict)),
        }
        verdicts = zip(instructions, strict, loose, strict=True)
        explanation = "\n".join(f"{_say(*both)}: {kind}" for (kind, _), *both in verdicts)
        return Score(values=values, answer=answer, explanation=explanation)


def _say(is_strict: bool, is_loose: bool) -> str:
    return "followed" if is_strict else "followed loosely" if is_loose else "not followed"
