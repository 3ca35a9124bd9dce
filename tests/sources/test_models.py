import pickle

import pytest

from evalscope.config import ModelArgs
from evalscope.constants import HubType
from evalscope.errors import ConfigError
from evalscope.models.build import find_adapter
from evalscope.sources.models import ModelFetcher
from evalscope.sources.supply import Supply


@pytest.fixture(autouse=True)
def nothing_cached(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))


def fetcher(store=None) -> ModelFetcher:
    return ModelFetcher(supply=Supply(store=store, is_offline=True), allows_pickles=False)


def test_a_folder_is_used_as_it_is_and_is_no_snapshot(tmp_path):
    fetch = fetcher()
    assert fetch(str(tmp_path), None, HubType.MODELSCOPE) == tmp_path
    assert not fetch.taken


def test_a_missing_folder_is_told():
    with pytest.raises(ConfigError, match=r"model '\./gone' is no folder"):
        fetcher()("./gone", None, HubType.MODELSCOPE)


def test_a_store_serves_a_model_by_its_id(tmp_path):
    folder = tmp_path / "models" / "some" / "model"
    folder.mkdir(parents=True)
    fetch = fetcher(tmp_path)
    assert fetch("some/model", None, HubType.MODELSCOPE) == folder
    assert [snapshot.id for snapshot in fetch.taken] == ["some/model"]


def test_an_earlier_download_serves_and_none_is_told(tmp_path):
    with pytest.raises(ConfigError, match="model 'some/model' is not in ModelScope's cache"):
        fetcher()("some/model", None, HubType.MODELSCOPE)
    folder = tmp_path / "cache" / "models" / "some--model" / "snapshots" / "master"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert fetcher()("some/model", None, HubType.MODELSCOPE) == folder


def test_nodes_of_a_cluster_fetch_in_the_same_way():
    assert pickle.loads(pickle.dumps(fetcher())) == fetcher()


def test_an_adapter_has_a_revision_of_its_own(tmp_path):
    asked = []

    def fetch(*what):
        asked.append(what)
        return tmp_path

    args = ModelArgs(adapter="some/lora", revision="v1", adapter_revision="v2", hub="hf")
    assert find_adapter("some/lora", args=args, fetch=fetch) == tmp_path
    assert asked == [("some/lora", "v2", HubType.HUGGINGFACE)]
