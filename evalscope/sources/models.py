"""The folder of a model or adapter: a path of the user's, one of a store, or downloaded from a hub."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from evalscope.constants import HubType
from evalscope.core.snapshot import Snapshot
from evalscope.errors import ConfigError
from evalscope.sources.datasets import is_path
from evalscope.sources.hub_data import OTHER_HUB, say_not_here
from evalscope.sources.hubs.failures import HUB_NAMES, HubError
from evalscope.sources.hubs.repository import Address, Repository, find_cached, open_repository, snapshot_of_cached
from evalscope.sources.stores import open_store
from evalscope.sources.supply import Supply
from evalscope.sources.weights import choose_files

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFetcher:
    """Fetches the models and adapters of one task, on whichever machine it is called.

    Attributes:
        supply: where they may come from.
        allows_pickles: whether weights may be fetched that are no safetensors.
        taken: what was fetched by this one so far.
    """

    supply: Supply
    allows_pickles: bool
    taken: list[Snapshot] = field(default_factory=list)

    def __call__(self, model_id: str, revision: str | None, hub: HubType) -> Path:
        """The folder of a model; arguments and errors as of fetch_model."""
        found = fetch_model(model_id, revision, hub, supply=self.supply, allows_pickles=self.allows_pickles)
        if found.id:
            self.taken.append(found)
        return found.folder


def fetch_model(
    model_id: str, revision: str | None, hub: HubType, *, supply: Supply, allows_pickles: bool = False
) -> Snapshot:
    """The folder of a model: the one given where it is a path, else of a store under its id, else of a hub.

    Args:
        model_id: on its hub, or a path.
        revision: as the user typed it; None for what the hub shows first.
        hub: that is asked.
        supply: where it may come from.
        allows_pickles: whether weights may be fetched that are no safetensors.

    Raises:
        ConfigError: no such folder, or the hub did not give the model.
        MissingDependency: the hub's client is not installed.
    """
    if is_path(model_id):
        folder = Path(model_id).expanduser()
        if not folder.is_dir():
            raise ConfigError(
                f"model {model_id!r} is no folder (looked in {Path.cwd()}); --model needs a model's folder"
            )
        return Snapshot(folder=folder, hub="", id="", revision="")
    if supply.store is not None and (found := open_store(supply.store).find_model(model_id, revision)) is not None:
        logger.info("model %s is read from %s, which --dataset-dir names", model_id, found.folder)
        return found
    address = Address(hub=hub, kind="model", id=model_id, revision=revision, shows_progress=supply.shows_progress)
    if supply.is_offline:
        return _in_cache(address, supply)
    try:
        return take_from_hub(open_repository(address), allows_pickles=allows_pickles)[0]
    except HubError as error:
        if error.is_away and (earlier := find_cached(address)) is not None:
            logger.warning("%s: %s; the copy of an earlier download is used", model_id, error)
            return snapshot_of_cached(address, earlier, _names_in(earlier))
        raise ConfigError(
            f"{address} was asked of {HUB_NAMES[hub]}: {error}. Or download it elsewhere and pass "
            f"--model /path/to/model; or try --model-args hub={OTHER_HUB[hub]}"
        ) from error


def take_from_hub(repository: Repository, *, allows_pickles: bool) -> tuple[Snapshot, tuple[str, ...]]:
    """A model's files out of a repository, and their names.

    Raises:
        ConfigError: it holds no weights, or only such as are not allowed.
        HubError: the hub did not give them.
    """
    try:
        names = choose_files(repository.listing.files, repository.take, allows_pickles=allows_pickles)
    except ConfigError as error:
        raise ConfigError(f"{repository.address} on {HUB_NAMES[repository.address.hub]}: {error}") from error
    return repository.snapshot(repository.take(names)), names


def _in_cache(address: Address, supply: Supply) -> Snapshot:
    """What the hub gave earlier, whole or not: whoever loads it looks at each file.

    Raises:
        ConfigError: it gave nothing.
    """
    try:
        folder = find_cached(address)
    except HubError as error:
        raise ConfigError(f"{address}: {error}") from error
    if folder is None:
        raise ConfigError(say_not_here(address, supply))
    return snapshot_of_cached(address, folder, _names_in(folder))


def _names_in(folder: Path) -> tuple[str, ...]:
    return tuple(path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
