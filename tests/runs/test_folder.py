"""The run folder: a name of its own, files that every disk takes, and a link to the last run."""

from datetime import datetime
from pathlib import Path

import pytest

from evalscope.errors import ConfigError
from evalscope.runs.folder import RunFolder, file_name, make_run_folder, open_run_folder, point_latest

NOW = datetime(2026, 11, 23, 11, 50, 12)
WEIRD = [
    "a/b",
    "..",
    ".",
    "",
    " ",
    "computer science",
    "x" * 300,
    "水" * 300,
    "CON",
    "con.x",
    "nul",
    "a\0b",
    "a\nb",
    "a.",
    "a ",
    "\ud800",
    "C:\\x",
    "😀",
]


def test_two_runs_of_the_same_second_do_not_collide(tmp_path):
    made = [make_run_folder(tmp_path / "out", None, NOW).root.name for _ in range(3)]
    assert made == ["20261123_115012", "20261123_115012_2", "20261123_115012_3"]


def test_a_run_is_named_as_the_user_says(tmp_path):
    folder = make_run_folder(tmp_path, "erster Lauf", NOW)
    assert (folder.root, folder.is_new) == (tmp_path / "erster Lauf", True)


def test_a_name_that_is_taken_is_refused_with_both_ways_out(tmp_path):
    make_run_folder(tmp_path, "mine", NOW)
    with pytest.raises(ConfigError) as caught:
        make_run_folder(tmp_path, "mine", NOW)
    assert f"--use-cache {tmp_path / 'mine'}, or choose another --run-name" in str(caught.value)


def test_a_work_dir_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ConfigError, match="--work-dir") as caught:
        make_run_folder(tmp_path / "out", None, NOW)
    assert "is already in" not in str(caught.value)
    assert (tmp_path / "out").read_text() == "mine"


def test_a_work_dir_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Not a directory; choose another --work-dir"):
        make_run_folder(tmp_path / "file" / "out", None, NOW)


@pytest.mark.parametrize(
    ("path", "found"),
    [("nowhere", "does not exist"), ("", "is not a folder of a run")],
    ids=["missing", "another folder"],
)
def test_only_a_run_can_be_continued(path, found, tmp_path):
    with pytest.raises(ConfigError, match=found):
        open_run_folder(tmp_path / path)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def finished(tmp_path: Path, name: str) -> RunFolder:
    folder = make_run_folder(tmp_path, name, NOW)
    folder.task_config.parent.mkdir(parents=True)
    folder.task_config.write_text("task: {}\n")
    return folder


def test_a_run_is_continued_where_it_lies_also_by_its_link(tmp_path):
    folder = finished(tmp_path, "mine")
    point_latest(folder)
    assert open_run_folder(tmp_path / "latest") == RunFolder(folder.root, is_new=False)


def test_the_link_to_the_last_run_is_relative_and_moves_on(tmp_path):
    for name in ("first", "second"):
        point_latest(finished(tmp_path, name))
    assert not (tmp_path / "latest").readlink().is_absolute()
    assert (tmp_path / "latest").readlink().name == "second"
    assert names_in(tmp_path) == ["first", "latest", "second"]


def test_a_dangling_link_is_replaced(tmp_path):
    (tmp_path / "latest").symlink_to("gone")
    point_latest(finished(tmp_path, "mine"))
    assert (tmp_path / "latest").readlink().name == "mine"


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["folder", "file"])
def test_what_is_no_link_is_never_replaced(make, tmp_path):
    make(tmp_path / "latest")
    point_latest(finished(tmp_path, "mine"))
    assert not (tmp_path / "latest").is_symlink()
    assert names_in(tmp_path) == ["latest", "mine"]


def test_a_folder_without_answers_goes_and_the_link_points_to_the_run_before(tmp_path):
    point_latest(finished(tmp_path, "good"))
    empty = finished(tmp_path, "empty")
    point_latest(empty)
    empty.remove_if_worthless()
    assert not empty.root.exists()
    assert (tmp_path / "latest").readlink().name == "good"


def test_a_folder_with_answers_or_of_another_process_stays(tmp_path):
    dear, old = finished(tmp_path, "dear"), finished(tmp_path, "old")
    path = dear.predictions("m", "d", "s")
    path.parent.mkdir(parents=True)
    path.write_text('{"key":"k","completion":{"text":"2"}}\n')
    dear.remove_if_worthless()
    open_run_folder(old.root).remove_if_worthless()
    assert dear.root.exists()
    assert old.root.exists()


@pytest.mark.parametrize("name", WEIRD, ids=ascii)
def test_any_model_data_set_and_subset_gets_a_file_of_its_own(name, tmp_path):
    folder = make_run_folder(tmp_path, "run", NOW)
    for path in (
        folder.predictions(name, name, name),
        folder.reviews(name, "d", name),
        folder.reports(name) / "x.json",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        assert len(path.relative_to(folder.root).parts) == 3
        assert path.resolve().is_relative_to(folder.root)


def test_names_that_had_to_be_changed_keep_apart():
    names = [*WEIRD, "a_b", "a", "x" * 299, "_", "_CON", "a:b"]
    made = [file_name(name) for name in names]
    assert len({name.casefold() for name in made}) == len(names)
    for name in made:
        assert name == name.rstrip(". ")
        assert len(name.encode()) <= 200


@pytest.mark.parametrize(
    "name", ["gsm8k_main", "computer science", "Level 5", "Qwen2.5-0.5B", "水", ".hidden", "console"]
)
def test_a_name_that_needs_no_change_stays(name):
    assert file_name(name) == name
