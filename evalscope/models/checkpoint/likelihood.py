"""How likely continuations are: what a question's options have in common is computed once.

The options of one question make a tree: a trunk, which all of them begin with, and a branch for each that goes on
where the others go elsewhere. Options of a single token need no branch, since they are read off the trunk's end. Trunks
are rows that know what they share with other questions; branches are rows that know their trunk.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from evalscope.models.checkpoint.columns import Columns
from evalscope.models.checkpoint.failures import not_numbers
from evalscope.models.checkpoint.prefixes import Prefixes, num_shared
from evalscope.models.checkpoint.reading import Known, Passes, Place, Reading
from evalscope.models.checkpoint.seam import Continued

WIDENED_POSITIONS = 128
"""So many positions at once are turned into float32."""

LIKELIHOOD = "loglikelihood"
"""The way of questions that may stand side by side."""

Tokens = tuple[int, ...]


class Grown(NamedTuple):
    """A row, and which question of the batch it belongs to."""

    question_index: int
    row: "Branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A token whose log-probability is wanted.

    Attributes:
        option_index: whose it is.
        position: of the token before it, in context and option.
        token: its id.
    """

    option_index: int
    position: int
    token: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Branch:
    """Tokens that are read as one row, and what is scored in them.

    Attributes:
        tokens: from the first of the context on.
        num_known: how many of them its trunk has; 0 for a trunk, and where there is none.
        scored: all behind what is known.
        branches: of a trunk, what grows out of it.
    """

    tokens: Tokens
    scored: tuple[Scored, ...]
    num_known: int = 0
    branches: tuple["Branch", ...] = ()

    @property
    def most_known(self) -> int:
        """How many of its tokens may be known beforehand: those before the first place that is looked at."""
        return min((one.position for one in self.scored), default=len(self.tokens) - 1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Options:
    """The continuations of one context.

    Attributes:
        num_options: at least one.
        trunks: what is to be read; more than one where the options do not even begin alike.
        is_wanted: whether somebody still waits for the figures; may be called from any thread.
        way: as in rows.Asked.
    """

    num_options: int
    trunks: tuple[Branch, ...]
    is_wanted: Callable[[], bool]
    way: Hashable = LIKELIHOOD

    @property
    def num_tokens(self) -> int:
        """Of the longest row."""
        return max(len(row.tokens) for trunk in self.trunks for row in (trunk, *trunk.branches))

    @property
    def num_left(self) -> int:
        """Nothing is added to what is read."""
        return 0


class Likelihoods:
    """One batch of questions at a time.

    Args:
        reader: runs the model.
        prefixes: what is known of the starts of contexts.
    """

    def __init__(self, reader: Passes, prefixes: Prefixes) -> None:
        self._reader = reader
        self._prefixes = prefixes
        self._waiting: list[Options] = []

    @property
    def is_busy(self) -> bool:
        """Whether a batch waits to be computed."""
        return bool(self._waiting)

    def begin(self, questions: Sequence[Options]) -> None:
        """Takes a batch."""
        self._waiting = [*questions]

    @torch.inference_mode()
    def advance(self) -> list[tuple[Options, tuple[float, ...]]]:
        """The sums of the log-probabilities of each option's tokens, in nats, for all questions of the batch.

        Softmax and sum are in float32 or better, whatever the precision of the weights.

        Raises:
            ModelError: the model computed logits that are not numbers.
        """
        questions, self._waiting = self._waiting, []
        logprobs: list[list[list[float]]] = [[[] for _ in range(question.num_options)] for question in questions]
        for question_index, option_index, logprob in self._computed(questions):
            logprobs[question_index][option_index].append(logprob)
        sums = [tuple(map(math.fsum, by_option)) for by_option in logprobs]
        return list(zip(questions, sums, strict=True))

    def drop(self) -> None:
        """Forgets the batch."""
        self._waiting = []

    def _computed(self, questions: Sequence[Options]) -> Iterator[tuple[int, int, float]]:
        """(question, option, nats) for each token that is scored."""
        trunks = [Grown(index, trunk) for index, question in enumerate(questions) for trunk in question.trunks]
        readings = [self._prefixes.reading(row.tokens, most_known=row.most_known) for _, row in trunks]
        for group in self._reader.groups(readings):
            columns = self._reader.new_columns()
            yield from self._read(columns, [trunks[index] for index in group], [readings[index] for index in group])
            yield from self._computed_branches(columns, [trunks[index] for index in group])

    def _computed_branches(self, columns: Columns, trunks: Sequence[Grown]) -> Iterator[tuple[int, int, float]]:
        branches: list[Grown] = []
        readings: list[Reading] = []
        for row_index, (question_index, trunk) in enumerate(trunks):
            for row in trunk.branches:
                known = Known(columns=columns, row_index=row_index, num_tokens=row.num_known)
                branches.append(Grown(question_index, row))
                readings.append(Reading(tokens=row.tokens, known=known))
        for group in self._reader.groups(readings):
            new = self._reader.new_columns()
            yield from self._read(new, [branches[index] for index in group], [readings[index] for index in group])

    def _read(
        self, columns: Columns, rows: Sequence[Grown], readings: Sequence[Reading]
    ) -> Iterator[tuple[int, int, float]]:
        scored = [(row_index, one) for row_index, (_, row) in enumerate(rows) for one in row.scored]
        # options of one token share their place
        places = sorted({(row_index, one.position) for row_index, one in scored})
        wanted = [
            Place(row_index=row_index, behind=len(rows[row_index].row.tokens) - 1 - position)
            for row_index, position in places
        ]
        for inside, logits in self._reader.passes(columns, readings, wanted):
            at = {places[index]: computed for computed, index in enumerate(inside)}
            here = [(row_index, one) for row_index, one in scored if (row_index, one.position) in at]
            computed = [at[row_index, one.position] for row_index, one in here]
            logprobs = _logprobs(logits, computed, [one.token for _, one in here])
            for (row_index, one), logprob in zip(here, logprobs, strict=True):
                yield rows[row_index].question_index, one.option_index, logprob


def grown(options: Sequence[Continued], *, shares: bool = True) -> tuple[Branch, ...]:
    """The trunk of a question with its branches.

    Args:
        options: at least one.
        shares: whether what they begin with is read once; else each is a trunk by itself.
    """
    inputs = [option.tokens[:-1] for option in options]
    ends = _longest(inputs)
    length = min(num_shared(ends[0], end) for end in ends) if shares else 0
    trunk: list[Scored] = []
    branches: list[list[Scored]] = [[] for _ in ends]
    for option_index, (option, tokens) in enumerate(zip(options, inputs, strict=True)):
        carrier = next(index for index, end in enumerate(ends) if end[: len(tokens)] == tokens)
        for scored in _scored(option, option_index):
            (trunk if scored.position < length else branches[carrier]).append(scored)
    rows = tuple(
        Branch(tokens=end, scored=tuple(scored), num_known=length)
        for end, scored in zip(ends, branches, strict=True)
        if len(end) > length
    )
    return (Branch(tokens=ends[0][:length], scored=tuple(trunk), branches=rows),) if length else rows


def apart(options: Sequence[Continued]) -> tuple[Branch, ...]:
    """A row for each option, for models in which the length of a text changes what is said at its start."""
    return tuple(
        Branch(tokens=option.tokens[:-1], scored=tuple(_scored(option, option_index)))
        for option_index, option in enumerate(options)
    )


def _scored(option: Continued, option_index: int) -> Iterator[Scored]:
    for position in range(option.num_given - 1, len(option.tokens) - 1):
        yield Scored(option_index=option_index, position=position, token=option.tokens[position + 1])


def _longest(inputs: Sequence[Tokens]) -> list[Tokens]:
    """The token lists that are not the start of another one.

    A model reads from left to right, so what it says at a position holds for all that begin alike: options of one
    token each (letters, say) cost as much as one of them.
    """
    kept: list[Tokens] = []
    for tokens in sorted(set(inputs), key=len, reverse=True):
        if not any(longer[: len(tokens)] == tokens for longer in kept):
            kept.append(tokens)
    return kept


def _logprobs(logits: torch.Tensor, rows: Sequence[int], following: Sequence[int]) -> list[float]:
    """The log-probability of the token that follows, in nats, for each of the given rows of logits.

    Args:
        logits: (positions, vocabulary), any precision.
        rows: indices of positions; some may be equal.
        following: an id for each.
    """
    logprobs: list[float] = []
    index, ids = torch.tensor([rows, following], dtype=torch.long, device=logits.device)
    for start in range(0, len(rows), WIDENED_POSITIONS):
        chunk = slice(start, start + WIDENED_POSITIONS)
        chosen = torch.log_softmax(logits[index[chunk]].float(), dim=-1).gather(1, ids[chunk].unsqueeze(1))
        if torch.isnan(chosen).any():
            raise not_numbers()
        logprobs += chosen.squeeze(1).tolist()
    return logprobs
