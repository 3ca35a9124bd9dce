"""What a checkpoint is asked, and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conversation:
    """Messages that are to be answered."""

    messages: Sequence[Message]
    generation: Generation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Continuations:
    """Texts behind a context, of which is asked how likely each is there."""

    context: str
    texts: tuple[str, ...]


Question = Conversation | Continuations

Answer = Completion | tuple[float, ...]
"""A completion of a conversation; the log-probabilities of continuations in nats."""
