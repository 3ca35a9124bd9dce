"""A tree of files: the names below a folder, an archive or a single file, archives looked into."""

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from evalscope.errors import DatasetError
from evalscope.sources.archives import READING_FAULTS, is_archive, list_members
from evalscope.sources.records import RecordFile, format_of

logger = logging.getLogger(__name__)

MOST_FILES = 200_000
"""A folder with more files than this is no data set, but somebody's home."""

_SHARD = re.compile(r"(?P<stem>.+)-(?P<index>\d{5,})-of-(?P<total>\d{5,})(?:-[0-9a-f]+)?(?P<ending>\.\w+(?:\.gz)?)")
# what hubs make of a data set by themselves: one folder a split, its files counted from 0000
_NUMBERED = re.compile(r"(?P<stem>.+)/(?P<index>\d{4})(?P<ending>\.parquet)")


@dataclass(frozen=True)  # no slots: what is derived from the names is kept in the instance
class Tree:
    """All files below one path.

    Attributes:
        path: that was listed.
        files: by their names below it, parts divided by "/"; sorted, those inside archives last.
        rivals: names that a second archive holds too, with that second file.
        is_file: whether the path is a single file of records.
    """

    path: Path
    files: Mapping[str, RecordFile]
    rivals: Mapping[str, RecordFile]
    is_file: bool = False

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """Every folder below the path that holds records somewhere, as "main/"; sorted, the widest first."""
        found: set[str] = set()
        for name in self.files:
            if format_of(name):
                parts = name.split("/")[:-1]
                found.update("/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1))
        return tuple(sorted(found, key=lambda folder: (folder.count("/"), folder)))

    @cached_property
    def shards(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Files that belong together: (name before the count, ending) → names, in the order of their count."""
        found: dict[tuple[str, str], list[str]] = {}
        for name in sorted(self.files):
            if match := _SHARD.fullmatch(name) or _NUMBERED.fullmatch(name):
                found.setdefault((match["stem"], match["ending"].casefold()), []).append(name)
        return {key: tuple(names) for key, names in found.items()}

    def pick(self, name: str) -> RecordFile:
        """The file of that name.

        Raises:
            DatasetError: two archives hold it.
        """
        if name in self.rivals:
            raise DatasetError(
                f"two files could be {name!r}: {self.files[name]} and {self.rivals[name]}; remove one, "
                "or point local_path at the other"
            )
        return self.files[name]


def list_tree(path: Path) -> Tree:
    """All files below a folder, inside an archive, or the one file that the path is.

    Raises:
        DatasetError: the path does not exist, is no archive or file of records, or holds far too many files.
    """
    files: dict[str, RecordFile] = {}
    rivals: dict[str, RecordFile] = {}
    try:
        if path.is_dir():
            archives = []
            for name in sorted(islice(_names_below(path), MOST_FILES + 1)):
                files[name] = RecordFile(path / name)
                archives.extend([name] if is_archive(name) else [])
            if len(files) > MOST_FILES:
                raise DatasetError(
                    f"{path} holds more than {MOST_FILES} files; point local_path at the data set's own folder"
                )
            for name in archives:
                _add_members(path / name, name.rpartition("/")[0], files, rivals)
        elif is_archive(path.name):
            for member in list_members(path):
                files[member] = RecordFile(path, member)
        else:
            files[path.name] = RecordFile(path)
            return Tree(path, files, rivals, is_file=True)
    except READING_FAULTS as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    return Tree(path, files, rivals)


def below(tree: Tree, folder: str) -> Tree:
    """The part of a tree that lies below one of its folders, named as "data/gsm8k/"; without files where there is none.

    Names count from that folder.
    """
    files = {name.removeprefix(folder): file for name, file in tree.files.items() if name.startswith(folder)}
    rivals = {name.removeprefix(folder): file for name, file in tree.rivals.items() if name.startswith(folder)}
    return Tree(tree.path / folder, files, rivals)


def missing_shards(names: Iterable[str]) -> tuple[str, ...]:
    """The names that lack in splits which are cut into counted files; empty where all are there.

    Raises:
        DatasetError: two cuts of the same split lie beside each other.
    """
    cuts: dict[str, list[re.Match[str]]] = {}
    for name in names:
        if match := _SHARD.fullmatch(name) or _NUMBERED.fullmatch(name):
            cuts.setdefault(match["stem"], []).append(match)
    return tuple(name for cut in cuts.values() for name in _gaps(cut))


def _gaps(cut: Sequence[re.Match[str]]) -> Iterator[str]:
    """The missing names of one split, of which some are there."""
    first = cut[0]
    total = first.groupdict().get("total")
    indices = {int(match["index"]) for match in cut}
    if len({match.groupdict().get("total") for match in cut}) > 1 or len(indices) < len(cut):
        names = ", ".join(match[0] for match in cut[:4])
        raise DatasetError(f"{first['stem']!r} is cut into files in two ways: {names}; remove one of them")
    for index in range(int(total) if total else max(indices)):
        if index not in indices:
            counted = str(index).zfill(len(first["index"]))
            yield f"{first['stem']}{f'-{counted}-of-{total}' if total else f'/{counted}'}{first['ending']}"


def _names_below(folder: Path) -> Iterator[str]:
    """Names relative to the folder, "/" between parts, without hidden ones; links are followed, not in circles."""
    seen = set()
    for parent, children, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:
            children.clear()
            continue
        seen.add(real)
        children[:] = sorted(child for child in children if not child.startswith("."))
        below = Path(parent).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        yield from (prefix + name for name in names if not name.startswith("."))


def _add_members(archive: Path, folder: str, files: dict[str, RecordFile], rivals: dict[str, RecordFile]) -> None:
    """Lists an archive's members under the folder it lies in; a plain file of the same name goes first."""
    try:
        members = list_members(archive)
    except READING_FAULTS as error:
        logger.warning("%s is passed over, since it cannot be read: %s", archive, error)
        return
    for member in members:
        name = f"{folder}/{member}" if folder else member
        if name not in files:
            files[name] = RecordFile(archive, member)
        elif files[name].member:
            rivals[name] = RecordFile(archive, member)
