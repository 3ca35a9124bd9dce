"""The files that serve a benchmark, once they are found, and what is known of where they came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evalscope.core.snapshot import Snapshot
from evalscope.sources.layouts import Served


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The files that serve a benchmark.

    Attributes:
        path: that they were found in.
        served: by subset.
        snapshot: what they are on their hub; None where that is not known.
        used: names of all files that are read, below the path; archives whole.
    """

    path: Path
    served: tuple[Served, ...]
    snapshot: Snapshot | None = None
    used: tuple[str, ...] = ()

    @property
    def origin(self) -> Mapping[str, str]:
        """Hub, id and revision, or the name of a local path: nothing that only this machine knows."""
        if self.snapshot is None:
            return {"path": self.path.name}
        return self.snapshot.origin
