"""What was taken from a hub, pinned: the same id and revision are the same files."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A local copy of a hub's repository, or of the part of it that is needed.

    Attributes:
        folder: where the files lie on this machine; no part of what it is.
        hub: "modelscope" or "huggingface".
        id: of the repository there, such as "openai/gsm8k".
        revision: the commit where the hub gives one, else a digest over the paths and sums of all its files; empty
            where only the files themselves are known.
    """

    folder: Path
    hub: str
    id: str
    revision: str

    @property
    def origin(self) -> dict[str, str]:
        """Hub, id and revision as reports hold them: nothing that only this machine knows."""
        return {"hub": self.hub, "id": self.id, "revision": self.revision}
