import hashlib
import zipfile

import pytest

from evalscope.errors import ConfigError, DatasetError
from evalscope.sources.hubs.listing import HubFile
from evalscope.sources.layouts import Served
from evalscope.sources.manifest import MANIFEST, Entry, Manifest, read_manifest
from evalscope.sources.records import RecordFile
from evalscope.sources.stores import open_store
from evalscope.sources.trees import list_tree

CONTENT = b'{"question": "?"}\n'


def entry(**told) -> Entry:
    file = HubFile(path="test.jsonl", size_bytes=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
    own = {"hub": "modelscope", "id": "some/sums", "revision": "a" * 40, "asked": "", "folder": "sums"}
    return Entry(**{**own, "files": (file,), **told})


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "store"
    (folder / "sums").mkdir(parents=True)
    (folder / "sums" / "test.jsonl").write_bytes(CONTENT)
    models = {"some/model": entry(id="some/model", asked="v1", folder="models/some/model")}
    (folder / MANIFEST).write_bytes(Manifest(datasets={"sums": entry()}, models=models).to_json())
    (folder / "models" / "some" / "model").mkdir(parents=True)
    return folder


def check(folder):
    tree = list_tree(folder / "sums")
    served = [Served(subset="main", asked=(RecordFile(folder / "sums" / "test.jsonl"),), examples=())]
    return open_store(folder).check("sums", tree, served)


def test_a_manifest_is_read_as_it_was_written(store):
    assert read_manifest(store).datasets == {"sums": entry()}


def test_a_zip_may_hold_one(store, tmp_path):
    with zipfile.ZipFile(tmp_path / "store.zip", "w") as packed:
        packed.write(store / MANIFEST, MANIFEST)
    assert read_manifest(tmp_path / "store.zip") == read_manifest(store)


def test_where_there_is_none_it_is_empty(tmp_path):
    assert read_manifest(tmp_path) == Manifest()


@pytest.mark.parametrize("content", [b"torn {", b"[]", b'{"schema_version": 2}', b'{"schema_version": 1}'])
def test_another_file_of_its_name_is_refused(store, content):
    (store / MANIFEST).write_bytes(content)
    with pytest.raises(ConfigError, match="is no manifest that this version reads"):
        read_manifest(store)


def test_what_is_read_is_pinned_by_the_manifest(store):
    snapshot = check(store)
    assert (snapshot.hub, snapshot.id, snapshot.revision) == ("modelscope", "some/sums", "a" * 40)


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT.replace(b"?", b"!")], ids=["cut off", "other"])
def test_a_file_that_was_damaged_on_the_way_is_told(store, content):
    (store / "sums" / "test.jsonl").write_bytes(content)
    with pytest.raises(DatasetError, match=r"sums/test\.jsonl has .* that the manifest lists; copy it again"):
        check(store)


@pytest.mark.parametrize(
    ("revision", "is_there"), [(None, True), ("v1", True), ("a" * 40, True), ("v2", False)], ids=str
)
def test_a_model_is_served_in_the_revision_that_was_fetched(store, revision, is_there):
    found = open_store(store).find_model("some/model", revision)
    assert (found is not None) is is_there


def test_a_model_that_the_manifest_does_not_know_is_found_by_its_folder(store):
    (store / "models" / "your" / "own").mkdir(parents=True)
    assert open_store(store).find_model("your/own", None).folder == store / "models" / "your" / "own"
    assert open_store(store).find_model("your/other", None) is None


@pytest.mark.parametrize("path", ["../../mine", "/etc/passwd", "a/../../b", "..\\b", "C:/b"])
def test_a_path_that_leads_out_of_the_folder_is_refused(store, path):
    file = HubFile(path=path, size_bytes=1, sha256="0" * 64)
    (store / MANIFEST).write_bytes(Manifest(datasets={"sums": entry(files=(file,))}).to_json())
    with pytest.raises(ConfigError, match="leads out of the folder"):
        read_manifest(store)
