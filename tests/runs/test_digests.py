"""The file that holds the digests of a run's records."""

import json

import pytest

from evalscope.core.digests import DIGEST_BYTES, Digests
from evalscope.runs.digests import read_digests, write_digests

ONE, TWO, THREE = (bytes([number]) * DIGEST_BYTES for number in (1, 2, 255))


@pytest.mark.parametrize("rows", [range(2), (3, 17)], ids=["the first", "drawn"])
def test_what_is_written_is_read_again(rows, tmp_path):
    path = tmp_path / "records" / "a.jsonl"
    write_digests(path, Digests(rows=rows, records=ONE + TWO, examples=THREE))
    read = read_digests(path)
    assert read is not None
    assert (list(read.rows), read.records, read.examples) == (list(rows), ONE + TWO, THREE)
    assert [path.name for path in path.parent.iterdir()] == ["a.jsonl"]


def test_every_record_is_one_line_of_json(tmp_path):
    path = tmp_path / "a.jsonl"
    write_digests(path, Digests(rows=(5,), records=ONE, examples=TWO))
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {"example": 0, "record": "02" * DIGEST_BYTES},
        {"row": 5, "record": "01" * DIGEST_BYTES},
    ]


def test_more_than_is_written_at_a_time_comes_back_whole(tmp_path):
    path, num = tmp_path / "a.jsonl", 10_000
    write_digests(path, Digests(rows=range(num), records=ONE * num, examples=b""))
    read = read_digests(path)
    assert read is not None
    assert (len(read.rows), read.records) == (num, ONE * num)


@pytest.mark.parametrize(
    "content", ["{torn\n", "[1]\n", '{"row": 1}\n', '{"row": "x", "record": "00"}\n', '{"row": 1, "record": "zz"}\n']
)
def test_a_file_that_is_not_whole_tells_nothing(content, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(content)
    assert read_digests(path) is None


def test_a_file_that_is_not_there_tells_nothing(tmp_path):
    assert read_digests(tmp_path / "a.jsonl") is None
