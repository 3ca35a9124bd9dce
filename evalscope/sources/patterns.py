"""Patterns of file names, filled with a subset and a split, or read back from names."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

COMMON = ("{subset}/{split}", "{split}/{subset}", "{split}/{subset}_{split}", "{subset}_{split}", "{subset}-{split}")
ALONE = ("{split}",)
SYNONYMS = {"validation": "val", "val": "validation"}  # "dev" means a split for examples as often as one for questions
SPLITS = ("train", "test", "dev", "val", "validation")

_AS_NAMED: Mapping[str, str] = MappingProxyType({})


def fill(pattern: str, subset: str, split: str = "", old_splits: Mapping[str, str] = _AS_NAMED) -> str:
    """The name that a pattern stands for; `old_splits` as in Source."""
    old_split = old_splits.get(split, split)
    return pattern.format(subset=subset, split=split, Split=split.capitalize(), old_split=old_split)


def spellings(split: str | None) -> tuple[str, ...]:
    """The names of a split, the exact one first."""
    if split is None:
        return ()
    return (split, SYNONYMS[split]) if split in SYNONYMS else (split,)


def names_split(pattern: str) -> bool:
    """Whether files that it stands for tell their split."""
    return any(part in pattern for part in ("{split}", "{Split}", "{old_split}"))


def subsets_named(stems: Iterable[str], patterns: Sequence[str], split: str) -> frozenset[str]:
    """The subsets that files to be asked are named by.

    A name that tells a split, dev.csv or bio_dev.csv, is never taken for a subset's.

    Args:
        stems: names without their endings.
        patterns: those without {subset} are passed over.
        split: the one that is asked; files whose names tell none are asked too.
    """
    asked = spellings(split)
    splits = dict.fromkeys((*asked, *SPLITS))
    naming = [pattern for pattern in patterns if "{subset}" in pattern]
    by_split = [pattern for pattern in naming if names_split(pattern)]
    whole = [pattern for pattern in naming if not names_split(pattern)]
    found: set[str] = set()
    for stem in stems:
        told = {name: _subset_named(stem, by_split, name) for name in splits}
        if any(told.values()):
            found.update(told[name] for name in asked)
        elif stem not in splits:
            found.add(_subset_named(stem, whole, ""))
    return frozenset(found - {""})


def _subset_named(stem: str, patterns: Sequence[str], split: str) -> str:
    """The subset in one name, or nothing: of several the shortest, for val/bio_val is bio's and no bio_val's."""
    told = []
    for pattern in patterns:
        before, *others = map(re.escape, fill(pattern, "\0", split).split("\0"))
        if match := re.fullmatch(f"{before}(?P<subset>[^/]+){'(?P=subset)'.join(others)}", stem):
            told.append(match["subset"])
    return min(told, key=len, default="")
