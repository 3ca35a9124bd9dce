"""The outputs folder: the one place that the dashboard reads, and nothing beyond it."""

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from evalscope.errors import ConfigError
from evalscope.runs.folder import RunFolder

SCAN_KEPT_S = 2.0
"""So long a list of runs stands before the folder is looked through again."""

PARTS = ("predictions", "reviews", "reports")


class NotThere(Exception):
    """No run or file of that name lies under the outputs folder."""


class Outputs:
    """Every run below one folder, found at any depth; links that lead out of it are not followed."""

    def __init__(self, root: Path) -> None:
        """Names the folder.

        Raises:
            ConfigError: it is none.
        """
        self.root = root.expanduser().resolve()
        if not self.root.is_dir():
            found = "is no folder" if self.root.exists() else "does not exist"
            raise ConfigError(f"{root} {found}; --outputs names the folder under which runs lie")
        self._scanned: tuple[float, tuple[str, ...]] = (-SCAN_KEPT_S, ())

    def names(self) -> tuple[str, ...]:
        """The names of all runs: their paths below the folder, "." for the folder itself."""
        scanned_at, names = self._scanned
        if time.monotonic() - scanned_at > SCAN_KEPT_S:
            names = tuple(sorted(path.relative_to(self.root).as_posix() for path in _runs_below(self.root)))
            self._scanned = (time.monotonic(), names)
        return names

    def run(self, name: str) -> RunFolder:
        """The run of that name.

        Raises:
            NotThere: there is none, or the name leads out of the folder.
        """
        parts = name.split("/")
        is_plain = name == "." or not {"", ".", ".."} & set(parts)
        if not is_plain or "\\" in name or "\0" in name:
            raise NotThere(name)
        path = self._resolved(self.root / name)
        if not path.is_dir() or not _is_run(path):
            raise NotThere(name)
        return RunFolder(path, is_new=False)

    def name_of(self, folder: RunFolder) -> str:
        """The name of a run that lies below the folder."""
        return folder.root.relative_to(self.root).as_posix()

    def file(self, path: Path) -> Path:
        """The path of a plain file below the folder.

        Raises:
            NotThere: it is no plain file, or a link that leads out.
        """
        resolved = self._resolved(path)
        if not stat.S_ISREG(resolved.stat().st_mode):
            raise NotThere(str(path))
        return resolved

    def files(self, folder: Path, pattern: str) -> tuple[Path, ...]:
        """The plain files that match, in the order of their names; those that lead out are left out."""
        return tuple(path for path in sorted(folder.glob(pattern)) if self._is_file(path))

    def _is_file(self, path: Path) -> bool:
        try:
            self.file(path)
        except (NotThere, OSError):
            return False
        return True

    def _resolved(self, path: Path) -> Path:
        try:
            resolved = path.resolve(strict=True)
        except (OSError, ValueError, RuntimeError):
            raise NotThere(str(path)) from None
        if not resolved.is_relative_to(self.root):
            raise NotThere(str(path))
        return resolved


def _runs_below(folder: Path) -> Iterator[Path]:
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if _is_run(path):
            yield path
            continue
        try:
            with os.scandir(path) as entries:
                waiting += [
                    Path(entry.path)
                    for entry in entries
                    if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
                ]
        except OSError:
            continue  # a folder that may not be read, or has gone since


def _is_run(path: Path) -> bool:
    if (path / "configs" / "task_config.yaml").is_file():
        return True
    endings = {"predictions": "*/*.jsonl", "reviews": "*/*.jsonl", "reports": "*/*.json"}
    return any(next((path / part).glob(endings[part]), None) is not None for part in PARTS)
