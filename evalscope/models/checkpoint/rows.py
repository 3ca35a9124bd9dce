"""One answer as it grows, token by token."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from evalscope.core.response import StopReason
from evalscope.models.checkpoint.settings import Settings


class Vocabulary(Protocol):
    """How token ids read as text."""

    @property
    def end_ids(self) -> frozenset[int]:
        """Tokens of which each ends an answer."""
        ...

    def text(self, tokens: list[int]) -> str:
        """The text of tokens; special ones have none."""
        ...

    def special_id(self, text: str) -> int | None:
        """The one special token written like this, where there is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One prompt, ready to be decoded.

    Attributes:
        tokens: ids of the prompt, at least one.
        settings: how to decode.
        seed: for sampling; equal for equal prompts of the same draw.
        is_wanted: whether somebody still waits for the answer; may be called from any thread.
        way: how it is computed; only prompts of one way may stand side by side.
    """

    tokens: tuple[int, ...]
    settings: Settings
    seed: int
    is_wanted: Callable[[], bool] = field(default=lambda: True, compare=False)
    way: Hashable = None


class Row:
    """One answer as it grows; whoever computes tokens hands them over one at a time.

    Attributes:
        asked: the prompt it answers.
        tokens: new token ids, the one that ended the answer included, padding never.
        stop_reason: None while it grows; "unknown" where nobody waited for the rest.
        started: by time.perf_counter, in seconds, when it was first computed; None before.
        ended: likewise, when it got its last token; None before.
    """

    def __init__(self, asked: Asked, vocabulary: Vocabulary) -> None:
        self.asked = asked
        self.tokens: list[int] = []
        self.stop_reason: StopReason | None = None
        self.started: float | None = None
        self.ended: float | None = None
        self._vocabulary = vocabulary
        # a special token has no text, so a stop that is one can only be seen by its id
        specials = {stop: vocabulary.special_id(stop) for stop in asked.settings.stop}
        self._stops = tuple(stop for stop, special in specials.items() if special is None)
        self._end_ids = frozenset(vocabulary.end_ids) | {
            special for special in specials.values() if special is not None
        }
        # a character takes up to four byte-level tokens; the rest is for a tokenizer that trims the start of a text
        self._num_tail = 4 * max(map(len, self._stops), default=0) + 8

    @property
    def num_tokens(self) -> int:
        """Of the prompt and the answer so far."""
        return len(self.asked.tokens) + len(self.tokens)

    @property
    def num_left(self) -> int:
        """How many more tokens it may get."""
        return self.asked.settings.max_new_tokens - len(self.tokens)

    @property
    def way(self) -> Hashable:
        """How it is computed."""
        return self.asked.way

    @property
    def is_wanted(self) -> Callable[[], bool]:
        """Whether somebody still waits; may be called from any thread."""
        return self.asked.is_wanted

    @property
    def end_ids(self) -> frozenset[int]:
        """Tokens of which each ends it."""
        return self._end_ids

    @property
    def watches_text(self) -> bool:
        """Whether a text may end it, which no token tells."""
        return bool(self._stops)

    @property
    def has_ended(self) -> bool:
        """Whether no more tokens belong to it."""
        return self.stop_reason is not None

    @property
    def latency_s(self) -> float:
        """Seconds from the first computation to the last token; nan while it grows."""
        return float("nan") if self.started is None or self.ended is None else self.ended - self.started

    @property
    def text(self) -> str:
        """The answer, without the token or text that ended it; not stripped."""
        ended_by_token = bool(self.tokens) and self.tokens[-1] in self._end_ids
        text = self._vocabulary.text(self.tokens[:-1] if ended_by_token else self.tokens)
        return text[: min((place for stop in self._stops if (place := text.find(stop)) >= 0), default=len(text))]

    def take(self, token: int) -> None:
        """Adds the next token, which may end the answer."""
        self.tokens.append(token)
        if token in self._end_ids or self._has_stop():
            self.stop_reason = "stop"
        elif len(self.tokens) >= self.asked.settings.max_new_tokens:
            self.stop_reason = "length"
        elif not self.asked.is_wanted():
            self.stop_reason = "unknown"
        if self.has_ended:
            self.ended = perf_counter()

    def abandon(self) -> None:
        """Ends it early, since nobody waits any more."""
        self.stop_reason, self.ended = "unknown", perf_counter()

    def restart(self, now: float) -> None:
        """Forgets what there is of an answer; `now` is by time.perf_counter, in seconds."""
        self.tokens.clear()
        self.stop_reason = self.ended = None
        self.started = now

    def _has_stop(self) -> bool:
        """Whether a stop is in the text; looks at the tail first, since the whole grows longer with every token."""
        return (
            bool(self._stops)
            and self._says_stop(self.tokens[-self._num_tail :])
            and (len(self.tokens) <= self._num_tail or self._says_stop(self.tokens))
        )

    def _says_stop(self, tokens: list[int]) -> bool:
        text = self._vocabulary.text(tokens)
        return any(stop in text for stop in self._stops)
