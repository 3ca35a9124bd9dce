"""Archives looked into: the names of their members, and the bytes of each, without unpacking to disk."""

import io
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from lzma import LZMAError
from pathlib import Path
from typing import IO, NamedTuple

from evalscope.errors import DatasetError

TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
ARCHIVES = (".zip", *TARS)

READING_FAULTS = (
    OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, LZMAError, NotImplementedError
)  # fmt: skip
"""What the standard library raises for a file that is absent, forbidden, torn, or packed in a way it does not know."""


def is_archive(name: str) -> bool:
    """Whether a file of that name is looked into."""
    return name.casefold().endswith(ARCHIVES)


def list_members(archive: Path) -> tuple[str, ...]:
    """Names of the files inside, sorted; hidden ones and what macOS adds are left out.

    Raises:
        READING_FAULTS: the archive cannot be read.
    """
    names = _opened(archive).names
    return tuple(
        sorted(name for name in names if not any(part.startswith((".", "__MACOSX")) for part in name.split("/")))
    )


def open_member(archive: Path, member: str) -> IO[bytes]:
    """The bytes of one file inside.

    Raises:
        DatasetError: it needs a password.
        READING_FAULTS: it cannot be read.
    """
    return _opened(archive).open(member)


def _opened(archive: Path) -> "_Zip | _Tar":
    """The archive with its table of contents, kept open: thousands of members are read from one, one by one."""
    status = archive.stat()
    return _open(archive, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _open(archive: Path, changed_ns: int, size_bytes: int) -> "_Zip | _Tar":
    if archive.name.casefold().endswith(".zip"):
        return _Zip(zipfile.ZipFile(archive))
    return _open_tar(archive)


@dataclass(frozen=True, slots=True)
class _Zip:
    """A zip; its members can be opened in any order."""

    file: zipfile.ZipFile

    @property
    def names(self) -> list[str]:
        return [member.filename for member in self.file.infolist() if not member.is_dir()]

    def open(self, member: str) -> IO[bytes]:
        try:
            return self.file.open(member)
        except RuntimeError as error:  # what zipfile raises for an encrypted member
            path = f"{self.file.filename}/{member}"
            raise DatasetError(f"{path} cannot be read: {error}. Unpack the archive first.") from error


class _Extent(NamedTuple):
    """Where a member's bytes lie in a tar."""

    start: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _Tar:
    """A tar, decompressed, with the places of its members: it has no table of contents of its own."""

    file: IO[bytes]
    extents: Mapping[str, _Extent]

    @property
    def names(self) -> list[str]:
        return list(self.extents)

    def __del__(self) -> None:
        self.file.close()

    def open(self, member: str) -> IO[bytes]:
        extent = self.extents[member]
        self.file.seek(extent.start)
        return io.BytesIO(self.file.read(extent.size_bytes))


def _open_tar(archive: Path) -> _Tar:
    """A compressed one is decompressed once, into a nameless temporary file, for it cannot be read in any order."""
    is_plain = archive.name.casefold().endswith(".tar")
    plain: IO[bytes] = archive.open("rb") if is_plain else tempfile.TemporaryFile()  # noqa: SIM115 - the cache keeps it
    try:
        if not is_plain:
            _decompress(archive, plain)
        with tarfile.open(fileobj=plain, mode="r:") as tar:
            extents = {
                member.name.removeprefix("./"): _Extent(member.offset_data, member.size)
                for member in tar
                if member.isreg()
            }
    except BaseException:
        plain.close()
        raise
    return _Tar(plain, extents)


def _decompress(archive: Path, plain: IO[bytes]) -> None:
    import bz2
    import gzip
    import lzma

    name = archive.name.casefold()
    opener = bz2.open if name.endswith(".bz2") else lzma.open if name.endswith(".xz") else gzip.open
    with opener(archive, "rb") as packed:
        shutil.copyfileobj(packed, plain, 1 << 20)
    plain.seek(0)
