"""The samples that two runs both scored, side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class SampleName(NamedTuple):
    """Names a sample of a data set."""

    subset: str
    sample_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What one run made of a sample.

    Attributes:
        values: the first value of each repeat that has a score; empty where all failed.
        group: samples of one group have errors that go together; empty for none.
    """

    values: tuple[float, ...]
    group: str = ""

    @property
    def value(self) -> float:
        """The mean over repeats."""
        return math.fsum(self.values) / len(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A sample that both runs scored.

    Attributes:
        name: of the sample.
        group: samples of one group have errors that go together; empty for none.
        before: its value in the first run, repeats averaged.
        after: its value in the later run.
    """

    name: SampleName
    group: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        """Above 0 where the later run is better."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaired:
    """Samples that could not be compared.

    Attributes:
        only_first: scored in the first run only.
        only_later: scored in the later run only.
        neither: scored in none.
    """

    only_first: int = 0
    only_later: int = 0
    neither: int = 0

    @property
    def num(self) -> int:
        """All of them."""
        return self.only_first + self.only_later + self.neither


NONE_UNPAIRED = Unpaired()


class Paired(NamedTuple):
    """The samples of a data set, by whether both runs scored them."""

    pairs: tuple[Pair, ...]
    unpaired: Unpaired


def pair_samples(first: Mapping[SampleName, Scored], later: Mapping[SampleName, Scored]) -> Paired:
    """Pairs in the order of their names, and how many samples have none."""
    pairs, lacking = [], {"only_first": 0, "only_later": 0, "neither": 0}
    for name in sorted({*first, *later}):
        before, after = first.get(name), later.get(name)
        if before is not None and after is not None and before.values and after.values:
            group = before.group or after.group
            pairs.append(Pair(name=name, group=group, before=before.value, after=after.value))
        elif before is not None and before.values:
            lacking["only_first"] += 1
        elif after is not None and after.values:
            lacking["only_later"] += 1
        else:
            lacking["neither"] += 1
    return Paired(tuple(pairs), Unpaired(**lacking))


def within(dataset: str, pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with groups that those of other data sets cannot be taken for."""
    return [
        Pair(name=pair.name, group=pair.group and f"{dataset}\0{pair.group}", before=pair.before, after=pair.after)
        for pair in pairs
    ]


def are_alike(pairs: Sequence[Pair]) -> bool:
    """Whether values of all data sets can be put together: each lies between 0 and 1."""
    return bool(pairs) and all(0 <= value <= 1 for pair in pairs for value in (pair.before, pair.after))
