"""Digests of records, found again by their place."""

import pytest

from evalscope.core.digests import DIGEST_BYTES, Digests

ONE, TWO, THREE = (bytes([number]) * DIGEST_BYTES for number in (1, 2, 3))


def digests(*records: bytes, examples: bytes = b"") -> Digests:
    return Digests(rows=range(len(records)), records=b"".join(records), examples=examples)


@pytest.mark.parametrize(("wanted", "place"), [(ONE, 0), (TWO, 1), (THREE, None)], ids=["first", "second", "none"])
def test_a_record_is_found_by_its_digest(wanted, place):
    assert digests(ONE, TWO).place_of(wanted) == place


def test_the_seam_of_two_digests_is_no_record():
    seam = (ONE + TWO)[8 : 8 + DIGEST_BYTES]
    assert digests(ONE, TWO).place_of(seam) is None
    assert digests(ONE, TWO, seam).place_of(seam) == 2


def test_records_and_examples_are_cut_at_their_places():
    both = digests(ONE, TWO, examples=THREE)
    assert (both.record(1), both.example(0), both.num_examples) == (TWO, THREE, 1)
