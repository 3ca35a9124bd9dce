"""An answer is as good as the part of its references that it repeats."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from importlib.util import find_spec

from evalscope.core.sample import Sample
from evalscope.core.score import Score
from evalscope.errors import MissingDependency, ScoringError
from evalscope.workers import WorkerPool

VALUES = ("rouge-l", "rouge-1", "rouge-2", "bleu-1", "bleu-2", "bleu-3", "bleu-4", "exact")

LIMIT_S = 120.0
"""So long may one comparison take; 100 000 words beside 100 000 take about 10 s."""

_PACKAGES = ("rouge_score", "sacrebleu", "jieba")


def _make_pool() -> WorkerPool:
    return WorkerPool("evalscope.scorers.overlap.worker", limit_s=LIMIT_S)


@dataclass(frozen=True, slots=True)
class TextOverlap:
    """ROUGE, BLEU and equality, each in 0..1; ROUGE-L decides.

    Attributes:
        pool: where the libraries run, for long texts take their time; started when it is first needed.
    """

    pool: WorkerPool = field(default_factory=_make_pool, repr=False, compare=False)

    def __call__(self, answer: str | None, sample: Sample) -> Score | Awaitable[Score]:
        """The figures; nothing but zeros where there is no answer.

        Raises:
            ScoringError: there is no reference. When awaited: the comparison broke, or took too long.
        """
        references = [target for target in sample.targets if target.strip()]
        if not references:
            raise ScoringError(f"sample {sample.id} has no reference, so no answer can be compared; mend the data")
        if answer is None or not answer.strip():
            return Score(values=dict.fromkeys(VALUES, 0.0), answer=None)
        return self._compare(answer, references)

    def check(self) -> None:
        """Raises MissingDependency where a library is not installed."""
        if any(find_spec(package) is None for package in _PACKAGES):
            raise MissingDependency("text overlap", "overlap")

    async def aclose(self) -> None:
        """Ends the worker processes."""
        await self.pool.aclose()

    async def _compare(self, answer: str, references: list[str]) -> Score:
        figures = await self.pool.ask([answer, references])
        is_exact = any(answer.split() == reference.split() for reference in references)
        values = {**figures, "exact": float(is_exact)}
        return Score(values={name: values[name] for name in VALUES}, answer=answer)
