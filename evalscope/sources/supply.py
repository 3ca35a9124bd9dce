"""Where data sets and models may come from: which hub, a folder that holds them by name, the network or not."""

import os
from dataclasses import dataclass
from pathlib import Path

from evalscope.config import TaskConfig
from evalscope.constants import HubType
from evalscope.errors import ConfigError
from evalscope.sources.hubs.variables import offline_by_environment

FOLDER_VARIABLE = "EVALSCOPE_DATA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What a task allows.

    Attributes:
        hub: that data sets are asked of; a model's is among its own arguments.
        store: the folder or zip that holds data sets and models by name; None where there is none.
        is_offline: whether hubs may not be asked; what they gave earlier may be used.
        shows_progress: whether downloads draw bars on a terminal.
    """

    hub: HubType = HubType.MODELSCOPE
    store: Path | None = None
    is_offline: bool = False
    shows_progress: bool = True


def supply_of(config: TaskConfig) -> Supply:
    """What a task and the environment allow; the task's own folder goes before the environment's.

    Raises:
        ConfigError: the folder does not exist.
    """
    return Supply(
        hub=config.dataset_hub,
        store=_store(config.dataset_dir),
        is_offline=config.offline or offline_by_environment(),
        shows_progress=not config.quiet,
    )


def _store(given: Path | None) -> Path | None:
    by_environment = os.environ.get(FOLDER_VARIABLE)
    if given is None and not by_environment:
        return None
    store = Path(by_environment or "") if given is None else given
    if not store.expanduser().exists():
        name = FOLDER_VARIABLE if given is None else "dataset_dir"
        raise ConfigError(
            f"{name} is {str(store)!r}, which does not exist (looked in {Path.cwd()}); correct it, or fill a folder: "
            f"evalscope download --datasets gsm8k --to {store}"
        )
    return store.expanduser()
