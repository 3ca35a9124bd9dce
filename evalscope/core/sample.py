"""One question of a benchmark, after its raw record has been understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evalscope.core.message import Message

Record = Mapping[str, Any]
"""A raw row, as its file holds it."""

Category = str | tuple[str, ...]
"""What reports group samples by: a name, or a path of names from the widest to the narrowest."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The names of choices, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A question with its target.

    Attributes:
        input: the question's text, or a conversation that ends with a user's turn.
        target: the right answer; several where each of them is acceptable.
        choices: the options of a multiple-choice question, in order; empty otherwise.
        subset: the part of the benchmark it belongs to; filled in by the loader.
        id: unique within the subset: the record's own, or the row number (from 0), filled in by the loader.
        group: what it shares with other samples (a passage, say), whose errors then go together; empty for none.
        category: what reports group it by across subsets (a topic, say), or several of them, each a name or a path of
            names; empty where subsets have categories, or none.
        wording: which of the benchmark's wordings asks it; empty for its prompt.
        metadata: anything else its benchmark's scorer or demonstration needs.
    """

    input: str | tuple[Message, ...]
    target: str | tuple[str, ...]
    choices: tuple[str, ...] = ()
    subset: str = ""
    id: str = ""
    group: str = ""
    category: str | tuple[Category, ...] = ""
    wording: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def question(self) -> str:
        """The text of the question itself: the last turn, where the input is a conversation."""
        return self.input if isinstance(self.input, str) else self.input[-1].content

    @property
    def categories(self) -> tuple[Category, ...]:
        """What reports group it by, always as a tuple."""
        return (self.category,) if isinstance(self.category, str) else self.category

    @property
    def letters(self) -> str:
        """The letters that name the choices: "ABCD" for four."""
        return LETTERS[: len(self.choices)]

    @property
    def targets(self) -> tuple[str, ...]:
        """The acceptable answers, always as a tuple."""
        return (self.target,) if isinstance(self.target, str) else self.target
