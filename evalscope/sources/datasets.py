"""A benchmark's files, wherever they are: a path of the user's, a store that holds them by name, or a hub."""

import logging
from collections.abc import Sequence
from pathlib import Path

from evalscope.config import DatasetArgs
from evalscope.errors import DatasetError
from evalscope.sources.hub_data import address_of, open_hub_data, other_id
from evalscope.sources.layouts import Wanted, find_files
from evalscope.sources.opened import Opened
from evalscope.sources.stores import open_store
from evalscope.sources.supply import Supply
from evalscope.sources.trees import list_tree

logger = logging.getLogger(__name__)


def open_dataset(wanted: Wanted, args: DatasetArgs, supply: Supply, aliases: Sequence[str] = ()) -> Opened:
    """The files of a benchmark: of local_path, else of a store under its name, else of a hub.

    Args:
        wanted: what is looked for.
        args: what the user changed about it.
        supply: where it may come from.
        aliases: other names of the benchmark, under which a store may hold it.

    Raises:
        ConfigError: a store that is none.
        DatasetError: the data is absent, torn, or not in this layout; a hub did not give it.
        MissingDependency: a hub's client is not installed.
    """
    if (path := local_path(wanted.name, args)) is not None:
        if args.revision is not None:
            logger.warning(
                "revision %r of %s is ignored: %s is a path, not an id on a hub", args.revision, wanted.name, path
            )
        tree = list_tree(path)
        return Opened(path=path, served=find_files(tree, wanted))
    if supply.store is not None and (found := _in_store(wanted, args, supply.store, aliases)) is not None:
        return found
    return open_hub_data(wanted, address_of(wanted, args, supply), supply)


def local_path(name: str, args: DatasetArgs) -> Path | None:
    """The path of the user's that holds a data set; None where none is named.

    Raises:
        DatasetError: it does not exist.
    """
    if (path := path_of(args)) is None:
        return None
    found = path.expanduser()
    if not found.exists():
        key = "dataset_id" if args.local_path is None else "local_path"
        raise DatasetError(
            f"{key} of {name} is {str(path)!r}, which does not exist (looked in {Path.cwd()}); correct the path"
        )
    return found


def path_of(args: DatasetArgs) -> Path | None:
    """The path that the user names for a data set, there or not; None where it is none, or an id on a hub."""
    if args.local_path is None and args.dataset_id is not None and is_path(args.dataset_id):
        return Path(args.dataset_id)
    return args.local_path


def is_path(text: str) -> bool:
    """Whether what could be a hub id is a path: it begins like one, or exists."""
    return text.startswith(("/", ".", "~")) or Path(text).exists()


def _in_store(wanted: Wanted, args: DatasetArgs, path: Path, aliases: Sequence[str]) -> Opened | None:
    store, source = open_store(path), wanted.source
    listed = store.manifest.datasets.get(wanted.name)
    if args.revision is not None and (listed is None or args.revision not in (listed.asked, listed.revision)):
        return None
    names = [wanted.name, *aliases, source.id, source.huggingface_id]
    if other := other_id(source, args):
        names = [wanted.name] if listed is not None and listed.id == other else [other]
    tree = store.find_dataset(tuple(dict.fromkeys(filter(None, (name.rpartition("/")[2] for name in names)))))
    if tree is None:
        return None
    served = find_files(tree, wanted)
    logger.info("%s is read from %s, which --dataset-dir names", wanted.name, tree.path)
    return Opened(path=tree.path, served=served, snapshot=store.check(wanted.name, tree, served))
