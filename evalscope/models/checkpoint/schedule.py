"""Which of the questions that wait are computed next."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

LEAST_FREE_SHARE = 8
"""Rows join those that run when an eighth of the places is free: a pass for one row costs as much as for several."""


class Prompt(Protocol):
    """A question as tokens."""

    @property
    def num_tokens(self) -> int:
        """How long it is, at least 1."""
        ...

    @property
    def num_left(self) -> int:
        """By how many tokens it may grow."""
        ...

    @property
    def way(self) -> Hashable:
        """How it is computed; prompts of one way may stand side by side."""
        ...

    @property
    def is_wanted(self) -> Callable[[], bool]:
        """Whether somebody still waits."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How much may stand side by side.

    Attributes:
        most_at_once: prompts.
        most_tokens: of all rows, each as long as the longest may get; None where nobody counts.
    """

    most_at_once: int
    most_tokens: int | None = None

    def num_holding(self, prompts: Sequence[Prompt]) -> int:
        """How many prompts fit in of which none gets longer than the longest of these."""
        longest = max(prompt.num_tokens + prompt.num_left for prompt in prompts)
        return self.most_at_once if self.most_tokens is None else min(self.most_at_once, self.most_tokens // longest)


class Holding(Protocol):
    """Whoever waits, with the prompt."""

    @property
    def prompt(self) -> Prompt:
        """The question as tokens."""
        ...


H = TypeVar("H", bound=Holding)


class Schedule(Generic[H]):
    """What waits, the oldest first.

    The oldest is always among the next, so nobody is overtaken for ever; those that join it are the closest in length.

    Args:
        room: for prompts side by side.
    """

    def __init__(self, room: Room) -> None:
        self._room = room
        self._waiting: list[H] = []
        self._suspects: set[H] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def most_at_once(self) -> int:
        """How many prompts may stand side by side."""
        return self._room.most_at_once

    def resize(self, room: Room) -> None:
        """Goes by another room from now on."""
        self._room = room

    def add(self, held: H) -> None:
        """Puts one last."""
        self._waiting.append(held)

    def give_back(self, begun: Iterable[H]) -> None:
        """Puts those first that were begun and could not be finished, in their order."""
        self._waiting[:0] = begun

    def halve(self, num_rows: int) -> None:
        """From now on at most half of so many stand side by side."""
        self._room = replace(self._room, most_at_once=max(1, num_rows // 2))

    def suspect(self, begun: Iterable[H]) -> None:
        """One of these made all fail; each is computed alone."""
        self._suspects.update(begun)

    def is_suspect(self, held: H) -> bool:
        """Whether it is to be computed alone."""
        return held in self._suspects

    def clear_of_suspicion(self, held: H) -> None:
        """It has an answer, or its own failure."""
        self._suspects.discard(held)

    def take_all(self) -> list[H]:
        """Takes out everything."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def drop_unwanted(self) -> None:
        """Takes out those that nobody waits for any more."""
        self._waiting = [held for held in self._waiting if held.prompt.is_wanted()]

    def next(self, running: Sequence[H], *, is_joinable: bool) -> list[H]:
        """Takes out what is to be begun now, beside what runs.

        Args:
            running: what runs.
            is_joinable: whether others may join what runs before it has ended.
        """
        if not self._waiting:
            return []
        oldest = self._waiting[0]
        if running and not (is_joinable and self._may_join(oldest, running)):
            return []
        if oldest in self._suspects:
            return [self._waiting.pop(0)]
        fitting = [
            held for held in self._waiting if held.prompt.way == oldest.prompt.way and held not in self._suspects
        ]
        chosen = _closest(fitting, oldest, self.most_at_once - len(running))
        while len(chosen) > (num_free := max(1, self._num_free(running, chosen))):
            chosen = _closest(chosen, oldest, num_free)
        taken = set(map(id, chosen))
        self._waiting = [held for held in self._waiting if id(held) not in taken]
        return chosen

    def _may_join(self, oldest: H, running: Sequence[H]) -> bool:
        num_needed = max(1, self.most_at_once // LEAST_FREE_SHARE)
        return (
            self.most_at_once - len(running) >= num_needed
            and self._num_free(running, [oldest]) >= 1
            and oldest.prompt.way == running[0].prompt.way
            and not any(held in self._suspects for held in (oldest, *running))
        )

    def _num_free(self, running: Sequence[H], chosen: Sequence[H]) -> int:
        """How many prompts like the chosen ones there is room for beside what runs."""
        return self._room.num_holding([held.prompt for held in (*running, *chosen)]) - len(running)


def _closest(fitting: Sequence[H], oldest: H, most: int) -> list[H]:
    """So many, the oldest among them, whose lengths differ least."""
    by_length = sorted(fitting, key=lambda held: -held.prompt.num_tokens)
    size = min(most, len(by_length))
    place = next(index for index, held in enumerate(by_length) if held is oldest)
    starts = range(max(0, place - size + 1), min(place, len(by_length) - size) + 1)
    start = min(
        starts, key=lambda first: by_length[first].prompt.num_tokens - by_length[first + size - 1].prompt.num_tokens
    )
    return by_length[start : start + size]
