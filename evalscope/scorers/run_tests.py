"""A program is right when it passes the tests of its problem, in a sandbox."""

import asyncio
import textwrap
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace

from evalscope.config import TaskConfig
from evalscope.core.sample import Sample
from evalscope.core.score import Score
from evalscope.core.text import without_surrogates
from evalscope.errors import ScoringError
from evalscope.sandboxes.choose import find_engine
from evalscope.sandboxes.engine import EngineName, Settings
from evalscope.sandboxes.job import Ending, Job, Limits
from evalscope.sandboxes.pool import Sandboxes
from evalscope.scorers.scripts import as_function

_LONGEST = 1_000_000
"""An answer of more characters is no program that anybody would run."""


@dataclass(slots=True)
class _Tally:
    """What was run, for the notes of a report."""

    num_run: int = 0
    num_weak: int = 0


@dataclass(frozen=True, slots=True)
class RunTests:
    """Whether the program passes the tests that stand in the sample's metadata.

    Metadata: `tests`, text that raises where the program is wrong; `names`, the functions of the program that the tests
    call; `prompt`, what the model was to continue, if it was; `setup`, what the tests need beside the program;
    `is_weak`, whether the tests need classes of the program, and so must share a process with it; `before` and `after`,
    what stands around the program; `is_script`, whether the program reads standard input, and the tests call
    run_script(text) for what it writes. `tests` may be a function of the metadata, for those that are megabytes.

    Attributes:
        value: the name of the score.
        timeout_s: seconds for all tests of a problem where the task names none; None for those of any problem.
        settings: of the sandboxes.
        sandboxes: where programs run; started when they are first needed.
        tally: what was run.
    """

    value: str = "acc"
    timeout_s: float | None = field(default=None, repr=False)
    settings: Settings = field(default_factory=Settings)
    sandboxes: Sandboxes = field(default_factory=lambda: Sandboxes(Settings()), repr=False, compare=False)
    tally: _Tally = field(default_factory=_Tally, repr=False, compare=False)

    def prepare(self, task: TaskConfig) -> "RunTests":
        """The scorer with the sandbox that the task asks for."""
        wanted = task.sandbox
        is_own = self.timeout_s is not None and "timeout" not in wanted.model_fields_set
        timeout_s = self.timeout_s if is_own and self.timeout_s is not None else wanted.timeout
        settings = Settings(
            engine=None if wanted.engine is None else EngineName(wanted.engine),
            limits=Limits(timeout_s=timeout_s, memory_bytes=wanted.memory_mb * 2**20, tmp_bytes=wanted.tmp_mb * 2**20),
            num_sandboxes=wanted.num_sandboxes,
            image=wanted.image,
        )
        return replace(self, settings=settings, sandboxes=Sandboxes(settings), tally=_Tally())

    def check(self) -> None:
        """Refuses, before anything is asked, to run a model's program where nothing keeps it in.

        Raises:
            ConfigError: there is no sandbox, and it was not asked to do without.
        """
        find_engine(self.settings)

    def __call__(self, answer: str | None, sample: Sample) -> Score | Awaitable[Score]:
        """1 where the program passes, else 0 with the reason; awaited where there is a program.

        Raises:
            ScoringError: when awaited: the sandbox broke, which says nothing about the program.
        """
        if answer is None or not answer.strip() or len(answer) > _LONGEST:
            return Score(values={self.value: 0.0}, answer=answer)
        return self._run(answer, sample)

    def notes(self) -> tuple[str, ...]:
        """What a reader of the report must know about how the programs were run."""
        notes = []
        if self.tally.num_run and self.settings.engine is EngineName.NONE:
            notes.append(f"{self.tally.num_run} programs were run without a sandbox")
        if self.tally.num_weak:
            notes.append(
                f"{self.tally.num_weak} programs were weakly isolated: their tests need the program's own classes, so "
                "both ran in one process, where a program that sets out to cheat can fake its verdict"
            )
        return tuple(notes)

    async def aclose(self) -> None:
        """Ends the sandboxes."""
        await self.sandboxes.aclose()

    async def _run(self, answer: str, sample: Sample) -> Score:
        is_packed = callable(sample.metadata["tests"])  # unpacking may take long, and the walk is not to wait for it
        try:
            job = await asyncio.to_thread(make_job, answer, sample) if is_packed else make_job(answer, sample)
        except ValueError as error:
            raise ScoringError(f"the tests of sample {sample.id} cannot be read: {error}; mend the data") from error
        self.tally.num_run += 1
        self.tally.num_weak += job.is_weak
        verdict = await self.sandboxes.run(job)
        if verdict.ending is Ending.BROKEN:
            raise ScoringError(f"the program could not be tested: {verdict.explanation}")
        words = {Ending.OUT_OF_MEMORY: "out of memory: "}.get(verdict.ending, "")
        explanation = without_surrogates(f"{words}{verdict.explanation}")
        is_right = verdict.ending is Ending.PASSED
        return Score(values={self.value: float(is_right)}, answer=answer, explanation=explanation)


def make_job(answer: str, sample: Sample) -> Job:
    """What a sandbox is given for an answer.

    Raises:
        ValueError: the tests cannot be read.
    """
    facts = sample.metadata
    programs = readings(facts.get("prompt", ""), answer)
    if before := facts.get("before", ""):
        # a program of its own imports goes without, should it have to stand first
        programs = tuple(f"{first}{program}" for first in (before, "") for program in programs)
    programs = tuple(f"{program}{facts.get('after', '')}" for program in programs)
    return Job(
        programs=(as_function(programs),) if facts.get("is_script") else programs,
        names=tuple(facts["names"]),
        setup=facts.get("setup", ""),
        tests=facts["tests"](facts) if callable(facts["tests"]) else facts["tests"],
        is_weak=facts.get("is_weak", False),
    )


def readings(prompt: str, answer: str) -> tuple[str, ...]:
    """The whole programs that an answer may mean, the likeliest first; the first that compiles is run.

    A model that was to continue a prompt gives the whole function again, or only its body, with the body's indentation,
    without it, or without that of the first line. What the prompt imports and defines stands before it in each case.
    """
    if not prompt:
        return (answer, textwrap.dedent(answer))
    body = textwrap.indent(textwrap.dedent(answer), "    ")
    whole, continued = f"{prompt}\n\n{answer}\n", f"{prompt}\n{body}\n"
    first_line_mended = f"{prompt}\n    {answer.lstrip()}\n"
    if answer.lstrip("\n")[:1] in " \t":
        return (f"{prompt}\n{answer}\n", continued, whole)
    return (whole, f"{answer}\n", continued, first_line_mended)
