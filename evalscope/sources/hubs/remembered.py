"""Listings that hubs have given, kept in a cache of our own: without a network they tell what a folder should hold."""

import os
from contextlib import suppress
from pathlib import Path

import orjson

from evalscope.constants import HubType
from evalscope.sources.hubs.listing import HubFile, Kind, Listing

_NO_CACHE = (OSError, RuntimeError)  # what Path raises where there is no home


def own_cache() -> Path:
    """The folder that this package keeps small notes in; nothing is put beside data.

    Raises:
        RuntimeError: there is no home, and no variable names another place.
    """
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evalscope"


def remember(hub: HubType, kind: Kind, repo_id: str, revision: str | None, listing: Listing) -> None:
    """Keeps a listing under the revision that was asked for; where that cannot be, it is not remembered."""
    rows = [(file.path, file.size_bytes, file.sha256, file.git_sha1) for file in listing.files.values()]
    with suppress(*_NO_CACHE):
        path = _place(hub, kind, repo_id, revision)
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_bytes(orjson.dumps({"revision": listing.revision, "files": rows}))
        fresh.replace(path)


def recall(hub: HubType, kind: Kind, repo_id: str, revision: str | None) -> Listing | None:
    """The listing that was kept last; None where there is none, or it cannot be read."""
    try:
        kept = orjson.loads(_place(hub, kind, repo_id, revision).read_bytes())
        files = [
            HubFile(path=path, size_bytes=size, sha256=sha, git_sha1=git) for path, size, sha, git in kept["files"]
        ]
        return Listing(files={file.path: file for file in files}, revision=str(kept["revision"]))
    except (*_NO_CACHE, ValueError, KeyError, TypeError):
        return None


def _place(hub: HubType, kind: Kind, repo_id: str, revision: str | None) -> Path:
    name = f"{repo_id}@{revision or ''}".replace("/", "--")
    return own_cache() / "listings" / hub / kind / f"{name}.json"
