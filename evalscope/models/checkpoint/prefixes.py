"""What many prompts begin with is computed once: demonstrations, a system prompt, a passage."""

from bisect import bisect_left, bisect_right, insort
from collections import OrderedDict, deque
from collections.abc import Sequence

from evalscope.models.checkpoint.columns import Columns
from evalscope.models.checkpoint.reading import Known, Reader, Reading

Tokens = tuple[int, ...]

MOST_SEEN_TOKENS = 2**20
"""Prompts are remembered up to so many tokens in all, to see what later ones have in common with them."""

LEAST_SAVED_TOKENS = 64
"""A pass of its own for a shared start is worth it from so many tokens on that others need not compute."""


class Seen:
    """The newest prompts, sorted, so that those that begin alike are neighbours."""

    def __init__(self, most_tokens: int = MOST_SEEN_TOKENS) -> None:
        self._most_tokens = most_tokens
        self._num_tokens = 0
        self._arrived: deque[Tokens] = deque()
        self._sorted: list[Tokens] = []

    def note(self, tokens: Tokens) -> None:
        """Remembers a prompt, and forgets the oldest where there are too many."""
        self._arrived.append(tokens)
        insort(self._sorted, tokens)
        self._num_tokens += len(tokens)
        while self._num_tokens > self._most_tokens and len(self._arrived) > 1:
            oldest = self._arrived.popleft()
            del self._sorted[bisect_left(self._sorted, oldest)]
            self._num_tokens -= len(oldest)

    def shared(self, tokens: Tokens) -> tuple[int, int]:
        """How long a start a noted prompt shares with another one, and how many prompts, itself included, share it."""
        place = bisect_left(self._sorted, tokens)
        if self._sorted[place : place + 1] != [tokens]:
            return 0, 1
        # of equal prompts the first is found, so that the next is its neighbour
        beside = (*self._sorted[max(0, place - 1) : place], *self._sorted[place + 1 : place + 2])
        length = max((num_shared(tokens, other) for other in beside), default=0)
        start = tokens[:length]
        after = bisect_right(self._sorted, start, key=lambda other: other[:length])
        return length, after - bisect_left(self._sorted, start)


class Prefixes:
    """Keys and values of starts that prompts share; those used last stay, as far as memory allows.

    Args:
        reader: computes them.
        most_tokens: of all starts together; 0 shares nothing.
    """

    def __init__(self, reader: Reader, most_tokens: int) -> None:
        self._reader = reader
        self._most_tokens = most_tokens
        self._seen = Seen()
        self._sorted: list[Tokens] = []
        self._kept: OrderedDict[Tokens, Columns] = OrderedDict()
        self._num_tokens = 0

    def note(self, tokens: Tokens) -> None:
        """Takes notice of a prompt that will be read sooner or later."""
        if self._most_tokens:
            self._seen.note(tokens)

    def reading(self, tokens: Tokens, *, most_known: int | None = None) -> Reading:
        """How a prompt is to be read; computes the start that it shares with others, where that is worth a pass.

        Args:
            tokens: of the prompt.
            most_known: so many of its first tokens may be known beforehand; all but the last unless given.
        """
        if not self._most_tokens:
            return Reading(tokens=tokens)
        most_known = len(tokens) - 1 if most_known is None else most_known
        known = self._longest(tokens[:most_known])
        num_known = 0 if known is None else known.num_tokens
        num_common, num_sharing = self._seen.shared(tokens)
        length = min(num_common, most_known, self._most_tokens)
        if (length - num_known) * (num_sharing - 1) >= LEAST_SAVED_TOKENS:
            start, columns = tokens[:length], self._reader.new_columns()
            self._reader.read(columns, [Reading(tokens=start, known=known)])
            self._keep(start, columns)
            known = Known(columns=columns, row_index=0, num_tokens=length)
        return Reading(tokens=tokens, known=known)

    def clear(self) -> None:
        """Lets all keys and values go; which prompts there were is still known."""
        self._sorted.clear()
        self._kept.clear()
        self._num_tokens = 0

    def _longest(self, tokens: Tokens) -> Known | None:
        """The kept start that has most in common with a prompt."""
        place = bisect_left(self._sorted, tokens)
        beside = self._sorted[max(0, place - 1) : place + 1]
        start = max(beside, key=lambda kept: num_shared(kept, tokens), default=())
        num_tokens = num_shared(start, tokens)
        if num_tokens == 0:
            return None
        self._kept.move_to_end(start)
        return Known(columns=self._kept[start], row_index=0, num_tokens=num_tokens)

    def _keep(self, start: Tokens, columns: Columns) -> None:
        self._kept[start] = columns
        insort(self._sorted, start)
        self._num_tokens += len(start)
        while self._num_tokens > self._most_tokens:
            oldest, _ = self._kept.popitem(last=False)
            del self._sorted[bisect_left(self._sorted, oldest)]
            self._num_tokens -= len(oldest)


def num_shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two prompts have in common at their start; halves the range, since slices compare fast."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
