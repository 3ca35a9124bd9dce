"""The `configs:` block that a hub repository's README opens with: which files serve which subset and split."""

import logging
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from evalscope.errors import DatasetError
from evalscope.sources.archives import READING_FAULTS
from evalscope.sources.records import open_bytes
from evalscope.sources.trees import Tree

logger = logging.getLogger(__name__)

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", re.DOTALL)


class HubConfig(NamedTuple):
    """One split of one subset.

    Attributes:
        name: the subset.
        split: the split.
        globs: patterns of the files' names, relative to the README's folder.
    """

    name: str
    split: str
    globs: tuple[str, ...]


def read_configs(tree: Tree, folder: str) -> tuple[HubConfig, ...]:
    """The configs that the README of a folder declares; empty where there is no README, or none in it.

    A block that is no YAML or of another shape declares nothing: the files may still be found by their names.

    Args:
        tree: that holds the folder.
        folder: its name below the tree's path, ending in "/"; empty for the path itself.
    """
    readme = tree.files.get(f"{folder}README.md")
    if readme is None:
        return ()
    try:
        with open_bytes(readme) as stream:
            text = stream.read().decode("utf-8", "replace")
    except (*READING_FAULTS, DatasetError) as error:
        logger.warning("%s is passed over, since it cannot be read: %s", readme, error)
        return ()
    front = _FRONT_MATTER.match(text)
    if front is None or "configs:" not in front[1]:
        return ()
    import yaml  # 25 ms that a folder without such a block need not spend

    try:
        block = yaml.safe_load(front[1])
    except yaml.YAMLError as error:
        logger.warning("%s: its front matter is no YAML and is passed over: %s", readme, str(error).partition("\n")[0])
        return ()
    entries = block.get("configs") if isinstance(block, dict) else None
    return tuple(config for entry in _as_list(entries) for config in _splits_of(entry))


def _splits_of(entry: Any) -> Iterator[HubConfig]:
    """The splits of one entry, whose data_files are a pattern, a list of them, or a list of {split, path}."""
    if not isinstance(entry, dict):
        return
    name = str(entry.get("config_name", "default"))
    folder = str(entry.get("data_dir") or "").strip("/")
    for part in _as_list(entry.get("data_files")):
        if isinstance(part, dict):
            split, paths = str(part.get("split", "train")), _as_list(part.get("path"))
        else:
            split, paths = "train", [part]  # what the hub calls files that no split is named for
        globs = tuple(
            f"{folder}/{path}" if folder else path.removeprefix("./") for path in paths if isinstance(path, str)
        )
        if globs:
            yield HubConfig(name, split, globs)


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
