"""Whether files are what a hub's listing says: their sizes and sums, compared by us and not by a client."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from evalscope.sources.hubs.listing import HubFile
from evalscope.sources.hubs.remembered import own_cache

_BLOCK_BYTES = 2**20
_NO_NOTE = (OSError, RuntimeError)  # what Path raises where there is no home


def differences(folder: Path, files: Iterable[HubFile]) -> Mapping[str, str]:
    """What is wrong with each file that is not as listed, by path; empty where all are.

    A file that was found right is not read again as long as it keeps its size and times.

    Args:
        folder: that holds them under their own paths.
        files: as the hub lists them; what it does not tell of a file is not compared.
    """
    found = {file.path: _difference(folder / file.path, file) for file in files}
    return {path: wrong for path, wrong in found.items() if wrong}


def sha256_of(path: Path) -> str:
    """64 hexadecimal digits.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _difference(path: Path, file: HubFile) -> str:
    if not path.is_file():
        return "is not there"
    size_bytes = path.stat().st_size
    if file.size_bytes is not None and size_bytes != file.size_bytes:
        return f"has {size_bytes} bytes instead of {file.size_bytes}"
    if _is_known_right(path, file):
        return ""
    if file.sha256 and (found := sha256_of(path)) != file.sha256.casefold():
        return f"has sha256 {found[:16]}… instead of {file.sha256[:16]}…"
    if not file.sha256 and file.git_sha1 and (found := _git_sha1_of(path, size_bytes)) != file.git_sha1:
        return f"has git's sum {found[:16]}… instead of {file.git_sha1[:16]}…"
    _note(path, file)
    return ""


def _is_known_right(path: Path, file: HubFile) -> bool:
    """Whether a file was compared earlier, was right, and has not been touched since; it is not read."""
    try:
        return _note_of(path).read_text(encoding="ascii") == _stamp(path, file)
    except _NO_NOTE:
        return False


def _git_sha1_of(path: Path, size_bytes: int) -> str:
    digest = hashlib.sha1(b"blob %d\0" % size_bytes, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _note(path: Path, file: HubFile) -> None:
    """Notes that a file is right; where no note can be left, it is read again the next time."""
    note = _note_of(path)
    with suppress(*_NO_NOTE):
        note.parent.mkdir(parents=True, exist_ok=True)
        fresh = note.with_name(f"{note.name}.{os.getpid()}")
        fresh.write_text(_stamp(path, file), encoding="ascii")
        fresh.replace(note)


def _note_of(path: Path) -> Path:
    """Where the note on a file lies."""
    return own_cache() / "checked" / hashlib.blake2b(os.fsencode(path.absolute()), digest_size=16).hexdigest()


def _stamp(path: Path, file: HubFile) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {file.sha256 or file.git_sha1}"
