"""What a hub's addresses stand for: a listing, or a file; ModelScope's addresses and those of Hugging Face."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Repositories = Mapping[tuple[str, str], Path]
Page = dict[str, Any] | list[Any] | Path | None

_MODELSCOPE = re.compile(r"/api/v1/(?P<kind>model|dataset)s/(?P<id>[^/]+/[^/]+)/repo(?P<what>/files|/tree)?")
_HUGGINGFACE_API = re.compile(
    r"/api/(?P<kind>model|dataset)s/(?P<id>[^/]+/[^/]+)(/(?P<what>revision|tree)/(?P<revision>[^/]+))?"
)
_HUGGINGFACE_FILE = re.compile(r"/(?P<kind>datasets/)?(?P<id>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)")


def commit_of(folder: Path) -> str:
    """40 hexadecimal digits that change with the content."""
    sums = [f"{path}{hashlib.sha1(path.read_bytes()).hexdigest()}" for path in _files(folder)]
    return hashlib.sha1("".join(sums).encode()).hexdigest()


def modelscope_page(path: str, asked: Mapping[str, str], repositories: Repositories) -> Page:
    """What an address of ModelScope stands for; nothing where it is none of its."""
    match = _MODELSCOPE.fullmatch(path)
    folder = match and repositories.get((match["kind"], match["id"]))
    if not match or not folder or asked.get("Revision") not in ("master", commit_of(folder)):
        return None
    if match["what"] is None:
        return _file(folder, asked["FilePath"])
    rows = [{**_sums(file), "Path": file.relative_to(folder).as_posix(), "Type": "blob"} for file in _files(folder)]
    page, size = int(asked.get("PageNumber", 1)), int(asked.get("PageSize", len(rows) or 1))
    return {"Code": 200, "Success": True, "Data": {"Files": rows[(page - 1) * size : page * size]}}


def huggingface_page(path: str, asked: Mapping[str, str], repositories: Repositories) -> Page:
    """What an address of Hugging Face stands for; nothing where it is none of its."""
    if match := _HUGGINGFACE_FILE.fullmatch(path):
        folder = repositories.get(("dataset" if match["kind"] else "model", match["id"]))
        return _file(folder, match["path"]) if folder and _is_there(folder, match["revision"]) else None
    match = _HUGGINGFACE_API.fullmatch(path)
    folder = match and repositories.get((match["kind"], match["id"]))
    if not match or not folder or not _is_there(folder, match["revision"] or "main"):
        return None
    if match["what"] == "tree":
        return [_entry(folder, file) for file in _files(folder)]
    return {"id": match["id"], "sha": commit_of(folder), "siblings": [], "tags": [], "private": False}


def _is_there(folder: Path, revision: str) -> bool:
    return revision in ("main", commit_of(folder))


def _file(folder: Path, name: str) -> Path | None:
    return folder / name if (folder / name).is_file() else None


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _sums(file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    return {"Size": len(content), "Sha256": hashlib.sha256(content).hexdigest()}


def _entry(folder: Path, file: Path) -> dict[str, Any]:
    """A file in a listing of Hugging Face: the sum of a small one is git's."""
    content = file.read_bytes()
    git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    entry = {"type": "file", "path": file.relative_to(folder).as_posix(), "size": len(content), "oid": git}
    if len(content) > 1000:
        sha256 = hashlib.sha256(content).hexdigest()
        entry["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 130}
    return entry
