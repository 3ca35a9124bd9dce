"""Hugging Face, through its own client."""

import glob
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evalscope.constants import HubType
from evalscope.errors import MissingDependency
from evalscope.sources.hubs.failures import HubError
from evalscope.sources.hubs.listing import HubFile, Kind, Listing, digest_of


class HuggingFace:
    """The other hub."""

    hub = HubType.HUGGINGFACE

    def list_files(self, repo_id: str, kind: Kind, revision: str | None) -> Listing:
        """What a repository holds at the commit that the revision means today."""
        api = _library().HfApi()
        commit = api.repo_info(repo_id, repo_type=kind, revision=revision).sha
        found = [
            HubFile(
                path=entry.path,
                size_bytes=entry.size,
                sha256=entry.lfs.sha256 if entry.lfs else "",
                git_sha1="" if entry.lfs else entry.blob_id or "",
            )
            for entry in api.list_repo_tree(repo_id, recursive=True, revision=commit, repo_type=kind)
            if hasattr(entry, "blob_id")  # a file; folders have none
        ]
        files = {file.path: file for file in sorted(found, key=lambda file: file.path)}
        return Listing(files=files, revision=commit or digest_of(found))

    def fetch(self, repo_id: str, kind: Kind, revision: str | None, files: Sequence[HubFile], listing: Listing) -> Path:
        """The folder in the client's cache that holds the files now, at the listing's commit.

        Raises:
            HubError: the revision means another commit by now.
        """
        names = [glob.escape(file.path) for file in files]
        # asked for by the user's name for it, so that the client notes which commit that is
        folder = Path(_library().snapshot_download(repo_id, repo_type=kind, revision=revision, allow_patterns=names))
        if listing.revision not in (folder.name, digest_of(listing.files.values())):
            raise HubError("the repository was changed while it was downloaded; run the same command again")
        return folder

    def cached(self, repo_id: str, kind: Kind, revision: str | None) -> Path | None:
        """The folder of an earlier download; which files it holds, only a look at each tells."""
        library = _library()
        try:
            return Path(
                library.snapshot_download(
                    repo_id, repo_type=kind, revision=revision, local_files_only=True, allow_patterns=[]
                )
            )
        except library.errors.LocalEntryNotFoundError:
            return None

    def forget(self, path: Path) -> None:
        """Takes a wrong file out of the cache: what a snapshot shows, and the content that it links to."""
        content = path.resolve()
        path.unlink(missing_ok=True)
        content.unlink(missing_ok=True)


def _library() -> Any:
    try:
        import huggingface_hub
        import huggingface_hub.errors
    except ImportError as error:
        raise MissingDependency("downloading from Hugging Face", "huggingface") from error
    return huggingface_hub
