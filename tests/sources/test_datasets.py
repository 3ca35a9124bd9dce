import shutil
from pathlib import Path

import pytest
from source_builders import SUMS, lay_out

from evalscope.config import DatasetArgs
from evalscope.core.benchmark import Source
from evalscope.errors import ConfigError, DatasetError
from evalscope.sources.datasets import open_dataset
from evalscope.sources.layouts import Wanted
from evalscope.sources.supply import Supply

SOURCE = Source(id="nobody/sums", huggingface_id="else/Sums-HF", old_ids=("old/sums",))


@pytest.fixture(autouse=True)
def nothing_cached(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))


def find(store=None, source=SOURCE, aliases=(), **args):
    wanted = Wanted(name="sums", source=source, subsets=source.subsets, is_picked=False)
    return open_dataset(wanted, DatasetArgs(**args), Supply(store=store, is_offline=True), aliases)


def file_of(opened) -> str:
    return str(opened.served[0].asked[0])


@pytest.mark.parametrize("key", ["local_path", "dataset_id"])
def test_a_local_path_is_used_as_it_is(tmp_path, key):
    lay_out(tmp_path / "mine", {"test.jsonl": SUMS})
    opened = find(**{key: str(tmp_path / "mine")})
    assert file_of(opened) == str(tmp_path / "mine" / "test.jsonl")
    assert opened.origin == {"path": "mine"}


def test_local_path_goes_before_dataset_id_and_store(tmp_path):
    for name in ("mine", "store/sums"):
        lay_out(tmp_path / name, {"test.jsonl": SUMS})
    opened = find(tmp_path / "store", local_path=tmp_path / "mine", dataset_id="somebody/else")
    assert opened.path == tmp_path / "mine"


def test_an_existing_relative_path_is_no_hub_id(tmp_path, monkeypatch):
    lay_out(tmp_path, {"some/data/test.jsonl": SUMS})
    monkeypatch.chdir(tmp_path)
    assert find(dataset_id="some/data").path == Path("some/data")


def test_the_home_folder_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    lay_out(tmp_path, {"data/test.jsonl": SUMS})
    assert find(local_path="~/data").path == tmp_path / "data"


@pytest.mark.parametrize("args", [{"local_path": "gone"}, {"dataset_id": "./gone"}, {"dataset_id": "/gone"}])
def test_a_missing_path_is_told_with_the_current_folder(args):
    with pytest.raises(DatasetError, match=rf"{next(iter(args))} of sums is .*gone.*looked in {Path.cwd()}"):
        find(**args)


def test_a_benchmark_without_data_of_its_own_asks_for_a_path():
    with pytest.raises(DatasetError, match="sums has no data of its own; pass --dataset-args"):
        find(source=Source(id=""))


@pytest.mark.parametrize(
    "place",
    ["sums", "data/sums", "plus", "Sums-HF"],
    ids=["its name", "below data", "an alias", "the last part of its id"],
)
def test_a_store_serves_by_name(tmp_path, place):
    lay_out(tmp_path / "store" / place, {"test.jsonl": SUMS})
    assert file_of(find(tmp_path / "store", aliases=("plus",))) == f"{tmp_path}/store/{place}/test.jsonl"


def test_a_store_may_hold_one_plain_file_under_the_name(tmp_path):
    lay_out(tmp_path / "store", {"sums.jsonl": SUMS})
    assert file_of(find(tmp_path / "store")) == f"{tmp_path}/store/sums.jsonl"


@pytest.mark.parametrize("inside", ["", "data/", "top/", "top/data/"])
def test_a_zip_is_a_store_too(tmp_path, inside):
    folder = lay_out(tmp_path / "folder", {f"{inside}sums/test.jsonl": SUMS})
    store = Path(shutil.make_archive(str(tmp_path / "store"), "zip", folder))
    assert file_of(find(store)) == f"{store}/{inside}sums/test.jsonl"


def test_another_id_is_not_served_by_the_benchmarks_name(tmp_path):
    lay_out(tmp_path / "store" / "sums", {"test.jsonl": SUMS})
    with pytest.raises(DatasetError, match="'some/other' is not in ModelScope's cache, nor in"):
        find(tmp_path / "store", dataset_id="some/other")
    assert find(tmp_path / "store", dataset_id="old/sums").path.name == "sums"


def test_a_split_that_a_store_lacks_is_told_and_not_sought_elsewhere(tmp_path):
    lay_out(tmp_path / "store" / "sums", {"train.jsonl": SUMS})
    with pytest.raises(DatasetError, match="no file for the 'test' split"):
        find(tmp_path / "store")


def test_a_store_that_is_a_file_is_refused(tmp_path):
    lay_out(tmp_path, {"sums.jsonl": SUMS})
    with pytest.raises(ConfigError, match="is a file; a folder that holds data sets by name, or a zip, is needed"):
        find(tmp_path / "sums.jsonl")


def test_offline_an_earlier_download_serves_and_none_is_told(tmp_path):
    with pytest.raises(
        DatasetError, match=r"'nobody/sums' is not in ModelScope's cache, and no --dataset-dir is named"
    ):
        find()
    lay_out(tmp_path / "cache/datasets/nobody--sums/snapshots/master", {"test.jsonl": SUMS})
    opened = find()
    assert opened.origin == {"hub": "modelscope", "id": "nobody/sums", "revision": ""}


def test_a_store_serves_no_other_revision_than_it_holds(tmp_path):
    lay_out(tmp_path / "store" / "sums", {"test.jsonl": SUMS})
    with pytest.raises(DatasetError, match="in revision 'v2' is not in ModelScope's cache, nor in"):
        find(tmp_path / "store", revision="v2")


def test_a_revision_of_a_path_is_said_to_be_ignored(tmp_path, caplog):
    lay_out(tmp_path / "mine", {"test.jsonl": SUMS})
    find(local_path=tmp_path / "mine", revision="v2")
    assert "revision 'v2' of sums is ignored" in caplog.text
