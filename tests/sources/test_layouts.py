import re
from dataclasses import replace

import pytest
from source_builders import EASY, HARD, MORE_SUMS, SUMS, as_jsonl, lay_out, load_from, quiz, sums

from evalscope.core.benchmark import Source
from evalscope.errors import DatasetError
from evalscope.sources.layouts import Wanted, find_files
from evalscope.sources.trees import list_tree

CONFIGS = """---
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: socratic
  data_files:
  - split: test
    path: socratic/test-*
---
# A card
"""

SUMS_LAYOUTS = {
    "flat jsonl": {"test.jsonl": SUMS, "train.jsonl": MORE_SUMS},
    "folder a subset": {"main/test.jsonl": SUMS, "main/train.jsonl": MORE_SUMS},
    "beside another subset": {
        "main/test.jsonl": SUMS,
        "main/train.jsonl": MORE_SUMS,
        "socratic/test.jsonl": MORE_SUMS,
        "socratic/train.jsonl": SUMS,
    },
    "hub clone": {
        "README.md": CONFIGS,
        "main/test-00000-of-00001.parquet": SUMS,
        "main/train-00000-of-00001.parquet": MORE_SUMS,
        "socratic/test-00000-of-00001.parquet": MORE_SUMS,
    },
    "hub clone, configs stale": {"README.md": CONFIGS, "main/test.jsonl": SUMS, "main/train.jsonl": MORE_SUMS},
    "hub clone, odd names by configs": {
        "README.md": CONFIGS.replace("main/test-*", "a/**/x?.json*").replace("main/train-*", "train_v2.csv"),
        "a/b/c/x1.jsonl": SUMS,
        "train_v2.csv": MORE_SUMS,
    },
    "two shards": {
        "main/test-00000-of-00002.parquet": SUMS[:4],
        "main/test-00001-of-00002.parquet": SUMS[4:],
        "main/train-00000-of-00001.parquet": MORE_SUMS,
    },
    "shards with digests": {
        "data/test-00000-of-00002-0a1b2c3d.parquet": SUMS[:1],
        "data/test-00001-of-00002-99ffee00.parquet": SUMS[1:],
        "data/train-00000-of-00001-00000000.parquet": MORE_SUMS,
    },
    "converted by the hub": {
        "main/test/0000.parquet": SUMS[:3],
        "main/test/0001.parquet": SUMS[3:],
        "main/train/0000.parquet": MORE_SUMS,
    },
    "in data": {"data/main/test.jsonl": SUMS, "data/main/train.jsonl": MORE_SUMS},
    "in a folder of the benchmark's name": {"sums/test.json": SUMS, "sums/train.json": MORE_SUMS, "x/a.json": SUMS},
    "in data and its name": {"data/sums/main_test.csv": SUMS, "data/sums/main_train.csv": MORE_SUMS, "x/a.json": SUMS},
    "authors' clone": {
        "README.md": "# no configs",
        "other_files/model_solutions.jsonl": MORE_SUMS,
        "school_sums/data/test.jsonl": SUMS,
        "school_sums/data/train.jsonl": MORE_SUMS,
        "school_sums/data/test_socratic.jsonl": MORE_SUMS,
        "school_sums/data/train_socratic.jsonl": SUMS,
    },
    "deep, beside another subset": {
        "a/b/main/test.jsonl": SUMS,
        "a/b/main/train.jsonl": MORE_SUMS,
        "a/b/socratic/test.jsonl": MORE_SUMS,
        "c/x.jsonl": MORE_SUMS,
    },
    "folder a split": {"test/main.tsv": SUMS, "train/main.tsv": MORE_SUMS},
    "folder a split, names with both": {"data/test/main_test.csv": SUMS, "data/train/main_train.csv": MORE_SUMS},
    "dashes": {"main-test.jsonl": SUMS, "main-train.jsonl": MORE_SUMS},
    "gz": {"test.jsonl.gz": SUMS, "train.csv.gz": MORE_SUMS},
    "zip in a folder": {"data.zip": {"test.jsonl": SUMS, "train.jsonl": MORE_SUMS}},
    "zip with a top folder": {
        "sums-v1.zip": {"sums-v1/main/test.jsonl": SUMS, "sums-v1/main/train.parquet": MORE_SUMS}
    },
    "two zips": {"a.zip": {"test.jsonl": SUMS}, "b.zip": {"train.jsonl.gz": MORE_SUMS}},
    "misleading names": {
        "test.jsonl": SUMS,
        "train.jsonl": MORE_SUMS,
        "auxiliary_train.parquet": SUMS,
        "test_old.parquet": MORE_SUMS,
        "main_testing.parquet": MORE_SUMS,
    },
}


def wanted(**changes):
    source = Source(**{"id": "x/y", "subsets": ("main",), "few_shot_split": None, **changes})
    return Wanted(name="sums", source=source, subsets=source.subsets, is_picked=False)


def served(tmp_path, files, want=None):
    """The names below the folder that serve, by subset."""
    tree = list_tree(lay_out(tmp_path, files))
    found = find_files(tree, want or wanted())
    return {one.subset: [str(file).removeprefix(f"{tmp_path}/") for file in one.asked] for one in found}


@pytest.mark.parametrize("files", SUMS_LAYOUTS.values(), ids=SUMS_LAYOUTS)
def test_every_layout_gives_the_same_samples_examples_and_fingerprint(tmp_path, files):
    plain = load_from(lay_out(tmp_path / "plain", SUMS_LAYOUTS["folder a subset"]))
    loaded = load_from(lay_out(tmp_path / "other", files))
    assert loaded.fingerprint == plain.fingerprint
    assert list(loaded.subsets[0].samples) == list(plain.subsets[0].samples)
    assert loaded.subsets[0].examples == plain.subsets[0].examples
    assert (loaded.subsets[0].name, loaded.few_shot_num, loaded.notes) == ("main", 2, ())


@pytest.mark.parametrize("name", ["questions.jsonl", "q.parquet", "q.csv", "q.json", "q.tsv", "q.jsonl.gz", "q.zip"])
def test_one_file_serves_the_evaluated_split_without_examples(tmp_path, name):
    lay_out(tmp_path, {name: {"test.jsonl": SUMS} if name.endswith("zip") else SUMS})
    loaded = load_from(tmp_path / name)
    assert [sample.target for sample in loaded.subsets[0].samples] == [str(2 * n) for n in range(1, 8)]
    assert (loaded.subsets[0].name, loaded.few_shot_num, len(loaded.notes)) == ("main", 0, 1)


QUIZ_LAYOUTS = {
    "hub clone": {
        f"{subset}/{split}-00000-of-00001.parquet": records
        for split in ("test", "train")
        for subset, records in (("Quiz-Easy", EASY), ("Quiz-Hard", HARD))
    },
    "folder a subset": {"Quiz-Easy/test.jsonl": EASY, "Quiz-Hard/test.jsonl": HARD},
    "old archive": {"data.zip": {"Quiz-Easy/Quiz-Easy-Test.jsonl": EASY, "Quiz-Hard/Quiz-Hard-Test.jsonl": HARD}},
    "authors' archive": {
        "Quiz-V1-Feb2018-2/README.txt": "",
        "Quiz-V1-Feb2018-2/Corpus.jsonl": EASY,
        "Quiz-V1-Feb2018-2/Quiz-Easy/Quiz-Easy-Test.jsonl": EASY,
        "Quiz-V1-Feb2018-2/Quiz-Easy/Quiz-Easy-Dev.jsonl": HARD,
        "Quiz-V1-Feb2018-2/Quiz-Hard/Quiz-Hard-Test.jsonl": HARD,
    },
    "authors' zip": {
        "v1.zip": {
            "Quiz-V1-Feb2018-2/Quiz-Easy/Quiz-Easy-Test.jsonl": EASY,
            "Quiz-V1-Feb2018-2/Quiz-Hard/Quiz-Hard-Test.jsonl": HARD,
        }
    },
    "each its own format": {"Quiz-Easy_test.json": EASY, "test/Quiz-Hard.jsonl.gz": HARD},
}


@pytest.mark.parametrize("files", QUIZ_LAYOUTS.values(), ids=QUIZ_LAYOUTS)
def test_every_layout_of_several_subsets_gives_the_same(tmp_path, files):
    plain = load_from(lay_out(tmp_path / "plain", QUIZ_LAYOUTS["folder a subset"]), quiz())
    loaded = load_from(lay_out(tmp_path / "other", files), quiz())
    assert [(one.name, one.num) for one in loaded.subsets] == [("Quiz-Easy", 5), ("Quiz-Hard", 3)]
    assert loaded.fingerprint == plain.fingerprint


@pytest.mark.parametrize(
    ("files", "serves"),
    [
        pytest.param(
            {"test.jsonl": SUMS, "main/test.csv": SUMS}, "main/test.csv", id="named subset before split alone"
        ),
        pytest.param({"test.jsonl": SUMS, "data/main/test.jsonl": SUMS}, "test.jsonl", id="the folder before data"),
        pytest.param({"data/test.csv": SUMS, "sums/test.csv": SUMS}, "data/test.csv", id="data before its name"),
        pytest.param({"sums/test.csv": SUMS, "z/test.csv": SUMS}, "sums/test.csv", id="its name before deeper ones"),
        pytest.param(
            {"test.csv": SUMS, "test.jsonl": SUMS, "test.json": SUMS}, "test.jsonl", id="jsonl before json, csv"
        ),
        pytest.param({"test.csv": SUMS, "test.parquet": SUMS}, "test.parquet", id="parquet first"),
        pytest.param({"test.parquet.gz": SUMS, "test.tsv": SUMS}, "test.tsv", id="plain before gz"),
        pytest.param({"test-00000-of-00001.parquet": SUMS, "test.tsv": SUMS}, "test.tsv", id="whole before cut"),
        pytest.param({"a.zip": {"test.jsonl": SUMS}, "test.jsonl": SUMS}, "test.jsonl", id="plain before zip"),
    ],
)
def test_one_order_of_preference_decides(tmp_path, files, serves):
    assert served(tmp_path, files) == {"main": [serves]}


def test_configs_go_before_names(tmp_path):
    files = {"README.md": CONFIGS, "main/test.jsonl": SUMS, "main/test-00000-of-00001.csv": SUMS}
    assert served(tmp_path, files) == {"main": ["main/test-00000-of-00001.csv"]}


def test_the_only_config_serves_the_only_subset_under_any_name(tmp_path):
    readme = "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n    path: odd.jsonl\n---\n"
    assert served(tmp_path, {"README.md": readme, "odd.jsonl": SUMS}) == {"main": ["odd.jsonl"]}


def test_a_benchmarks_own_pattern_goes_before_the_common_ones(tmp_path):
    files = {"sums_TEST.jsonl": SUMS, "main/test.jsonl": SUMS, "Test/of main.csv": SUMS}
    assert served(tmp_path, files, wanted(patterns=("{Split}/of {subset}",))) == {"main": ["Test/of main.csv"]}


def test_a_pattern_with_a_star_serves_all_files_it_matches_in_order(tmp_path):
    files = {"test/b/2.json": SUMS, "test/a/1.json": SUMS, "train/a/3.json": SUMS, "test/c/d/4.json": SUMS}
    assert served(tmp_path, files, wanted(patterns=("{split}/*/*",))) == {"main": ["test/a/1.json", "test/b/2.json"]}


@pytest.mark.parametrize(
    ("split", "names", "serves"),
    [
        ("validation", ["val.jsonl"], "val.jsonl"),
        ("validation", ["val.jsonl", "main/validation.csv"], "main/validation.csv"),
        ("validation", ["main/val.jsonl", "validation.csv"], "validation.csv"),
        ("val", ["validation.jsonl"], "validation.jsonl"),
        ("test", ["main/test.jsonl", "main/auxiliary_test.parquet"], "main/test.jsonl"),
    ],
)
def test_the_exact_name_of_a_split_goes_before_its_synonym(tmp_path, split, names, serves):
    assert served(tmp_path, dict.fromkeys(names, SUMS), wanted(split=split)) == {"main": [serves]}


@pytest.mark.parametrize(
    ("split", "name"),
    [
        ("validation", "dev.jsonl"),
        ("dev", "validation.jsonl"),
        ("train", "auxiliary_train.jsonl"),
        ("test", "test_socratic.jsonl"),
        ("test", "latest.jsonl"),
        ("test", "test.txt"),
    ],
)
def test_no_other_name_serves_a_split(tmp_path, split, name):
    with pytest.raises(DatasetError, match=rf"no file for the '{split}' split of subset 'main'.*found {name}"):
        served(tmp_path, {name: as_jsonl(SUMS)}, wanted(split=split))


def test_what_was_looked_for_and_what_is_there_is_told(tmp_path):
    files = {f"{n:02}.txt": "" for n in range(12)}
    with pytest.raises(DatasetError) as caught:
        served(tmp_path, files, wanted(patterns=("own_{split}",)))
    message = str(caught.value)
    assert "Looked for own_test.jsonl, main/test.jsonl, test/main.jsonl, test/main_test.jsonl" in message
    assert "found 00.txt, 01.txt" in message
    assert "09.txt, … (12 files)" in message
    assert "10.txt" not in message


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(DatasetError, match="found no file at all"):
        served(tmp_path, {})


def test_missing_shards_are_named(tmp_path):
    files = {f"main/test-0000{n}-of-00004.parquet": SUMS for n in (0, 2)}
    with pytest.raises(DatasetError, match=r"main/test-00001-of-00004\.parquet, main/test-00003-of-00004\.parquet are"):
        served(tmp_path, files)


def test_missing_shards_of_a_config_are_named(tmp_path):
    files = {"README.md": CONFIGS, "main/test-00001-of-00002.parquet": SUMS}
    with pytest.raises(DatasetError, match=r"main/test-00000-of-00002\.parquet is missing"):
        served(tmp_path, files)


def test_shards_of_several_names_under_one_pattern_are_counted_apart(tmp_path):
    files = {f"test/{part}-00000-of-0000{num}.parquet": SUMS for part, num in (("a", 1), ("b", 2))}
    with pytest.raises(DatasetError, match=r"and test/b-00001-of-00002\.parquet is missing"):
        served(tmp_path, files, wanted(patterns=("{split}/*",)))
    files["test/b-00001-of-00002.parquet"] = SUMS
    assert len(served(tmp_path, files, wanted(patterns=("{split}/*",)))["main"]) == 3


def test_two_cuts_of_one_split_are_an_error(tmp_path):
    files = {
        "test-00000-of-00001.parquet": SUMS,
        "test-00000-of-00002.parquet": SUMS,
        "test-00001-of-00002.parquet": SUMS,
    }
    with pytest.raises(DatasetError, match="cut into files in two ways"):
        served(tmp_path, files)


def test_two_deeper_folders_are_a_tie_that_names_both(tmp_path):
    files = {"a/v1/test.jsonl": SUMS, "b/v2/test.jsonl": SUMS}
    with pytest.raises(DatasetError, match=r"a/v1/test\.jsonl and .*b/v2/test\.jsonl could both hold the 'test' split"):
        served(tmp_path, files)


def test_two_archives_with_the_serving_name_are_a_tie(tmp_path):
    files = {"a.zip": {"test.jsonl": SUMS}, "b.zip": {"test.jsonl": SUMS}}
    with pytest.raises(DatasetError, match=r"two files could be 'test\.jsonl'"):
        served(tmp_path, files)


def test_one_missing_subset_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"of subset 'Quiz-Hard' in.*leave the subset out by subset_list"):
        load_from(lay_out(tmp_path, {"Quiz-Easy/test.jsonl": EASY}), quiz())


@pytest.mark.parametrize(
    ("path", "args", "subset"),
    [
        pytest.param("Quiz-Hard-Test.jsonl", {}, "Quiz-Hard", id="by the file's name"),
        pytest.param("my_quiz_hard.jsonl", {}, "Quiz-Hard", id="by the file's name, folded"),
        pytest.param("x.jsonl", {"subset_list": ["Quiz-Hard"]}, "Quiz-Hard", id="by subset_list"),
        pytest.param("x.jsonl", {"subset_list": ["Quiz-Hard", "Quiz-Easy"]}, "default", id="subset_list names two"),
        pytest.param("x.jsonl", {}, "default", id="no name"),
    ],
)
def test_one_file_of_a_benchmark_with_subsets_is_named(tmp_path, path, args, subset):
    lay_out(tmp_path, {path: HARD})
    assert [one.name for one in load_from(tmp_path / path, quiz(), **args).subsets] == [subset]


@pytest.mark.parametrize(
    ("folder", "subset"), [("quiz-hard", "Quiz-Hard"), ("mine", "default")], ids=["by the folder's name", "no name"]
)
def test_plain_files_of_a_benchmark_with_subsets_are_one_subset(tmp_path, folder, subset):
    lay_out(tmp_path / folder, {"test.jsonl": HARD, "train.jsonl": EASY})
    loaded = load_from(tmp_path / folder, quiz())
    assert [(one.name, one.num) for one in loaded.subsets] == [(subset, 3)]


def test_subsets_that_are_not_asked_for_want_of_files_are_noted(tmp_path):
    lay_out(tmp_path / "Quiz-Easy", {"test.jsonl": EASY})
    (note,) = load_from(tmp_path / "Quiz-Easy", quiz()).notes
    assert re.search("Quiz-Easy is Quiz-Easy alone; not asked: Quiz-Hard", note)


def test_a_file_that_names_no_subset_is_noted(tmp_path):
    lay_out(tmp_path, {"x.jsonl": EASY})
    (note,) = load_from(tmp_path / "x.jsonl", quiz()).notes
    assert note.endswith("x.jsonl names no subset; all of it is asked as 'default'")


def test_a_file_named_like_another_subset_than_the_one_asked_is_refused(tmp_path):
    lay_out(tmp_path, {"Quiz-Easy-Test.jsonl": EASY})
    with pytest.raises(DatasetError, match="is subset 'Quiz-Easy' by its name"):
        load_from(tmp_path / "Quiz-Easy-Test.jsonl", quiz(), subset_list=["Quiz-Hard"])


def test_the_users_own_subsets_serve_where_the_data_names_none(tmp_path):
    bench = sums(subsets=("default",), few_shot_split=None, num_shots=0)
    bench = replace(bench, source=replace(bench.source, patterns=("{subset}_{split}", "{subset}")))
    lay_out(tmp_path, {"mine.jsonl": SUMS, "yours_test.jsonl": MORE_SUMS, "test.jsonl": SUMS})
    loaded = load_from(tmp_path, bench, subset_list=["mine", "yours"])
    assert [(one.name, one.num) for one in loaded.subsets] == [("mine", 7), ("yours", 12)]


def test_the_log_names_the_file_that_serves(tmp_path, caplog):
    caplog.set_level("INFO", "evalscope")
    load_from(lay_out(tmp_path, {"main/test.jsonl": SUMS, "main/train.jsonl": MORE_SUMS}))
    assert f"sums: main is read from {tmp_path}/main/test.jsonl" in caplog.text


def test_nothing_is_written_beside_the_data(tmp_path):
    lay_out(tmp_path, QUIZ_LAYOUTS["authors' zip"])
    before = {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))}
    tmp_path.chmod(0o555)
    try:
        list(load_from(tmp_path, quiz()).subsets[0].samples)
    finally:
        tmp_path.chmod(0o755)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path, *tmp_path.rglob("*"))} == before
