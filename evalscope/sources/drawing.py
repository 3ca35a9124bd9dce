"""A part of a data set, drawn by seed: the samples themselves are those of the whole."""

import random
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

import orjson

from evalscope.core.digests import DIGEST_BYTES, Digests
from evalscope.sources.amounts import limited
from evalscope.sources.load import Loaded, Subset
from evalscope.sources.samples import Samples


def draw(loaded: Loaded, num: int, *, seed: str, limit: int | float | None) -> Loaded:
    """A data set with `num` of its samples, each as likely as any other, in their order; subsets without any go.

    Of the same seed a smaller number draws some of what a larger one draws, so that a run may be continued with more.

    Args:
        loaded: the whole data set.
        num: at most as many as it has.
        seed: of the draw.
        limit: most samples of each subset, among those that are drawn; a float is a share of them.
    """
    places = [(subset, place) for subset in range(len(loaded.subsets)) for place in range(loaded.subsets[subset].num)]
    random.Random(seed).shuffle(places)
    chosen: list[list[int]] = [[] for _ in loaded.subsets]
    for subset, place in sorted(places[:num]):
        chosen[subset].append(place)
    parts = [
        _part(subset, own[: limited(len(own), limit)])
        for subset, own in zip(loaded.subsets, chosen, strict=True)
        if own
    ]
    fingerprint = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        fingerprint.update(orjson.dumps((part.name, part.num, loaded.few_shot_num)))
        fingerprint.update(part.digests.records + part.digests.examples)
    return replace(loaded, subsets=tuple(parts), fingerprint=fingerprint.hexdigest(), drawn=num)


def _part(subset: Subset, places: Sequence[int]) -> Subset:
    """The subset with the samples at these places of its order of asking."""
    assert isinstance(subset.samples, Samples), "what is loaded is read from its source"
    asked = subset.samples.rows
    rows = tuple(asked[place] for place in places)
    known = {row: place for place, row in enumerate(subset.digests.rows)}
    digests = Digests(
        rows=tuple(sorted(rows)),
        records=b"".join(subset.digests.record(known[row]) for row in sorted(rows)),
        examples=subset.digests.examples,
    )
    return replace(subset, num=len(rows), samples=replace(subset.samples, rows=rows), digests=digests)
