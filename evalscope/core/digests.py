"""What stands for the records of one subset: a digest for each, so that two runs can be laid side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """The records that a subset is asked from.

    Attributes:
        rows: which records of the split are asked, by number from 0, ascending.
        records: DIGEST_BYTES for each of them, in the same order.
        examples: DIGEST_BYTES for each solved example, in the order in which they are shown.
    """

    rows: Sequence[int]
    records: bytes
    examples: bytes

    @property
    def num_examples(self) -> int:
        """How many solved examples there are."""
        return len(self.examples) // DIGEST_BYTES

    def record(self, index: int) -> bytes:
        """The digest of the record at a place of `rows`."""
        return self.records[index * DIGEST_BYTES : (index + 1) * DIGEST_BYTES]

    def example(self, index: int) -> bytes:
        """The digest of a solved example."""
        return self.examples[index * DIGEST_BYTES : (index + 1) * DIGEST_BYTES]

    def place_of(self, record: bytes) -> int | None:
        """The place in `rows` of a record of this digest; None where there is none."""
        found = self.records.find(record)
        while (
            found >= 0 and found % DIGEST_BYTES
        ):  # the end of one digest and the beginning of the next may look like it
            found = self.records.find(record, found + 1)
        return None if found < 0 else found // DIGEST_BYTES
