import hashlib
import os

import pytest

from evalscope.sources.hubs import checking
from evalscope.sources.hubs.checking import differences
from evalscope.sources.hubs.listing import HubFile, digest_of

CONTENT = b"some records\n"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.jsonl").write_bytes(CONTENT)
    return tmp_path / "data"


def file(**told) -> HubFile:
    return HubFile(**{"path": "a.jsonl", "size_bytes": len(CONTENT), "sha256": SHA256, **told})


# git's own name of this content: printf 'some records\n' | git hash-object --stdin
GIT_SHA1 = hashlib.sha1(b"blob 13\0" + CONTENT).hexdigest()


@pytest.mark.parametrize(
    "told",
    [{}, {"size_bytes": None}, {"sha256": SHA256.upper()}, {"sha256": ""}, {"sha256": "", "git_sha1": GIT_SHA1}],
    ids=["as listed", "no size", "large letters", "no sum", "git's sum"],
)
def test_a_file_as_listed_is_right(folder, told):
    assert differences(folder, [file(**told)]) == {}


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"size_bytes": 12}, "has 13 bytes instead of 12"),
        ({"sha256": "0" * 64}, "has sha256 "),
        ({"sha256": "", "git_sha1": "0" * 40}, "has git's sum "),
        ({"path": "b.jsonl"}, "is not there"),
    ],
)
def test_what_differs_is_told(folder, told, wrong):
    (found,) = differences(folder, [file(**told)]).values()
    assert found.startswith(wrong)


def test_a_file_that_was_right_is_not_read_again_until_it_changes(folder, monkeypatch):
    assert not differences(folder, [file()])
    read = []
    monkeypatch.setattr(checking, "sha256_of", lambda path: read.append(path) or "0" * 64)
    assert not differences(folder, [file()])
    assert not read
    os.utime(folder / "a.jsonl", ns=(1, 1))
    assert differences(folder, [file()])
    assert len(read) == 1


def test_where_no_note_can_be_left_files_are_still_compared(folder, tmp_path, monkeypatch):
    (tmp_path / "no-folder").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "no-folder"))
    assert not differences(folder, [file()])
    assert differences(folder, [file(sha256="0" * 64)])


def test_nothing_is_put_beside_the_data(folder):
    differences(folder, [file()])
    assert [path.name for path in folder.iterdir()] == ["a.jsonl"]


def test_the_digest_of_a_listing_moves_with_each_path_size_and_sum_and_not_with_order():
    files = [file(), file(path="b.jsonl")]
    digest = digest_of(files)
    assert digest == digest_of(reversed(files))
    others = ([file()], [file(), file(path="c.jsonl")], [file(), file(path="b.jsonl", sha256="0" * 64)])
    assert len({digest, *map(digest_of, others)}) == 4
