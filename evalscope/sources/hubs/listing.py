"""What a hub says that a repository holds: each file with its size and sum."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["dataset", "model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFile:
    """One file of a repository.

    Attributes:
        path: below the repository's root, parts divided by "/".
        size_bytes: None where the hub does not tell.
        sha256: of the content, 64 hexadecimal digits; empty where the hub does not tell.
        git_sha1: git's name of the content, 40 hexadecimal digits; empty likewise. Hugging Face gives no other sum of
            small files.
    """

    path: str
    size_bytes: int | None
    sha256: str = ""
    git_sha1: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A repository at one moment.

    Attributes:
        files: by path, sorted.
        revision: the commit where the hub gives one, else `digest_of` the files.
    """

    files: Mapping[str, HubFile]
    revision: str


def leads_out(path: str) -> bool:
    """Whether a path that somebody else wrote would leave the folder that it is put below."""
    return path.startswith("/") or "\\" in path or ":" in path.partition("/")[0] or ".." in path.split("/")


def digest_of(files: Iterable[HubFile]) -> str:
    """40 hexadecimal digits over the paths, sizes and sums of a repository's files, whatever their order."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.path):
        digest.update(f"{file.path}\0{file.size_bytes}\0{file.sha256 or file.git_sha1}\n".encode())
    return digest.hexdigest()[:40]
