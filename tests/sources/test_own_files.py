"""Files of the user's own: the subsets they are named by, and examples that never come from what is asked."""

import pytest
from source_builders import MORE_SUMS, SUMS, lay_out, load_from, sums

from evalscope.errors import DatasetError

CONFIGS = """---
configs:
- config_name: main
  data_files:
  - split: train
    path: main/*
  - split: test
    path: main/test-*
- config_name: other
  data_files:
  - split: test
    path: other/test-*
---
"""


def own(**changes):
    """A benchmark for data of the user's own, which may have any subsets."""
    named = {"id": "", "subsets": ("default",), "patterns": ("{subset}_{split}", "{subset}"), "num_shots": 0}
    return sums(**{**named, **changes})


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("mine.jsonl",), id="one file"),
        pytest.param(("mine.jsonl", "yours_train.jsonl"), id="examples of another subset"),
    ],
)
def test_the_file_that_is_asked_never_serves_examples(tmp_path, names):
    lay_out(tmp_path, dict.fromkeys(names, SUMS))
    with pytest.raises(DatasetError, match=r"no few-shot split 'train' of 'mine' beside .*mine\.jsonl"):
        load_from(tmp_path, own(), subset_list=["mine"], few_shot_num=2)


def test_a_file_that_tells_no_split_never_serves_examples(tmp_path):
    lay_out(tmp_path, {"mine_test.jsonl": SUMS, "mine.jsonl": SUMS})
    (subset,) = load_from(tmp_path, own(num_shots=2), subset_list=["mine"]).subsets
    assert (subset.examples, subset.files) == ((), (f"{tmp_path}/mine_test.jsonl",))


def test_two_splits_declared_for_one_file_share_no_examples(tmp_path):
    lay_out(tmp_path, {"README.md": CONFIGS, "main/test-1.jsonl": SUMS, "main/train-1.jsonl": MORE_SUMS})
    loaded = load_from(tmp_path)
    assert (loaded.few_shot_num, loaded.subsets[0].examples) == (0, ())


def test_examples_beside_a_file_that_tells_no_split_are_found(tmp_path):
    lay_out(tmp_path, {"mine.jsonl": SUMS, "mine_train.jsonl": MORE_SUMS})
    (subset,) = load_from(tmp_path, own(num_shots=2), subset_list=["mine"]).subsets
    assert (subset.num, len(subset.examples)) == (7, 2)


@pytest.mark.parametrize(
    ("names", "subsets"),
    [
        pytest.param(("b_test.csv", "a_test.csv", "a_train.csv"), {"a": "a_test.csv", "b": "b_test.csv"}, id="flat"),
        pytest.param(("b.jsonl", "a.jsonl"), {"a": "a.jsonl", "b": "b.jsonl"}, id="names alone"),
        pytest.param(("b.jsonl", "a_test.csv", "c_train.csv"), {"a": "a_test.csv", "b": "b.jsonl"}, id="mixed"),
        pytest.param(("a/test.csv", "b/test.csv"), {"a": "a/test.csv", "b": "b/test.csv"}, id="folder a subset"),
        pytest.param(("test/a.csv", "test/b.csv"), {"a": "test/a.csv", "b": "test/b.csv"}, id="folder a split"),
        pytest.param(
            ("test/a_test.csv", "test/b_test.csv"), {"a": "test/a_test.csv", "b": "test/b_test.csv"}, id="both"
        ),
        pytest.param(("x/b-test.tsv", "x/a-test.tsv"), {"a": "x/a-test.tsv", "b": "x/b-test.tsv"}, id="a lone folder"),
        pytest.param(("a.jsonl", "a.csv", "b.jsonl.gz"), {"a": "a.jsonl", "b": "b.jsonl.gz"}, id="two formats"),
        pytest.param(("my_a_test.csv",), {"my_a": "my_a_test.csv"}, id="one subset"),
        pytest.param(
            ("a_test-00000-of-00001.parquet", "b-00000-of-00001.parquet"),
            {"a": "a_test-00000-of-00001.parquet", "b": "b-00000-of-00001.parquet"},
            id="counted",
        ),
        pytest.param(("test.jsonl", "train.jsonl", "val.jsonl", "dev.jsonl"), {"default": "test.jsonl"}, id="splits"),
        pytest.param(("x/test.jsonl",), {"default": "x/test.jsonl"}, id="a split in a folder"),
        pytest.param(("a/test.jsonl", "b/dev.jsonl"), {"default": "a/test.jsonl"}, id="a split in one of two folders"),
    ],
)
def test_files_of_the_users_own_name_their_subsets(tmp_path, names, subsets):
    loaded = load_from(lay_out(tmp_path, dict.fromkeys(names, SUMS)), own())
    assert {one.name: one.files[0].removeprefix(f"{tmp_path}/") for one in loaded.subsets} == subsets


def test_declared_subsets_of_the_users_own_are_asked(tmp_path):
    files = {"README.md": CONFIGS, "main/test-1.jsonl": SUMS, "other/test-1.jsonl": MORE_SUMS}
    loaded = load_from(lay_out(tmp_path, files), own())
    assert [(one.name, one.num) for one in loaded.subsets] == [("main", 7), ("other", 12)]


def test_the_log_names_the_subsets_that_were_found(tmp_path, caplog):
    caplog.set_level("INFO", "evalscope")
    load_from(lay_out(tmp_path, {"b.jsonl": SUMS, "a.jsonl": SUMS}), own())
    assert "sums: the subsets that files are named by: a, b" in caplog.text


def test_files_beside_the_split_that_is_asked_are_told(tmp_path, caplog):
    lay_out(tmp_path, {"test.jsonl": SUMS, "b.jsonl": SUMS, "a_test.csv": SUMS, "c_train.csv": SUMS})
    assert [one.name for one in load_from(tmp_path, own()).subsets] == ["default"]
    assert f"sums: {tmp_path} also holds a, b, not asked; subset_list names what is to be asked" in caplog.text


@pytest.mark.parametrize(
    "bench",
    [own(subsets=("main",)), own(id="nobody/sums"), own(patterns=())],
    ids=["has a named subset", "has data of its own", "no pattern without a split"],
)
def test_files_of_other_data_name_no_subsets(tmp_path, bench):
    lay_out(tmp_path, {"a.jsonl": SUMS, "b.jsonl": SUMS})
    with pytest.raises(DatasetError, match=r"no file for the 'test' split.*found a\.jsonl, b\.jsonl"):
        load_from(tmp_path, bench)


def test_only_files_of_other_splits_are_an_error_that_lists_them(tmp_path):
    lay_out(tmp_path, {"a_train.jsonl": SUMS, "dev.jsonl": SUMS})
    with pytest.raises(DatasetError, match=r"Looked for default_test\.jsonl.*found a_train\.jsonl, dev\.jsonl"):
        load_from(tmp_path, own())
