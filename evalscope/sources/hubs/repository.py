"""A hub's repository: its listing, and verified files out of it in the client's cache."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from evalscope.constants import HubType
from evalscope.core.snapshot import Snapshot
from evalscope.errors import EvalscopeError
from evalscope.sources.hubs.checking import differences
from evalscope.sources.hubs.failures import HUB_NAMES, TRY_ELSEWHERE, HubError, explain, is_away
from evalscope.sources.hubs.huggingface import HuggingFace
from evalscope.sources.hubs.listing import HubFile, Kind, Listing, leads_out
from evalscope.sources.hubs.modelscope import ModelScope
from evalscope.sources.hubs.noise import only_progress
from evalscope.sources.hubs.remembered import recall, remember
from evalscope.sources.hubs.variables import variables_of_clients

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Client(Protocol):
    """What is used of a hub's client."""

    @property
    def hub(self) -> HubType:
        """Whose it is."""
        ...

    def list_files(self, repo_id: str, kind: Kind, revision: str | None) -> Listing:
        """What a repository holds."""
        ...

    def fetch(self, repo_id: str, kind: Kind, revision: str | None, files: Sequence[HubFile], listing: Listing) -> Path:
        """The folder that holds these files, at least one, now."""
        ...

    def cached(self, repo_id: str, kind: Kind, revision: str | None) -> Path | None:
        """The folder of an earlier download, whole or not; no connection is opened."""
        ...

    def forget(self, path: Path) -> None:
        """Takes a file out of the cache."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What is asked of which hub.

    Attributes:
        hub: that is asked.
        kind: what it is there.
        id: there.
        revision: as the user typed it; None for what the hub shows first.
        shows_progress: whether bars are drawn on a terminal.
    """

    hub: HubType
    kind: Kind
    id: str
    revision: str | None = None
    shows_progress: bool = True

    def ask(self, question: Callable[[Client], T]) -> T:
        """What the hub's client answers.

        Raises:
            HubError: it failed.
            MissingDependency: it is not installed.
        """
        client: Client = HuggingFace() if self.hub is HubType.HUGGINGFACE else ModelScope()
        with variables_of_clients(), only_progress(shows_progress=self.shows_progress):
            try:
                return question(client)
            except EvalscopeError:
                raise
            except Exception as error:  # the clients let through whatever their many layers raise
                raise HubError(explain(error, self.hub), is_away=is_away(error)) from error

    def __str__(self) -> str:
        at = f" in revision {self.revision!r}" if self.revision else ""
        return f"{'data set' if self.kind == 'dataset' else 'model'} {self.id!r}{at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository with its listing, as the hub gives it today."""

    address: Address
    listing: Listing

    def take(self, names: Iterable[str]) -> Path:
        """The folder that holds these files, each of them as the listing says; what is there already is not fetched.

        Raises:
            HubError: the hub did not give one of them, or gave another content twice.
        """
        address = self.address
        files = [self.listing.files[name] for name in dict.fromkeys(names)]

        def fetch(client: Client) -> Path:
            earlier = client.cached(address.id, address.kind, address.revision)
            wrong = {file.path: "" for file in files} if earlier is None else differences(earlier, files)
            if earlier is not None and not wrong:
                return earlier
            logger.info("%s of %s: fetching %s", address, HUB_NAMES[address.hub], _say_names(tuple(wrong)))
            asked = [file for file in files if file.path in wrong]
            folder = client.fetch(address.id, address.kind, address.revision, asked, self.listing)
            # a file that was damaged after it was fetched is mended by fetching it again
            if wrong := _forgotten(client, folder, files):
                folder = client.fetch(address.id, address.kind, address.revision, files, self.listing)
                wrong = _forgotten(client, folder, files)
            if wrong:
                raise HubError(f"{_say_wrong(wrong)}; it was not kept: {TRY_ELSEWHERE}")
            return folder

        return address.ask(fetch)

    def snapshot(self, folder: Path) -> Snapshot:
        """What was taken, pinned."""
        address = self.address
        return Snapshot(folder=folder, hub=address.hub.value, id=address.id, revision=self.listing.revision)


def open_repository(address: Address) -> Repository:
    """The repository, listed by its hub now.

    Raises:
        HubError: the hub did not answer, or does not know it.
        MissingDependency: its client is not installed.
    """
    listing = address.ask(lambda client: client.list_files(address.id, address.kind, address.revision))
    if not listing.files:
        raise HubError(f"{HUB_NAMES[address.hub]} holds no file under this id; correct it")
    if strange := next(filter(leads_out, listing.files), None):
        raise HubError(
            f"{HUB_NAMES[address.hub]} lists a file {strange!r}, which leads out of its folder; name another"
        )
    remember(address.hub, address.kind, address.id, address.revision, listing)
    return Repository(address=address, listing=listing)


def find_cached(address: Address) -> Path | None:
    """The folder of an earlier download, whole or not; None where there is none. No connection is opened."""
    return address.ask(lambda client: client.cached(address.id, address.kind, address.revision))


def snapshot_of_cached(address: Address, folder: Path, names: Iterable[str]) -> Snapshot:
    """What an earlier download is, as the listing of then tells; without its revision where these files are others.

    Args:
        address: that it came from.
        folder: that it lies in.
        names: of the files that are used.
    """
    revision = ""
    if listing := recall(address.hub, address.kind, address.id, address.revision):
        files = [listing.files[name] for name in names if name in listing.files]
        if wrong := differences(folder, files):
            logger.warning("%s in %s is not what %s listed: %s", address, folder, address.hub, _say_wrong(wrong))
        else:
            revision = listing.revision
    return Snapshot(folder=folder, hub=address.hub.value, id=address.id, revision=revision)


def _forgotten(client: Client, folder: Path, files: Sequence[HubFile]) -> Mapping[str, str]:
    """What is wrong with each file that is not as listed; these are taken out of the cache."""
    wrong = differences(folder, files)
    for name in wrong:
        client.forget(folder / name)
    return wrong


def _say_names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10])
    return shown if len(names) <= 10 else f"{shown} … ({len(names)} files)"


def _say_wrong(wrong: Mapping[str, str]) -> str:
    """One file that differs, and how many more."""
    name, how = next(iter(wrong.items()))
    more = f" (and {len(wrong) - 1} files more)" if len(wrong) > 1 else ""
    return f"{name} {how} that the hub lists{more}"
