"""Append-only rows: whole rows or none, whatever happens."""

import json
import os
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from evalscope.runs.rows import RowFile, unknown_places

A, B = b'{"n":1}\n', b'{"n":2}\n'
BIG = {"text": "水" * 40_000}


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def stored(path: Path) -> list[object]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_rows_are_in_the_file_as_soon_as_they_are_appended(tmp_path):
    path = tmp_path / "new" / "folder" / "rows.jsonl"
    rows = RowFile(path)
    offsets = [rows.append({"n": number, "text": "行\n"}) for number in range(3)]
    assert stored(path) == [{"n": number, "text": "行\n"} for number in range(3)]
    assert [rows.read(offset)["n"] for offset in reversed(offsets)] == [2, 1, 0]
    assert [row.offset for row in rows.rows()] == offsets
    rows.close()
    rows.close()


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (A + B[:4], A),
        (A + B[:-1], A),
        (A + B, A + B),
        (A[:-1], b""),
        (b"x" * 200_000, b""),
        (A + b"x" * 200_000, A),
        (A + b"\xe6\xb0", A),
        (b"", b""),
        (b"\n", b"\n"),
    ],
    ids=[
        "torn in the middle",
        "torn before the newline",
        "whole",
        "one row without newline",
        "long file without newline",
        "long tail without newline",
        "torn inside a sign",
        "empty",
        "an empty line",
    ],
)
def test_a_torn_tail_is_cut_off_at_the_last_newline(content, kept, tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    rows = RowFile(path)
    assert path.read_bytes() == kept
    offset = rows.append({"n": 3})
    assert (offset, rows.read(offset)) == (len(kept), {"n": 3})
    rows.close()
    assert path.read_bytes() == kept + b'{"n":3}\n'


@pytest.mark.parametrize("size", [16_370, 16_384, 32_768, 100_000], ids=str)
def test_rows_longer_than_a_block_are_read_back_whole(size, tmp_path):
    rows = RowFile(tmp_path / "rows.jsonl")
    written = [{"text": "x" * (size - len('{"text":""}\n') + extra)} for extra in (-1, 0, 1)]
    offsets = [rows.append(row) for row in written]
    assert [rows.read(offset) for offset in offsets] == written
    rows.reorder(offsets[::-1])
    rows.close()
    assert stored(tmp_path / "rows.jsonl") == written[::-1]


def test_lines_that_are_no_rows_are_passed_over_and_dropped_by_reordering(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(A + b"garbage\n\n[1]\n\xff\xfe\n" + B)
    rows = RowFile(path)
    found = list(rows.rows())
    assert [row.row for row in found] == [{"n": 1}, {"n": 2}]
    rows.reorder([row.offset for row in found])
    rows.close()
    assert path.read_bytes() == A + B


def test_fresh_rows_replace_those_of_an_earlier_walk(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(A)
    RowFile(path, is_fresh=True).close()
    assert path.read_bytes() == b""


def test_reordering_keeps_only_what_is_named_and_goes_on(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = RowFile(path)
    offsets = [rows.append({"n": number}) for number in range(4)]
    rows.reorder([offsets[3], offsets[0]])
    rows.append({"n": 9})
    rows.close()
    assert stored(path) == [{"n": 3}, {"n": 0}, {"n": 9}]
    assert names_in(tmp_path) == ["rows.jsonl"]


def test_rows_already_in_order_are_not_written_again(tmp_path):
    path = tmp_path / "rows.jsonl"
    rows = RowFile(path)
    offsets = [rows.append({"n": number}) for number in range(3)]
    before = path.stat().st_ino
    rows.reorder(offsets)
    rows.close()
    assert path.stat().st_ino == before
    assert all(low < high for low, high in pairwise(offsets))


def test_a_copy_that_a_crash_left_behind_does_not_matter(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.with_name(".rows.jsonl.new").write_bytes(b"half of a")
    rows = RowFile(path)
    offsets = [rows.append({"n": number}) for number in range(2)]
    rows.reorder(offsets[::-1])
    rows.close()
    assert stored(path) == [{"n": 1}, {"n": 0}]


def test_a_full_disk_leaves_whole_rows_and_can_be_continued(tiny_disk):
    path = tiny_disk / "rows.jsonl"
    rows = RowFile(path)
    offset = rows.append({"n": 1})
    with pytest.raises(OSError, match="No space left"):
        rows.append(BIG)
    assert stored(path) == [{"n": 1}]
    second = rows.append({"n": 2})
    assert [rows.read(offset), rows.read(second)] == [{"n": 1}, {"n": 2}]
    rows.close()
    assert stored(path) == [{"n": 1}, {"n": 2}]


def test_a_disk_too_full_to_reorder_leaves_the_file_as_it_was(tiny_disk):
    path = tiny_disk / "rows.jsonl"
    rows = RowFile(path)
    offsets = [rows.append({"n": number, "text": "x" * 15_000}) for number in range(3)]
    before = path.read_bytes()
    with pytest.raises(OSError, match="No space left"):
        rows.reorder(offsets[::-1])
    assert path.read_bytes() == before
    assert names_in(tiny_disk) == ["rows.jsonl"]
    rows.append({"n": 3})
    rows.close()


def test_places_are_unknown_until_they_are_set():
    assert list(unknown_places(3)) == [-1, -1, -1]
    assert list(unknown_places(0)) == []


def test_synced_rows_are_not_synced_again(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    rows = RowFile(tmp_path / "rows.jsonl")
    rows.sync()
    assert not synced
    rows.append({"a": 1})
    rows.sync()
    rows.sync()
    assert len(synced) == 1
