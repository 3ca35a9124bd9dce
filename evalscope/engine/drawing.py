"""Which samples of its data sets a collection asks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evalscope.config import Collection, TaskConfig
from evalscope.config.collection import Sampling
from evalscope.errors import ConfigError, DatasetError
from evalscope.registry import benchmark_names
from evalscope.sources.amounts import allot
from evalscope.sources.drawing import draw
from evalscope.sources.load import Loaded


def check_collection(collection: Collection, names: Sequence[str]) -> None:
    """Refuses a collection whose report would take the place of a data set's.

    Raises:
        ConfigError: it is called as a data set is.
    """
    taken = {name.casefold() for name in (*names, *benchmark_names())}
    if collection.name.casefold() in taken:
        raise ConfigError(
            f"the collection is called {collection.name!r}, as a data set is; give it a name of its own for its report"
        )


def draw_all(collection: Collection, loaded: Mapping[str, Loaded], config: TaskConfig) -> dict[str, Loaded]:
    """The data sets of a collection, each with the samples that are drawn of it.

    Args:
        collection: how many, and how they are shared out.
        loaded: whole, by data set, in the order of the collection.
        config: with the seed and the limit.

    Raises:
        DatasetError: there are fewer samples than are to be drawn.
        ConfigError: nothing would be drawn of one of them.
    """
    sizes = [sum(subset.num for subset in one.subsets) for one in loaded.values()]
    nums = shares(collection, list(loaded), sizes)
    drawn = {}
    for (name, one), num, size in zip(loaded.items(), nums, sizes, strict=True):
        part = draw(one, num, seed=f"{config.seed}/{name}", limit=config.limit)
        said = f"collection {collection.name}: {num} of {size} samples, drawn by seed {config.seed}"
        drawn[name] = replace(part, notes=(*part.notes, said)) if num < size else part
    return drawn


def shares(collection: Collection, names: Sequence[str], sizes: Sequence[int]) -> tuple[int, ...]:
    """How many samples of each data set are drawn.

    Args:
        collection: as it is written.
        names: of its data sets, for messages.
        sizes: samples that each has.

    Raises:
        DatasetError, ConfigError: as of draw_all.
    """
    entries = collection.datasets
    for entry, name, size in zip(entries, names, sizes, strict=True):
        if entry.num is not None and entry.num > size:
            raise DatasetError(f"{name}: the collection draws {entry.num} samples, and there are {size}; lower its num")
    given = {place: entry.num for place, entry in enumerate(entries) if entry.num is not None}
    others = [place for place in range(len(entries)) if place not in given]
    if collection.num is None or not others:
        return tuple(given.get(place, size) for place, size in enumerate(sizes))
    left, there = collection.num - sum(given.values()), sum(sizes[place] for place in others)
    if left > there:
        raise DatasetError(
            f"collection {collection.name}: {left} samples are to be drawn of "
            f"{', '.join(names[place] for place in others)}, and there are {there}; lower num by {left - there} or more"
        )
    by = {
        Sampling.WEIGHTED: [entries[place].weight for place in others],
        Sampling.EVEN: [1.0] * len(others),
        Sampling.PROPORTIONAL: [float(sizes[place]) for place in others],
    }
    allotted = dict(zip(others, allot(left, by[collection.sampling], [sizes[place] for place in others]), strict=True))
    if empty := [names[place] for place in others if not allotted[place]]:
        raise ConfigError(
            f"collection {collection.name}: num {collection.num} leaves no sample for {', '.join(empty)}; raise num or "
            "the weight"
        )
    return tuple(given.get(place, 0) or allotted[place] for place in range(len(entries)))
