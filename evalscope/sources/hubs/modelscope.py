"""ModelScope, through its own light client."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from evalscope.constants import HubType
from evalscope.sources.hubs.listing import HubFile, Kind, Listing, digest_of

SMALL_BYTES = 16 * 2**20
"""Files up to this size are fetched several at once; larger ones fill the line by themselves, and Ctrl-C ends them."""
AT_ONCE = 4


class ModelScope:
    """The hub that data sets and models come from unless the user says otherwise."""

    hub = HubType.MODELSCOPE

    def list_files(self, repo_id: str, kind: Kind, revision: str | None) -> Listing:
        """What a repository holds; its revision is a digest, for "master" names whatever lies there today.

        A size of 0 may also mean that the hub does not know it.
        """
        found = [
            HubFile(path=info.path, size_bytes=info.size or None, sha256=(info.sha256 or "").casefold())
            for info in _client().list_repo_files(repo_id, kind, revision=revision)
            if info.type != "tree" and info.path
        ]
        files = {file.path: file for file in sorted(found, key=lambda file: file.path)}
        return Listing(files=files, revision=digest_of(found))

    def fetch(self, repo_id: str, kind: Kind, revision: str | None, files: Sequence[HubFile], listing: Listing) -> Path:
        """The folder in the client's cache that holds the files now; broken transfers go on where they ended.

        A file of another size or sum is fetched again: the client's "master" is one folder for all times.
        """
        client = _client()

        def fetch_one(file: HubFile) -> Path:
            return Path(
                client.download_file(
                    repo_id,
                    kind,
                    file.path,
                    revision=revision,
                    expected_sha256=file.sha256 or None,
                    file_size=file.size_bytes,
                )
            )

        small = [file for file in files if (file.size_bytes or 0) <= SMALL_BYTES]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            places = list(pool.map(fetch_one, small))
        large = [file for file in files if file not in small]
        places.extend(fetch_one(file) for file in large)
        return places[0].parents[(*small, *large)[0].path.count("/")]

    def cached(self, repo_id: str, kind: Kind, revision: str | None) -> Path | None:
        """The folder of an earlier download; which files it holds, only a look at each tells."""
        return _in_cache(lambda: _client().download_repo(repo_id, kind, revision=revision, local_files_only=True))

    def forget(self, path: Path) -> None:
        """Takes a wrong file out of the cache."""
        path.unlink(missing_ok=True)


def _in_cache(look: Callable[[], Any]) -> Path | None:
    from modelscope_hub.errors import CacheError

    try:
        return Path(look())
    except CacheError:
        return None


def _client() -> Any:
    from modelscope_hub import HubApi
    from modelscope_hub.config import HubConfig

    return HubApi(HubConfig())  # the client's own default is what the variables were when it was first used
