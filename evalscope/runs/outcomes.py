"""How each sample of a run ended, as its reviews tell."""

from typing import NamedTuple

from evalscope.runs.folder import RunFolder
from evalscope.runs.rows import read_rows


class Ended(NamedTuple):
    """Names one answer of a run."""

    dataset: str
    subset: str
    sample_id: str
    repeat: int


def read_outcomes(folder: RunFolder) -> dict[Ended, str]:
    """The class that each sample ended in, by name; rows that are torn are passed over."""
    found: dict[Ended, str] = {}
    for path in sorted((folder.root / "reviews").glob("*/*.jsonl")):
        for stored in read_rows(path):
            row = stored.row
            try:
                found[Ended(row["dataset"], row["subset"], row["sample_id"], row["repeat"])] = row["outcome"]
            except KeyError:
                continue
    return found
