import pytest
from source_builders import SUMS, lay_out

from evalscope.errors import DatasetError
from evalscope.sources import trees
from evalscope.sources.trees import list_tree


def test_names_are_sorted_and_hidden_ones_left_out(tmp_path):
    lay_out(tmp_path, {"b/x.jsonl": SUMS, "a.txt": "", ".git/x.jsonl": SUMS, "b/.x.jsonl": SUMS})
    assert list(list_tree(tmp_path).files) == ["a.txt", "b/x.jsonl"]


def test_members_of_a_zip_are_listed_under_its_own_folder_after_plain_files(tmp_path):
    lay_out(tmp_path, {"b/data.zip": {"main/test.jsonl": SUMS}, "c.jsonl": SUMS})
    assert list(list_tree(tmp_path).files) == ["b/data.zip", "c.jsonl", "b/main/test.jsonl"]


def test_a_zip_by_itself_is_a_tree(tmp_path):
    lay_out(tmp_path, {"data.zip": {"main/test.jsonl": SUMS, "__MACOSX/main/._test.jsonl": b"x", ".DS_Store": b"x"}})
    assert list(list_tree(tmp_path / "data.zip").files) == ["main/test.jsonl"]


def test_a_plain_file_goes_before_the_same_name_in_a_zip(tmp_path):
    lay_out(tmp_path, {"data.zip": {"test.jsonl": SUMS}, "test.jsonl": SUMS})
    assert not list_tree(tmp_path).pick("test.jsonl").member


def test_the_same_name_in_two_archives_is_a_tie(tmp_path):
    lay_out(tmp_path, {"a.zip": {"test.jsonl": SUMS}, "b.zip": {"test.jsonl": SUMS}})
    with pytest.raises(DatasetError, match=r"a\.zip/test\.jsonl and .*b\.zip/test\.jsonl"):
        list_tree(tmp_path).pick("test.jsonl")


def test_a_broken_zip_beside_the_data_is_passed_over_with_a_warning(tmp_path, caplog):
    lay_out(tmp_path, {"a.zip": b"no zip", "test.jsonl": SUMS})
    assert list(list_tree(tmp_path).files) == ["a.zip", "test.jsonl"]
    assert "a.zip is passed over" in caplog.text


def test_a_broken_zip_by_itself_is_an_error(tmp_path):
    lay_out(tmp_path, {"a.zip": b"no zip"})
    with pytest.raises(DatasetError, match=r"a\.zip cannot be read"):
        list_tree(tmp_path / "a.zip")


def test_linked_folders_are_followed_but_not_in_circles(tmp_path):
    lay_out(tmp_path, {"real/test.jsonl": SUMS, "data/readme.txt": ""})
    (tmp_path / "data" / "main").symlink_to(tmp_path / "real")
    (tmp_path / "data" / "again").symlink_to(tmp_path / "data")
    assert list(list_tree(tmp_path / "data").files) == ["main/test.jsonl", "readme.txt"]


def test_a_folder_of_far_too_many_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(trees, "MOST_FILES", 3)
    lay_out(tmp_path, {f"{n}.txt": "" for n in range(4)})
    with pytest.raises(DatasetError, match="holds more than 3 files"):
        list_tree(tmp_path)


def test_folders_are_those_that_hold_records(tmp_path):
    lay_out(tmp_path, {"a/b/test.jsonl": SUMS, "docs/page.md": "", "a.jsonl": SUMS})
    assert list_tree(tmp_path).folders == ("a/", "a/b/")
