"""What crosses between processes: questions, replies, and errors that come out as the same errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from evalscope.core.response import Completion
from evalscope.errors import EvalscopeError, ModelError


@dataclass(frozen=True, slots=True)
class Question:
    """A call of a model's method.

    Attributes:
        way: which method.
        arguments: of the call.
    """

    way: Literal["generate", "loglikelihood"]
    arguments: tuple[Any, ...]


Answer = Completion | tuple[float, ...]
"""A completion; log-likelihoods in nats."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An error as a value: pickle would call the class with the message alone, which not every one of ours takes."""

    kind: type[EvalscopeError]
    arguments: tuple[Any, ...]
    attributes: Mapping[str, Any]

    def error(self) -> EvalscopeError:
        """The error itself, a new object each time."""
        error = self.kind.__new__(self.kind)
        error.args = self.arguments
        error.__dict__.update(self.attributes)
        return error


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a question.

    Attributes:
        outcome: the answer, or why there is none.
        wants: how many questions the replica wants in hand now.
    """

    outcome: Answer | Carried
    wants: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a replica runs.

    Attributes:
        node_id: Ray's.
        node_name: for people: host name, address and the beginning of the id.
        versions: of what decides answers and of what is sent, by package.
    """

    node_id: str
    node_name: str
    versions: Mapping[str, str]


def carry(error: Exception, where: str = "") -> Carried:
    """An error on its way to another process; what is none of ours becomes a ModelError that names it.

    Args:
        error: it.
        where: put in front of its message.
    """
    if not isinstance(error, EvalscopeError):
        error = ModelError(f"{type(error).__name__}: {error}")
    arguments = (where + str(error),) if where else error.args
    return Carried(kind=type(error), arguments=arguments, attributes=dict(vars(error)))
