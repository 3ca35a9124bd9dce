"""The manifest of a folder that `evalscope download` filled: what lies in it, from where, with which sums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from evalscope.errors import ConfigError
from evalscope.sources.archives import READING_FAULTS, list_members, open_member
from evalscope.sources.hubs.listing import HubFile, leads_out

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One data set or model of the folder.

    Attributes:
        hub: that it came from.
        id: there.
        revision: pinned, as in Snapshot.
        asked: the revision as the user typed it; empty for none.
        folder: where it lies below the manifest's own.
        files: by their paths below that folder; each with its sha256.
    """

    hub: str
    id: str
    revision: str
    asked: str
    folder: str
    files: tuple[HubFile, ...]

    def plain(self) -> dict[str, Json]:
        """The entry as JSON holds it."""
        files = [{"path": file.path, "size_bytes": file.size_bytes, "sha256": file.sha256} for file in self.files]
        own = {name: getattr(self, name) for name in ("hub", "id", "revision", "asked", "folder")}
        return {**own, "files": files}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All that a folder holds.

    Attributes:
        datasets: by the benchmark's name.
        models: by their id.
    """

    datasets: Mapping[str, Entry] = field(default_factory=dict)
    models: Mapping[str, Entry] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The manifest as the file holds it."""
        parts = {"datasets": self.datasets, "models": self.models}
        plain = {name: {key: entry.plain() for key, entry in part.items()} for name, part in parts.items()}
        return orjson.dumps({"schema_version": SCHEMA_VERSION, **plain}, option=orjson.OPT_INDENT_2)


def read_manifest(store: Path) -> Manifest:
    """The manifest of a folder or zip; an empty one where there is none.

    Raises:
        ConfigError: it cannot be read, or is none of this program's.
    """
    try:
        content = _content(store)
        if content is None:
            return Manifest()
        told = orjson.loads(content)
        if told["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"schema_version is {told['schema_version']!r}")
        return Manifest(
            datasets={name: _entry(entry) for name, entry in told["datasets"].items()},
            models={name: _entry(entry) for name, entry in told["models"].items()},
        )
    except (*READING_FAULTS, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{store / MANIFEST} is no manifest that this version reads ({type(error).__name__}: {error}); "
            "fill the folder anew with 'evalscope download', or remove the file if it is not its"
        ) from error


def _content(store: Path) -> bytes | None:
    if store.is_dir():
        path = store / MANIFEST
        return path.read_bytes() if path.is_file() else None
    if MANIFEST not in list_members(store):
        return None
    with open_member(store, MANIFEST) as stream:
        return stream.read()


def _entry(told: Mapping[str, Json]) -> Entry:
    files = (HubFile(path=file["path"], size_bytes=file["size_bytes"], sha256=file["sha256"]) for file in told["files"])
    own = {name: str(told[name]) for name in ("hub", "id", "revision", "asked", "folder")}
    entry = Entry(**own, files=tuple(files))
    if strange := next(filter(leads_out, (entry.folder, *(file.path for file in entry.files))), None):
        raise ValueError(f"{strange!r} leads out of the folder")
    return entry
