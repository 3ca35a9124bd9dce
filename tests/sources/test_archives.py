import io
import tarfile

import pytest
from source_builders import SUMS, as_jsonl, lay_out, load_from, sums

from evalscope.errors import DatasetError
from evalscope.sources.archives import open_member
from evalscope.sources.trees import list_tree

MODES = {"a.tar": "w", "a.tar.gz": "w:gz", "a.tgz": "w:gz", "a.tar.bz2": "w:bz2", "a.tar.xz": "w:xz"}


def write_tar(path, files, mode="w"):
    with tarfile.open(path, mode) as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", MODES)
def test_records_are_read_from_a_tar_however_it_is_compressed(name, tmp_path):
    write_tar(
        tmp_path / name, {"data/main/test.jsonl": as_jsonl(SUMS), "data/main/train.jsonl": as_jsonl(SUMS)}, MODES[name]
    )
    for path in (tmp_path, tmp_path / name):
        (subset,) = load_from(path, sums()).subsets
        assert subset.num == len(SUMS)
        assert len(list(subset.samples)) == len(SUMS)


def test_members_are_listed_without_hidden_ones_and_links(tmp_path):
    path = write_tar(tmp_path / "a.tar", {"./b/test.jsonl": b"x", "./.hidden": b"x", "__MACOSX/a": b"x", "a/._b": b"x"})
    with tarfile.open(path, "a") as tar:
        link = tarfile.TarInfo("linked.jsonl")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert list(list_tree(path).files) == ["b/test.jsonl"]


def test_members_are_read_in_any_order(tmp_path):
    path = write_tar(tmp_path / "a.tar.gz", {f"{n}.txt": str(n).encode() * n for n in range(50)}, "w:gz")
    assert [open_member(path, f"{n}.txt").read() for n in (40, 3, 40)] == [b"40" * 40, b"333", b"40" * 40]


def test_an_archive_that_was_replaced_is_read_anew(tmp_path):
    path = write_tar(tmp_path / "a.tar", {"a.txt": b"old"})
    assert open_member(path, "a.txt").read() == b"old"
    write_tar(path, {"a.txt": b"newer", "b.txt": b""})
    assert open_member(path, "a.txt").read() == b"newer"


@pytest.mark.parametrize("name", MODES)
def test_a_torn_tar_is_an_error_that_names_it(name, tmp_path):
    path = write_tar(tmp_path / name, {"test.jsonl": as_jsonl(SUMS) * 300}, MODES[name])
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DatasetError, match=r"a\.t.* cannot be read"):
        list(load_from(path, sums()).subsets)


def test_a_broken_tar_beside_the_data_is_passed_over_with_a_warning(tmp_path, caplog):
    lay_out(tmp_path, {"a.tar": b"no tar", "main/test.jsonl": SUMS, "main/train.jsonl": SUMS})
    (subset,) = load_from(tmp_path, sums()).subsets
    assert subset.num == len(SUMS)
    assert "a.tar is passed over" in caplog.text
