"""A benchmark's files out of a hub's repository, or out of what the hub gave earlier."""

import logging
from collections.abc import Iterable
from pathlib import Path

from evalscope.config import DatasetArgs
from evalscope.constants import HubType
from evalscope.core.benchmark import Source
from evalscope.errors import DatasetError
from evalscope.sources.archives import is_archive
from evalscope.sources.hubs.failures import HUB_NAMES, HubError
from evalscope.sources.hubs.listing import Listing
from evalscope.sources.hubs.remembered import recall
from evalscope.sources.hubs.repository import Address, Repository, find_cached, open_repository, snapshot_of_cached
from evalscope.sources.layouts import Served, Wanted, find_files
from evalscope.sources.opened import Opened
from evalscope.sources.records import RecordFile
from evalscope.sources.supply import Supply
from evalscope.sources.trees import Tree, list_tree

logger = logging.getLogger(__name__)

OTHER_HUB = {HubType.MODELSCOPE: HubType.HUGGINGFACE, HubType.HUGGINGFACE: HubType.MODELSCOPE}
README = "README.md"


class NotHere(DatasetError):
    """No copy of a data set is on this machine, and hubs may not be asked."""


def open_hub_data(wanted: Wanted, address: Address, supply: Supply) -> Opened:
    """A benchmark's files, downloaded as far as they are not here; those of an earlier download where no hub answers.

    Raises:
        DatasetError: the hub did not give them, or they are not in this layout.
        MissingDependency: the hub's client is not installed.
        NotHere: hubs may not be asked, and what they gave earlier is not enough.
    """
    if supply.is_offline:
        return _find_earlier(wanted, address, supply)
    try:
        return take_from_hub(wanted, open_repository(address))
    except HubError as error:
        if error.is_away and (found := _earlier_or_none(wanted, address)) is not None:
            logger.warning("%s: %s; the copy of an earlier download is used", wanted.name, error)
            return found
        raise DatasetError(
            f"{wanted.name}: {address} was asked of {HUB_NAMES[address.hub]}: {error}. Or download it elsewhere and "
            f"{_advise_local_path(wanted.name)}; or try --dataset-hub {OTHER_HUB[address.hub]}"
        ) from error


def address_of(wanted: Wanted, args: DatasetArgs, supply: Supply) -> Address:
    """Where a hub holds a benchmark's data.

    Raises:
        DatasetError: no hub does.
    """
    source, hub = wanted.source, supply.hub
    hub_id = other_id(source, args) or (source.huggingface_id if hub is HubType.HUGGINGFACE else "") or source.id
    if not hub_id:
        raise DatasetError(f"{wanted.name} has no data of its own; {_advise_local_path(wanted.name)}")
    return Address(hub=hub, kind="dataset", id=hub_id, revision=args.revision, shows_progress=supply.shows_progress)


def take_from_hub(wanted: Wanted, repository: Repository) -> Opened:
    """A benchmark's files out of a repository: only those of the splits that are read, and what says where they are.

    Raises:
        DatasetError: no file is named as one of these splits.
        HubError: the hub did not give them.
    """
    names = _names_of_data(repository.listing)
    taken = [README] if README in names else []
    # where nothing is fetched yet the files bear the repository's id instead of a folder's name
    folder = repository.take(taken) if taken else Path(repository.address.id)
    try:
        served = find_files(_tree(folder, names), wanted)
    except DatasetError:
        archives = [name for name in names if is_archive(name)]
        if not archives:
            raise
        taken.extend(archives)
        folder = repository.take(taken)
        served = find_files(_only(list_tree(folder), taken), wanted)
    taken.extend(name for name in _used(folder, served) if name not in taken)
    if (root := repository.take(taken)) != folder:
        served = find_files(_tree(root, taken), wanted)
    return Opened(path=root, served=served, snapshot=repository.snapshot(root), used=tuple(taken))


def _names_of_data(listing: Listing) -> list[str]:
    """Names of files that may hold data, and of the one that says which do; of others of its name nothing is known."""
    names = [name for name in listing.files if not any(part.startswith(".") for part in name.split("/"))]
    return [name for name in names if name == README or name.rpartition("/")[2] != README]


def _tree(folder: Path, names: Iterable[str]) -> Tree:
    """The files of a folder as a hub lists them, there or not."""
    return Tree(folder, {name: RecordFile(folder / name) for name in sorted(names)}, {})


def _only(tree: Tree, names: Iterable[str]) -> Tree:
    """The tree without the files of earlier downloads."""
    wanted = {tree.path / name for name in names}
    return Tree(tree.path, {name: file for name, file in tree.files.items() if file.path in wanted}, tree.rivals)


def _used(folder: Path, served: Iterable[Served]) -> tuple[str, ...]:
    """Names of the files that are read, each once."""
    files = (file for one in served for file in (*one.asked, *one.examples))
    return tuple(dict.fromkeys(file.path.relative_to(folder).as_posix() for file in files))


def other_id(source: Source, args: DatasetArgs) -> str:
    """The id that the user wants instead of the benchmark's own; what an old id held lies elsewhere now."""
    return "" if args.dataset_id is None or args.dataset_id in source.old_ids else args.dataset_id


def _find_earlier(wanted: Wanted, address: Address, supply: Supply) -> Opened:
    """What hubs gave earlier.

    Raises:
        NotHere: they gave nothing, or not what is needed.
    """
    try:
        folder = find_cached(address)
        found = None if folder is None else _of_folder(wanted, address, folder)
    except (HubError, DatasetError) as error:
        raise NotHere(f"{wanted.name}: {error}") from error
    if found is None:
        raise NotHere(f"{wanted.name} ({wanted.source.split!r} split): {say_not_here(address, supply)}")
    return found


def say_not_here(address: Address, supply: Supply) -> str:
    """Where something was looked for in vain."""
    store = f"nor in {supply.store}" if supply.store else "and no --dataset-dir is named"
    return f"{address} is not in {HUB_NAMES[address.hub]}'s cache, {store}"


def _earlier_or_none(wanted: Wanted, address: Address) -> Opened | None:
    """An earlier download that holds what is needed; None where there is none."""
    try:
        folder = find_cached(address)
        return None if folder is None else _of_folder(wanted, address, folder)
    except (HubError, DatasetError):
        return None


def _of_folder(wanted: Wanted, address: Address, folder: Path) -> Opened:
    """An earlier download: the files that the hub's listing of then chooses, each looked up, else those that are there.

    Raises:
        DatasetError: a file is missing.
    """
    served = _listed(wanted, address, folder) or find_files(list_tree(folder), wanted)
    used = _used(folder, served)
    if absent := [name for name in used if not (folder / name).exists()]:
        raise NotHere(f"{address} was not downloaded whole: {', '.join(absent)} is not in {folder}")
    return Opened(path=folder, served=served, snapshot=snapshot_of_cached(address, folder, used), used=used)


def _listed(wanted: Wanted, address: Address, folder: Path) -> tuple[Served, ...]:
    """The files that the hub's listing of then chooses, there or not; empty where it does not tell."""
    listing = recall(address.hub, address.kind, address.id, address.revision)
    if listing is None:
        return ()
    try:
        return find_files(_tree(folder, _names_of_data(listing)), wanted)
    except DatasetError:  # they lie in an archive
        return ()


def _advise_local_path(name: str) -> str:
    return f'pass --dataset-args \'{{"{name}": {{"local_path": "/path/to/{name}"}}}}\''
