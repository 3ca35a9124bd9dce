"""Compiled templates, kept in the user's cache folder: compiling one takes longer than a small run's page does."""

import os
from contextlib import suppress
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


def user_cache() -> Path:
    """The folder that the system keeps for what can be made again; it need not exist."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).expanduser() / "evalscope"


class _Kept(FileSystemBytecodeCache):
    """Where there is no room, or what was kept is damaged, a template is compiled again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 - pickle and marshal raise whatever a damaged file makes them
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def kept_templates() -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept, for this user alone; None where nothing can be."""
    try:
        folder = user_cache() / "templates"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # what lies there is run, so nobody else may have put it there
        is_ours = folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & 0o022
    except (OSError, RuntimeError, AttributeError):  # no room, no home, or a system without user numbers
        return None
    return _Kept(str(folder)) if is_ours else None
