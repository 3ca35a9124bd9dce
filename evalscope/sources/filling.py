"""A store filled from hubs: verified copies of what a run without a network needs, and a manifest."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from filelock import FileLock

from evalscope.config import DatasetArgs
from evalscope.constants import HubType
from evalscope.core.benchmark import Benchmark
from evalscope.errors import ConfigError, DatasetError
from evalscope.sources import models
from evalscope.sources.hub_data import address_of, take_from_hub
from evalscope.sources.hubs.checking import differences
from evalscope.sources.hubs.failures import HUB_NAMES, HubError
from evalscope.sources.hubs.listing import HubFile
from evalscope.sources.hubs.remembered import own_cache
from evalscope.sources.hubs.repository import Address, Repository, open_repository
from evalscope.sources.load import wanted_of
from evalscope.sources.manifest import MANIFEST, Entry, read_manifest
from evalscope.sources.stores import MODELS
from evalscope.sources.supply import Supply

_BLOCK_BYTES = 2**20
_PART = ".part"
_PACKED = (".parquet", ".gz", ".zip", ".safetensors", ".bin")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelWish:
    """A model or adapter to fetch.

    Attributes:
        id: on its hub.
        hub: that is asked.
        revision: as the user typed it; None for what the hub shows first.
        allows_pickles: whether weights may be fetched that are no safetensors.
    """

    id: str
    hub: HubType
    revision: str | None = None
    allows_pickles: bool = False


class Filling:
    """A folder that is being filled; what is in it already and right is not copied again."""

    def __init__(self, folder: Path, *, shows_progress: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._manifest = read_manifest(folder)
        self._shows_progress = shows_progress

    def add_dataset(self, benchmark: Benchmark, args: DatasetArgs, hub: HubType) -> Entry:
        """A benchmark's files: those of the splits that a run would read.

        Raises:
            ConfigError: the settings contradict the benchmark, or its place is taken by the user's own files.
            DatasetError: the hub did not give them, or no hub has them.
        """
        name, wanted = benchmark.name, wanted_of(benchmark, args)
        address = address_of(wanted, args, Supply(hub=hub, shows_progress=self._shows_progress))
        with _told(name, address, DatasetError):
            repository = open_repository(address)
            opened = take_from_hub(wanted, repository)
        entry = self._copy(repository, opened.path, opened.used, folder=name, earlier=self._manifest.datasets.get(name))
        self._manifest = replace(self._manifest, datasets={**self._manifest.datasets, name: entry})
        return self._noted(entry)

    def add_model(self, wish: ModelWish) -> Entry:
        """A model's files, or an adapter's.

        Raises:
            ConfigError: the hub did not give them, or holds only pickles and these are not allowed.
        """
        address = Address(
            hub=wish.hub, kind="model", id=wish.id, revision=wish.revision, shows_progress=self._shows_progress
        )
        with _told(wish.id, address, ConfigError):
            repository = open_repository(address)
            snapshot, names = models.take_from_hub(repository, allows_pickles=wish.allows_pickles)
        earlier = self._manifest.models.get(wish.id)
        entry = self._copy(repository, snapshot.folder, names, folder=f"{MODELS}/{wish.id}", earlier=earlier)
        self._manifest = replace(self._manifest, models={**self._manifest.models, wish.id: entry})
        return self._noted(entry)

    def _copy(
        self, repository: Repository, source: Path, names: Iterable[str], *, folder: str, earlier: Entry | None
    ) -> Entry:
        target = self._folder / folder
        if earlier is None and target.exists():
            raise ConfigError(
                f"{target} is there already, and {MANIFEST} does not know it; give another folder as --to, or move it"
            )
        listed = [repository.listing.files[name] for name in names]
        wrong = differences(target, listed)
        files = []
        for file in listed:
            if file.path in wrong or not file.sha256:
                file = replace(file, sha256=_copy_file(source / file.path, target / file.path, file))
            files.append(replace(file, size_bytes=(target / file.path).stat().st_size, git_sha1=""))
        for old in {file.path for file in earlier.files} - {file.path for file in files} if earlier else ():
            (target / old).unlink(missing_ok=True)  # of an earlier filling: it could be taken for a split of today
        address = repository.address
        return Entry(
            hub=address.hub.value,
            id=address.id,
            revision=repository.listing.revision,
            asked=address.revision or "",
            folder=folder,
            files=tuple(files),
        )

    def _noted(self, entry: Entry) -> Entry:
        fresh = self._folder / f"{MANIFEST}{_PART}"
        fresh.write_bytes(self._manifest.to_json())
        fresh.replace(self._folder / MANIFEST)
        return entry


@contextmanager
def filling_of(path: Path, *, shows_progress: bool = True) -> Iterator[Filling]:
    """A folder to fill, or a zip, which is written when all is in it; neither is left where nothing came.

    Raises:
        ConfigError: the zip is there already, or the place cannot be written.
    """
    try:
        if path.suffix.casefold() != ".zip":
            is_new = not path.exists()
            with _alone(path):
                yield Filling(path, shows_progress=shows_progress)
                if is_new and not any(path.iterdir()):
                    path.rmdir()
            return
        if path.exists():
            raise ConfigError(f"{path} is there already; give another name as --to, or remove it")
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as folder:
            yield Filling(Path(folder), shows_progress=shows_progress)
            if any(Path(folder).iterdir()):
                _pack(Path(folder), path)
    except OSError as error:
        raise ConfigError(f"{error.filename or path} cannot be written: {error.strerror or error}") from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keeps a second command that fills the same folder waiting; the lock lies in a cache, not in the folder."""
    name = hashlib.blake2b(os.fsencode(folder.absolute()), digest_size=16).hexdigest()
    locks = own_cache() / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(locks / name):
        yield


@contextmanager
def _told(name: str, address: Address, kind: Callable[[str], Exception]) -> Iterator[None]:
    """Says what was asked of whom where a hub did not give it."""
    try:
        yield
    except HubError as error:
        raise kind(f"{name}: {address} was asked of {HUB_NAMES[address.hub]}: {error}") from error


def _copy_file(source: Path, target: Path, file: HubFile) -> str:
    """Copies a file and gives the sha256 of what was written; it stands under its name only when it is whole.

    Raises:
        ConfigError: what was read is not what the hub lists.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + _PART)
    digest = hashlib.sha256()
    with source.open("rb") as reading, part.open("wb") as writing:
        while block := reading.read(_BLOCK_BYTES):
            digest.update(block)
            writing.write(block)
    if file.sha256 and digest.hexdigest() != file.sha256.casefold():
        part.unlink()
        raise ConfigError(f"{source} changed while it was copied; run the same command again")
    part.replace(target)
    return digest.hexdigest()


def _pack(folder: Path, path: Path) -> None:
    """A zip of the folder; it stands under its name only when it is whole."""
    part = path.with_name(path.name + _PART)
    try:
        with ZipFile(part, "w") as packed:
            for file in sorted(one for one in folder.rglob("*") if one.is_file()):
                way = ZIP_STORED if file.suffix in _PACKED else ZIP_DEFLATED
                packed.write(file, file.relative_to(folder).as_posix(), compress_type=way)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
