"""Any form of a configuration becomes a TaskConfig."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalscope.config.files import read_config_file
from evalscope.config.task import TaskConfig
from evalscope.errors import ConfigError


def load_task_config(task: "TaskConfig | Mapping[str, Any] | str | Path") -> TaskConfig:
    """A checked TaskConfig from a dict, from the path of a YAML or JSON file, or from itself.

    Raises:
        ConfigError: with one line for each fault.
    """
    if isinstance(task, TaskConfig):
        return task
    if isinstance(task, Mapping):
        return TaskConfig(**{str(key): value for key, value in task.items()})
    if isinstance(task, str | Path):
        return load_task_config(read_config_file(task))
    raise ConfigError(
        f"a task is a dict, a TaskConfig, or the path of a YAML or JSON file; found {type(task).__name__}"
    )
