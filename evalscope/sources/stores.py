"""A folder or zip that holds data sets and models by name: of `evalscope download`, or the old data.zip."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evalscope.core.snapshot import Snapshot
from evalscope.errors import ConfigError, DatasetError
from evalscope.sources.archives import ARCHIVES, READING_FAULTS, is_archive
from evalscope.sources.hubs.checking import differences
from evalscope.sources.layouts import Served
from evalscope.sources.manifest import Entry, Manifest, read_manifest
from evalscope.sources.records import ENDINGS
from evalscope.sources.trees import Tree, below, list_tree

MODELS = "models"
"""The folder of a store that holds models, each under its id."""

_INSIDE = ("", "data/")
_OLD_ARCHIVE = "data.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store that is there.

    Attributes:
        path: of the folder or archive.
        manifest: what it says of itself; empty where it says nothing.
    """

    path: Path
    manifest: Manifest

    def find_dataset(self, names: Sequence[str]) -> Tree | None:
        """The files of a data set; None where the store has none under these names.

        Args:
            names: that it may bear, the best first.

        Raises:
            DatasetError: an archive of the store cannot be read.
        """
        if not self.path.is_dir():
            return next(_parts(self.path, names), None)
        for place in (self.path / inside / name for inside in _INSIDE for name in names):
            endings = (*ARCHIVES, *ENDINGS, *(f"{ending}.gz" for ending in ENDINGS))
            for path in (place, *(place.with_name(place.name + ending) for ending in endings)):
                if path.is_dir() or (path != place and path.is_file()):
                    return list_tree(path)
        old = self.path / _OLD_ARCHIVE
        return next(_parts(old, names), None) if old.is_file() else None

    def find_model(self, model_id: str, revision: str | None) -> Snapshot | None:
        """A model under its id; None where the store has none, or another revision of it."""
        folder = self.path / MODELS / model_id
        entry = self.manifest.models.get(model_id)
        if entry is not None:
            folder = self.path / entry.folder
            if revision not in (None, entry.asked, entry.revision):
                return None
        if not folder.is_dir():
            return None
        return _snapshot(folder, entry, model_id)

    def check(self, name: str, tree: Tree, served: Iterable[Served]) -> Snapshot | None:
        """What the manifest says that a data set is; None where it says nothing of it.

        Raises:
            DatasetError: a file that is used differs from what the manifest lists.
        """
        entry = self.manifest.datasets.get(name)
        if entry is None:
            return None
        if self.path.is_dir():  # a zip has sums of its own
            used = {file.path for one in served for file in (*one.asked, *one.examples)}
            files = [file for file in entry.files if tree.path / file.path in used]
            for wrong, how in differences(tree.path, files).items():
                raise DatasetError(
                    f"{name}: {tree.path / wrong} {how} that the manifest lists; copy it again, or fill the folder "
                    f"anew: evalscope download --datasets {name} --to {self.path}"
                )
        return _snapshot(tree.path, entry, entry.id)


def open_store(path: Path) -> Store:
    """The store at a path.

    Raises:
        ConfigError: it is neither folder nor archive, or its manifest cannot be read.
    """
    if not path.is_dir() and not is_archive(path.name):
        raise ConfigError(
            f"dataset_dir {str(path)!r} is a file; a folder that holds data sets by name, or a zip, is needed"
        )
    return Store(path=path, manifest=read_manifest(path))


def _snapshot(folder: Path, entry: Entry | None, repo_id: str) -> Snapshot | None:
    if entry is None:
        return Snapshot(folder=folder, hub="", id=repo_id, revision="")
    return Snapshot(folder=folder, hub=entry.hub, id=entry.id, revision=entry.revision)


def _parts(archive: Path, names: Sequence[str]) -> Iterator[Tree]:
    """The parts of an archive that bear one of the names, the best first."""
    try:
        whole = list_tree(archive)
    except READING_FAULTS as error:
        raise DatasetError(f"{archive} cannot be read: {error}") from error
    tops = {name.partition("/")[0] for name in whole.files if "/" in name}
    lone = f"{next(iter(tops))}/" if len(tops) == 1 else ""
    for inside in dict.fromkeys((*_INSIDE, lone, f"{lone}data/")):
        for name in names:
            part = below(whole, f"{inside}{name}/")
            if part.files:
                yield part
