"""How a judge grades answers: what it is asked, and how its verdict is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from evalscope.core.message import Message
from evalscope.core.metric import Metric
from evalscope.core.sample import Sample

Form = Literal["GRADE", "SCORE", "WINNER"]
"""The word that opens the line of a verdict."""

SWAPPED = {"A": "B", "B": "A"}
"""What a verdict on two answers becomes when they change places; a tie stays one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a judge is shown of one answer.

    Attributes:
        question: what was asked.
        answer: to be judged.
        target: the right answer; empty where there is none.
        earlier: what was said before, where the question is a turn of a conversation.
    """

    question: str
    answer: str
    target: str = ""
    earlier: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """What a judge is asked about one answer.

    Attributes:
        name: in reports.
        template: the judge's question, with {question}, {answer}, and {target} where there is a right answer to
            compare with; or with {first} and {second}, the answer and the target in either order. Answers are put
            between two marks that they cannot know.
        open_template: the same for a sample without a right answer; empty where each has one, or none has.
        show: what the judge is shown of a sample's answer, where that is not the whole of either. It raises a
            ScoringError where the answer is none that can be shown.
        repair: what the judge is asked where its reply held no verdict.
        metrics: of the values.
        grades: by the word of a verdict, such as "CORRECT", the values that the answer gets, the same names for each;
            the first value decides between right and wrong. Empty where a verdict is a number.
        scale: the lowest and the highest number of a verdict; the value is its place between them, from 0 to 1.
        empty: the verdict on an answer in which nothing is said, which no judge is asked about.
        system_prompt: what the judge's system says first; empty for nothing.
        pattern: a regular expression whose first group is the verdict, instead of a line "GRADE: …" or "SCORE: …".
    """

    name: str
    template: str
    repair: str
    metrics: tuple[Metric, ...]
    open_template: str = ""
    show: Callable[[Sample, str], Shown] | None = None
    grades: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    scale: tuple[float, float] = (0.0, 1.0)
    empty: str = ""
    system_prompt: str = ""
    pattern: str = ""

    @property
    def form(self) -> Form:
        """Which kind of verdict it asks for."""
        return "WINNER" if self.compares else "GRADE" if self.grades else "SCORE"

    @property
    def needs_target(self) -> bool:
        """Whether the answer is compared with another, whatever the sample."""
        return self.compares or ("{target}" in self.template and not self.open_template)

    @property
    def compares(self) -> bool:
        """Whether it asks which of two answers is better; it is then asked twice, with their places changed."""
        return "{first}" in self.template
