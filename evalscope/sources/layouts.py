"""Which file holds a subset's split: one short table of name patterns, tried in order.

Hubs, authors and users lay out the same records in many ways. The order of preference is always

1. the folder: the one given, data/, one named like the benchmark, a single top-level folder, any deeper one;
2. the split's exact name, then its synonym, then patterns that name no split;
3. the README's `configs:` block, then the benchmark's own patterns, then COMMON, then (for the only subset) ALONE;
4. parquet, jsonl, json, csv, tsv, then the same compressed; a whole file, then one that is cut into counted files.

Names are compared whole, never searched: `auxiliary_train` is no `train`. A file that is asked never serves examples.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from evalscope.core.benchmark import Source
from evalscope.errors import DatasetError
from evalscope.sources.patterns import ALONE, COMMON, fill, names_split, spellings, subsets_named
from evalscope.sources.readme import HubConfig, read_configs
from evalscope.sources.records import ENDINGS, RecordFile, read_records
from evalscope.sources.trees import Tree, missing_shards

WHOLE = ("default", "all")  # what hubs call a config that holds every subset

logger = logging.getLogger(__name__)

_ALL_ENDINGS = (*ENDINGS, *(f"{ending}.gz" for ending in ENDINGS))

Files = tuple[RecordFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for.

    Attributes:
        name: the benchmark's.
        source: with the splits that are really to be read.
        subsets: the ones to ask, in the order of reports.
        is_picked: whether the user named them.
        others: subsets that are not asked unless the user names them.
    """

    name: str
    source: Source
    subsets: tuple[str, ...]
    is_picked: bool
    others: tuple[str, ...] = ()

    @property
    def naming(self) -> tuple[str, ...]:
        """Patterns for one subset's files; those of files that hold all of them are not among these."""
        own = (one for one in self.source.patterns if "{subset}" in one or not self.source.subset_column)
        return (*own, *COMMON)

    @property
    def alone(self) -> tuple[str, ...]:
        """Patterns without a subset's name: they serve the only subset there is."""
        return ALONE if self.subsets == self.source.subsets and len(self.subsets) == 1 else ()

    @property
    def is_open(self) -> bool:
        """Whether files may name subsets that nobody else names: the data is the user's own."""
        return not self.source.id and self.source.subsets == ("default",) and not self.is_picked


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A subset and its files.

    Attributes:
        subset: its name.
        asked: files of the evaluated split, in reading order.
        examples: files of the few-shot split; empty where there are none.
        is_shared: whether the files hold other subsets too, told apart by the source's subset_column.
    """

    subset: str
    asked: Files
    examples: Files
    is_shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """A folder that the patterns are tried in."""

    tree: Tree
    prefix: str
    configs: tuple[HubConfig, ...]
    old_splits: Mapping[str, str]


def find_files(tree: Tree, wanted: Wanted) -> tuple[Served, ...]:
    """The files of every wanted subset.

    Raises:
        DatasetError: a file is missing (with what was looked for and what is there), two folders could serve, or a
            split that is cut into counted files is not whole.
    """
    if tree.is_file and _has_column(tree, wanted.source.subset_column, wanted.source.columns):
        files = tuple(tree.files.values())
        return tuple(Served(subset=name, asked=files, examples=(), is_shared=True) for name in wanted.subsets)
    if tree.is_file:
        subset = _name_subset(tree, "", tree.path.name, wanted)
        files = tuple(tree.files.values())
        return (Served(subset=subset, asked=files, examples=_examples_among(files, wanted.source)),)
    if wanted.is_open:
        wanted = _with_named_subsets(tree, wanted)
    if (root := _best_root(_roots_of_all(tree, wanted), wanted)) is not None:
        return _serve_all(root, wanted, (*wanted.naming, *wanted.alone))
    found = _found_subsets(tree, wanted)
    if not found and len(wanted.source.subsets) > 1:
        root = _best_root(_serving_roots(tree, wanted, lambda root: _serve_plain(root, wanted), ()), wanted)
        if root is not None:
            return _serve_plain(root, wanted)
    raise DatasetError(_say_missing(tree, wanted, found))


def _best_root(roots: Mapping[Files, _Root], wanted: Wanted) -> _Root | None:
    """The only folder that serves everything; None where none does.

    Raises:
        DatasetError: several deeper folders serve, with different files.
    """
    if len(roots) > 1:
        files = sorted(str(asked[0]) for asked in roots)
        raise DatasetError(
            f"{wanted.name}: {files[0]} and {files[1]} could both hold the {wanted.source.split!r} split; "
            "point local_path at the folder of the one that is meant"
        )
    return next(iter(roots.values()), None)


def _roots_of_all(tree: Tree, wanted: Wanted) -> Mapping[Files, _Root]:
    """Folders that serve every wanted subset; the subsets may be named, or the only one go without a name."""
    patterns = (*wanted.naming, *wanted.alone)
    return _serving_roots(tree, wanted, lambda root: _serve_all(root, wanted, patterns), wanted.naming)


def _serving_roots(
    tree: Tree, wanted: Wanted, serve: Callable[[_Root], tuple[Served, ...]], naming: Sequence[str]
) -> Mapping[Files, _Root]:
    """The first near folder that serves everything, else all deeper ones that do, by the files that are asked.

    Args:
        tree: to search.
        wanted: what is looked for.
        serve: the files a folder gives; empty where it lacks any.
        naming: patterns that name the subset: a deeper folder that these serve goes before others, so that
            x/main/test.jsonl beside x/socratic/test.jsonl is no tie.
    """
    near = _near_folders(tree, wanted.name)
    for folder in near:
        if served := serve(root := _open_root(tree, folder, wanted)):
            return {served[0].asked: root}
    deeper = [_open_root(tree, folder, wanted) for folder in tree.folders if folder not in near]
    deeper = [root for root in deeper if serve(root)]
    by_name = [root for root in deeper if naming and _serve_all(root, wanted, naming)]
    return {tuple(file for one in serve(root) for file in one.asked): root for root in reversed(by_name or deeper)}


def _near_folders(tree: Tree, name: str) -> tuple[str, ...]:
    top = [folder for folder in tree.folders if folder.count("/") == 1]
    lone = tuple(top) if len(top) == 1 else ()
    return ("", "data/", f"{name}/", f"data/{name}/", *lone)


def _open_root(tree: Tree, folder: str, wanted: Wanted) -> _Root:
    configs = read_configs(tree, folder)
    if wanted.alone and len({config.name for config in configs}) == 1:  # an only subset may go by any name there
        configs = tuple(config._replace(name=wanted.subsets[0]) for config in configs)
    return _Root(tree=tree, prefix=folder, configs=configs, old_splits=wanted.source.old_splits)


def _serve_all(root: _Root, wanted: Wanted, patterns: Sequence[str]) -> tuple[Served, ...]:
    """Every wanted subset with its files; empty where this folder lacks one."""
    served = []
    for subset in wanted.subsets:
        asked = _find_asked(root, subset, wanted.source.split, patterns)
        if not asked:
            return _serve_shared(root, wanted)
        examples = _find_examples(root, subset, wanted.source, patterns, asked)
        served.append(Served(subset=subset, asked=asked, examples=examples))
    return tuple(served)


def _serve_shared(root: _Root, wanted: Wanted) -> tuple[Served, ...]:
    """Every wanted subset out of files that hold them all, told apart by a column; empty where there are none."""
    source = wanted.source
    if not source.subset_column:
        return ()
    patterns = (*(pattern for pattern in source.patterns if "{subset}" not in pattern), *ALONE)
    names = {config.name for config in root.configs}
    whole = {config.name for config in root.configs if config.name in WHOLE or len(names) == 1}
    root = replace(root, configs=tuple(config._replace(name="") for config in root.configs if config.name in whole))
    asked = _find_asked(root, "", source.split, patterns)
    if not asked:
        return ()
    examples = _find_examples(root, "", source, patterns, asked)
    return tuple(Served(subset=name, asked=asked, examples=examples, is_shared=True) for name in wanted.subsets)


def _find_asked(root: _Root, subset: str, split: str, patterns: Sequence[str]) -> Files:
    """The files to ask of one subset: those of the split's name, else those whose names tell no split."""
    if found := _find_split(root, subset, split, patterns):
        return found
    stems = (root.prefix + fill(pattern, subset) for pattern in patterns if not names_split(pattern))
    return next(filter(None, (_with_ending(root.tree, stem) for stem in stems)), ())


def _find_examples(root: _Root, subset: str, source: Source, patterns: Sequence[str], asked: Files) -> Files:
    """The files of solved examples; empty where there are none, or a file that is asked is among them."""
    found = _find_texts(root, subset, source) or _find_split(root, subset, source.few_shot_split, patterns)
    if own := _examples_among(asked, source):
        return found or own
    return () if set(found) & set(asked) else found


def _examples_among(asked: Files, source: Source) -> Files:
    """The files that are asked, where their records tell their split themselves, so that one file may serve both."""
    return asked if source.belongs is not None and source.few_shot_split else ()


def _find_texts(root: _Root, subset: str, source: Source) -> Files:
    """The text with a subset's solved examples; empty where there is none."""
    names = (root.prefix + pattern.format(subset=subset) for pattern in source.example_texts)
    return next(((root.tree.pick(name),) for name in names if name in root.tree.files), ())


def _has_column(tree: Tree, column: str, columns: tuple[str, ...]) -> bool:
    """Whether the first record of a single file has the column; `columns` as in Source."""
    if not column:
        return False
    first = next(read_records(next(iter(tree.files.values())), columns or None), None)
    return first is not None and column in first[0]


def _serve_plain(root: _Root, wanted: Wanted) -> tuple[Served, ...]:
    """One subset out of files that are named by split alone; empty where there are none."""
    asked = _find_asked(root, "", wanted.source.split, ALONE)
    if not asked:
        return ()
    subset = _name_subset(root.tree, root.prefix, asked[0].name, wanted)
    examples = _find_examples(root, "", wanted.source, ALONE, asked)
    return (Served(subset=subset, asked=asked, examples=examples),)


def _find_split(root: _Root, subset: str, split: str | None, patterns: Sequence[str]) -> Files:
    """The files that name one split of one subset; empty where this folder has none.

    Raises:
        DatasetError: some of its counted files are missing.
    """
    for name in spellings(split):
        for config in root.configs:
            if (config.name, config.split) == (subset, name):
                found = tuple(file for glob in config.globs for file in _match(root.tree, root.prefix + glob))
                if found:
                    return found
        for pattern in filter(names_split, patterns):
            stem = root.prefix + fill(pattern, subset, name, root.old_splits)
            if found := _with_ending(root.tree, stem):
                return found
    return ()


def _with_ending(tree: Tree, stem: str) -> Files:
    """The file of that name with the first ending there is, or all files that it was cut into."""
    for ending in _ALL_ENDINGS:
        if "*" in stem:
            if found := _match(tree, stem + ending):
                return found
        elif stem + ending in tree.files:
            return (tree.pick(stem + ending),)
    for ending in _ALL_ENDINGS:
        if names := tree.shards.get((stem, ending), ()):
            return _whole(tree, names)
    return ()


def _match(tree: Tree, glob: str) -> Files:
    pattern = _compiled(glob)
    return _whole(tree, tuple(name for name in tree.files if pattern.fullmatch(name)))


def _whole(tree: Tree, names: tuple[str, ...]) -> Files:
    if missing := missing_shards(names):
        raise DatasetError(
            f"{tree.path}: the split of {names[0]!r} is cut into files, and {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing; copy all of them"
        )
    return tuple(tree.pick(name) for name in names)


@lru_cache(maxsize=256)
def _compiled(glob: str) -> re.Pattern[str]:
    """A glob in which * stays inside one folder and ** does not."""
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", glob)
    return re.compile("".join(wild.get(piece) or re.escape(piece) for piece in pieces))


def _name_subset(tree: Tree, prefix: str, file_name: str, wanted: Wanted) -> str:
    """What to call the one subset that a file without a subset's name serves.

    Raises:
        DatasetError: the name says one subset, and the user asks for another.
    """
    source = wanted.source
    if len(source.subsets) == 1 and not wanted.others:
        return source.subsets[0] if not wanted.is_picked else wanted.subsets[0]
    folder = prefix.rstrip("/").rpartition("/")[2] or tree.path.name
    known = (*source.subsets, *wanted.others)
    named = [subset for subset in known if _folded(subset) in _folded(file_name)]
    named = named or [subset for subset in known if _folded(subset) == _folded(folder)]
    if named:
        subset = max(named, key=len)
        if subset not in wanted.subsets:
            raise DatasetError(
                f"{wanted.name}: {tree.path} is subset {subset!r} by its name, and asked is "
                f"{', '.join(wanted.subsets)}; change local_path or subset_list"
            )
        return subset
    if len(wanted.subsets) == 1 and (wanted.is_picked or len(source.subsets) == 1):
        return wanted.subsets[0]
    return "default"


def _folded(name: str) -> str:
    return name.casefold().replace("_", "-").replace(" ", "-")


def _found_subsets(tree: Tree, wanted: Wanted) -> frozenset[str]:
    """The wanted subsets that some folder serves under their own names."""
    naming = wanted.naming
    folders = dict.fromkeys((*_near_folders(tree, wanted.name), *tree.folders))
    roots = [_open_root(tree, folder, wanted) for folder in folders]
    split = wanted.source.split
    return frozenset(name for name in wanted.subsets if any(_find_asked(root, name, split, naming) for root in roots))


def _with_named_subsets(tree: Tree, wanted: Wanted) -> Wanted:
    """The same, with the subsets that files are named by where no one folder serves the nameless subset."""
    nameless = tuple(_roots_of_all(tree, wanted).values())
    if len(nameless) == 1:
        if others := _subsets_in(nameless[0], wanted):
            which = f"{tree.path}/{nameless[0].prefix}" if nameless[0].prefix else tree.path
            advice = "subset_list names what is to be asked"
            logger.warning("%s: %s also holds %s, not asked; %s", wanted.name, which, ", ".join(others), advice)
        return wanted
    for folder in _near_folders(tree, wanted.name):
        if subsets := _subsets_in(_open_root(tree, folder, wanted), wanted):
            logger.info("%s: the subsets that files are named by: %s", wanted.name, ", ".join(subsets))
            return replace(wanted, subsets=subsets)
    return wanted


def _subsets_in(root: _Root, wanted: Wanted) -> tuple[str, ...]:
    """The further subsets that a folder holds for the asked split, sorted."""
    split = wanted.source.split
    declared = {config.name for config in root.configs if config.split in spellings(split)}
    named = subsets_named(_stems_in(root), wanted.naming, split)
    return tuple(sorted((declared | named) - set(wanted.subsets)))


def _stems_in(root: _Root) -> Iterator[str]:
    """The names of the files of records below a folder, without their endings and counts."""
    cut = {name for names in root.tree.shards.values() for name in names}
    whole = (name for name in root.tree.files if name not in cut)
    stems = [name.removesuffix(ending) for name in whole for ending in _ALL_ENDINGS if name.endswith(ending)]
    stems.extend(stem for stem, _ in root.tree.shards)
    return (stem.removeprefix(root.prefix) for stem in stems if stem.startswith(root.prefix))


def _say_missing(tree: Tree, wanted: Wanted, found: frozenset[str]) -> str:
    absent = [subset for subset in wanted.subsets if subset not in found] or list(wanted.subsets)
    looked = ", ".join(_examples_of_names(absent[0], wanted))
    there = list(tree.files)
    shown = ", ".join(there[:10]) + (f", … ({len(there)} files)" if len(there) > 10 else "")
    which = f"{absent[0]!r}" + (f" and {len(absent) - 1} more" if len(absent) > 1 else "")
    advice = "; or leave the subset out by subset_list" if found else ""
    return (
        f"{wanted.name}: no file for the {wanted.source.split!r} split of subset {which} in {tree.path}. "
        f"Looked for {looked} (also under data/, {wanted.name}/ and deeper; also with {', '.join(_ALL_ENDINGS)}); "
        f"found {shown or 'no file at all'}. Name the files so{advice}."
    )


def _examples_of_names(subset: str, wanted: Wanted) -> Iterator[str]:
    split = wanted.source.split
    for pattern in (*wanted.source.patterns, *COMMON, *wanted.alone):
        yield fill(pattern, subset, split, wanted.source.old_splits) + ".jsonl"
