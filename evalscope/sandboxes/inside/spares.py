"""Children that were forked ahead of their jobs, some in a row."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

MOST = 8
"""So many wait at a time."""

Kind = TypeVar("Kind")


class Spares(Generic[Kind]):
    """Children that wait, each for one job; when none is left, more are forked.

    A fork makes every page of the parent one that is copied when it is next written to. Several forks in a row share
    that price, which is a quarter of a test's. The first is alone and then there are twice as many each time, for a
    sandbox may be thrown away after its first job.
    """

    def __init__(self, fork: Callable[[int], Sequence[Kind]]) -> None:
        """Takes what forks so many; nothing is forked yet."""
        self._fork = fork
        self._waiting: list[Kind] = []
        self._num_next = 1

    def take(self) -> Kind:
        """One that nobody has had before."""
        if not self._waiting:
            self._waiting += self._fork(self._num_next)
            self._num_next = min(MOST, 2 * self._num_next)
        return self._waiting.pop()
