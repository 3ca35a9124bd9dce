"""A benchmark: every arrow of the walk as one field of a frozen value."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.metric import Metric
from evalscope.core.model import Model
from evalscope.core.response import Response
from evalscope.core.rubric import Rubric
from evalscope.core.sample import Record, Sample
from evalscope.core.score import Score
from evalscope.core.template import Template


class Solver(Protocol):
    """How a question is asked, in calls."""

    async def __call__(
        self, messages: tuple[Message, ...], sample: Sample, model: Model, config: Generation
    ) -> Response:
        """All that was said for one sample."""
        ...


class Extractor(Protocol):
    """The answer in the prose."""

    def __call__(self, text: str, sample: Sample) -> str | None:
        """The answer as the scorer wants it; None where the text gives none."""
        ...


class Scorer(Protocol):
    """Right or wrong.

    A scorer may also have `prepare(task)`, which returns the scorer for a TaskConfig; `check()`, which raises a
    ConfigError where something it needs is not there, both called before anything is asked; `notes()`, which tells
    at the end what a reader of the report must know; and `async aclose()`, which lets go of processes.
    """

    def __call__(self, answer: str | None, sample: Sample) -> Score | Awaitable[Score]:
        """The verdict; one that takes other processes is awaited, and does not hold up the walk.

        Raises:
            ScoringError: an answer is there, but it cannot be compared.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a benchmark's records come from.

    Attributes:
        id: on ModelScope.
        huggingface_id: on Hugging Face, where it differs.
        subsets: names, in the order of reports.
        asked_subsets: those that are asked unless the user names others; all of them where empty.
        split: the one that is asked.
        stand_in_split: the one that is asked, and named in log and report, where a local copy lacks `split`.
        few_shot_split: the one that examples come from; None where the benchmark has none.
        patterns: file patterns of its own, tried before the common ones; {subset}, {split} and {Split} (capitalised)
            stand for the names, and the ending is left out: "{subset}/{subset}-{Split}".
        old_splits: what {old_split} stands for in patterns, by split, where an archive calls splits otherwise.
        columns: names of the columns of csv files that have no header row; such a file may be tab-separated.
        subset_column: the column that says which subset a row belongs to, where one file holds several.
        example_texts: patterns of text files that hold solved examples, with their ending, such as
            "cot-prompts/{subset}.txt"; they go before `few_shot_split`.
        read_example_text: the records in such a text.
        num_records: official number of records in `split`, by subset.
        belongs: whether a record belongs to a split, where one file holds several; None where files are splits.
        unfold: the records within one, where a row holds several questions; None where it holds one.
        generate: makes the records of a subset from a seed, where there are no files; None where there are.
        has_ids: whether to_sample gives every sample an id that is unique within its subset.
        old_ids: ids under which hubs held it earlier; users still type them.
        licence: of the data, as its authors give it; empty where they give none.
    """

    id: str
    huggingface_id: str = ""
    subsets: tuple[str, ...] = ("default",)
    asked_subsets: tuple[str, ...] = ()
    split: str = "test"
    stand_in_split: str = ""
    few_shot_split: str | None = None
    patterns: tuple[str, ...] = ()
    old_splits: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    subset_column: str = ""
    example_texts: tuple[str, ...] = ()
    read_example_text: Callable[[str], Iterable[Record]] | None = None
    num_records: Mapping[str, int] = field(default_factory=dict)
    belongs: Callable[[Record, str], bool] | None = None
    unfold: Callable[[Record], Iterable[Record]] | None = None
    generate: Callable[[str, int], Iterable[Record]] | None = None
    has_ids: bool = False
    old_ids: tuple[str, ...] = ()
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FewShot:
    """Solved examples before the question.

    Attributes:
        num: how many by default.
        answer: what an assistant would answer to a sample of the few-shot split, in full.
    """

    num: int
    answer: Callable[[Sample], str]


class Settle(Protocol):
    """How a benchmark takes up settings of its own."""

    def __call__(self, benchmark: "Benchmark", given: Mapping[str, Any], task: Any, /) -> "Benchmark":
        """The benchmark as it is with them; called without any, too, before data is read.

        Args:
            benchmark: without them.
            given: those of the user, all of them known by name.
            task: the TaskConfig.

        Raises:
            ValueError: a value is not what it should be; the message begins with the setting's name.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSettings:
    """Settings that no other benchmark has; users write them as extra_params of dataset_args.

    Attributes:
        known: what each does, by its name.
        settle: how they change the benchmark.
    """

    known: Mapping[str, str]
    settle: Settle


def nothing_to_rank(sample: Sample) -> tuple[str, ...]:
    """No continuations: the model writes its answer."""
    return ()


GREEDY = Generation(max_tokens=2048, temperature=0.0)
"""The settings of a benchmark that names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One benchmark, whole.

    Attributes:
        name: what users type; its file's name.
        about: one sentence and a link, for listings.
        about_zh: the same in Chinese, without the link.
        source: where records come from.
        to_sample: a record understood. A KeyError, ValueError, TypeError, IndexError or AttributeError in it is a fault
            of the record, and reported with its file and line.
        prompt: how a question is worded.
        wordings: further wordings by name, for samples that name one.
        continuations: what is ranked by likelihood behind a question; nothing where the model writes its answer.
        solver: how it is asked, in calls.
        extract: the answer in the prose.
        scorer: right or wrong; None where only a judge can tell.
        rubric: how a judge grades its answers; None for the common way.
        metrics: many scores, one number each; the first is the headline.
        few_shot: solved examples; None where they make no sense.
        system_prompt: what the system says first; empty for nothing.
        is_free_text: whether a reply may hold anything, so that what looks like another question or turn in it stays.
        shuffles_choices: whether choices are always asked in an order drawn by the seed, for in the data the place of
            the right one gives it away.
        categories: subset → category, for grouping in reports; an empty one means "default".
        notes: what a reader of its report must know.
        generation: settings that the user's go over; temperature 0 unless said.
        aliases: other names that users type.
        tags: for filtering lists.
        version: counts up when a change moves scores.
        variants: the same questions asked and scored in another way, by the name that `scoring` in dataset_args takes.
        own_settings: settings that only this one has; None for none.
    """

    name: str
    about: str
    source: Source
    to_sample: Callable[[Record], Sample]
    prompt: Template
    solver: Solver
    extract: Extractor
    scorer: Scorer | None
    metrics: tuple[Metric, ...]
    about_zh: str = ""
    rubric: Rubric | None = None
    wordings: Mapping[str, Template] = field(default_factory=dict)
    continuations: Callable[[Sample], tuple[str, ...]] = nothing_to_rank
    few_shot: FewShot | None = None
    system_prompt: str = ""
    is_free_text: bool = False
    shuffles_choices: bool = False
    categories: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    generation: Generation = GREEDY
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    version: int = 1
    variants: Mapping[str, "Benchmark"] = field(default_factory=dict)
    own_settings: OwnSettings | None = None

    @property
    def ranks(self) -> bool:
        """Whether options are ranked by their likelihood, and nothing is generated."""
        return self.continuations is not nothing_to_rank
