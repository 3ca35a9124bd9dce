"""The tables of samples that are open: of small runs in memory, of large ones in files of the user's cache."""

import hashlib
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalscope.app.index import SETTINGS, VERSION, fill
from evalscope.app.joined import Files, files_of
from evalscope.app.outputs import Outputs
from evalscope.app.overview import Overview
from evalscope.reports.kept import user_cache

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SMALL_BYTES = 16 << 20
"""Runs up to this size are read when they are looked at; larger ones get an index file in the background."""

MOST_OPEN = 8
"""So many runs stay open."""

MOST_KEPT = 20
"""So many index files stay in the cache."""


@dataclass(frozen=True, slots=True)
class Table:
    """The samples of a run, ready to be asked.

    Attributes:
        name: of the table in the store's database.
        files: of the run, which rows name by their place.
    """

    name: str
    files: tuple[Files, ...]


@dataclass(frozen=True, slots=True)
class Building:
    """The samples of a large run, which are being indexed.

    Attributes:
        share: that is done, in [0, 1].
        files: of the run.
        failed: why there will be no index; empty where there will.
    """

    share: float
    files: tuple[Files, ...]
    failed: str = ""


FRUGAL = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
"""Lets an index be made in two thirds of the memory."""


class Store:
    """All open tables in one database, so that runs can be compared in it; one question at a time."""

    def __init__(self, outputs: Outputs, cache: Path | None = None, *, small_bytes: int = SMALL_BYTES) -> None:
        """Opens an empty database.

        Args:
            outputs: where runs lie.
            cache: the folder of index files; the user's own unless given.
            small_bytes: up to which size a run is read at once.
        """
        import duckdb

        self.outputs = outputs
        self.cache = cache or cache_folder()
        self.small_bytes = small_bytes
        # what does not fit into memory goes into the cache too, never into the folder that the server was started in
        settings = {**SETTINGS, "temp_directory": str(self.cache / "spilled")}
        self._database: DuckDBPyConnection = duckdb.connect(":memory:", config=settings)
        self._lock = threading.RLock()
        self._open: OrderedDict[str, Table] = OrderedDict()
        self._builds: dict[str, Build] = {}

    def samples(self, run: Overview) -> Table | Building:
        """The samples of a run, or how far their index is."""
        files = files_of(self.outputs, run.folder)
        name = f"r{_digest(files)}"
        with self._lock:
            if name in self._open:
                self._open.move_to_end(name)
                return self._open[name]
            if run.row_bytes <= self.small_bytes:
                self._database.execute(f"ATTACH ':memory:' AS {name}")
                fill(self._database, f"{name}.samples", files)
                return self._opened(name, files)
            if run.is_live:
                return Building(0.0, files)  # every new row would ask for another index
            path = self.cache / f"{name}.duckdb"
            if path.is_file() and self._attach(path, name):
                return self._opened(name, files)
            build = self._builds.get(name)
            if build is None or (build.is_over and not build.failed):
                build = self._builds[name] = Build(run, self.outputs, path)
            return Building(build.share, files, build.failed)

    def ask(self, question: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that answer a question in SQL; values stand where it has a question mark."""
        with self._lock:
            return self._database.execute(question, list(values)).fetchall()

    def close(self) -> None:
        """Ends what is being built, and closes the database."""
        for build in self._builds.values():
            build.stop()
        self._database.close()

    def _attach(self, path: Path, name: str) -> bool:
        """Opens an index file; one that is torn, or of another version of the database, is taken away."""
        import duckdb

        try:
            self._database.execute(f"ATTACH '{_quoted(path)}' AS {name} (READ_ONLY)")
        except duckdb.Error:
            path.unlink(missing_ok=True)
            return False
        os.utime(path)
        return True

    def _opened(self, name: str, files: tuple[Files, ...]) -> Table:
        self._open[name] = Table(f"{name}.samples", files)
        while len(self._open) > MOST_OPEN:
            oldest, _ = self._open.popitem(last=False)
            self._database.execute(f"DETACH {oldest}")
        return self._open[name]


class Build:
    """An index that another process makes, so that pages stay quick meanwhile."""

    def __init__(self, run: Overview, outputs: Outputs, path: Path) -> None:
        """Starts it."""
        self.share = 0.0
        self.failed = ""
        self._path = path
        _make_room(path.parent)
        command = [sys.executable, "-m", "evalscope.app.indexing", str(outputs.root), run.name, str(path)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **FRUGAL},
        )
        threading.Thread(target=self._follow, daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ends it, and takes away what it wrote by then."""
        if not self.is_over:
            self._process.kill()
            self._process.wait()
            for left in self._path.parent.glob(f".{self._path.name}.{self._process.pid}*"):
                left.unlink(missing_ok=True)

    def _follow(self) -> None:
        stdout, stderr = self._process.stdout, self._process.stderr
        assert stdout is not None
        assert stderr is not None
        with stdout, stderr:
            for line in stdout:
                self.share = float(line)
            said = stderr.read().strip().splitlines()
        if self._process.wait() > 0:
            self.failed = said[-1] if said else f"exit code {self._process.returncode}"


def cache_folder() -> Path:
    """Where index files lie: in the folder that the system keeps for what can be made again."""
    return user_cache() / "app"


def _make_room(cache: Path) -> None:
    """Takes the index files away that were not used for longest."""
    kept = sorted(cache.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in kept[MOST_KEPT - 1 :]:
        path.unlink(missing_ok=True)


def _digest(files: Sequence[Files]) -> str:
    """Changes whenever a file of the run does."""
    state = [str(VERSION)]
    for one in files:
        for path in (one.predictions, one.reviews):
            found = path.stat() if path else None
            state.append(repr((one.model, str(path), found and (found.st_size, found.st_mtime_ns, found.st_ino))))
    return hashlib.blake2b(repr(state).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
