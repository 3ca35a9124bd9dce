import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from source_builders import SUMS, lay_out

from evalscope.config import DatasetArgs
from evalscope.constants import HubType
from evalscope.core.benchmark import Source
from evalscope.errors import ConfigError, DatasetError
from evalscope.sources.hubs import fetch_dataset, fetch_model

SOURCE = Source(id="nobody/sums")

ASK = """
import sys
from evalscope.config import DatasetArgs
from evalscope.constants import HubType
from evalscope.core.benchmark import Source
from evalscope.errors import EvalscopeError
from evalscope.sources.hubs import fetch_dataset, fetch_model
try:
    if sys.argv[1] == "dataset":
        print(fetch_dataset("sums", Source(id=sys.argv[3]), DatasetArgs(), HubType(sys.argv[2])))
    else:
        print(fetch_model(sys.argv[3], None, HubType(sys.argv[2])))
except EvalscopeError as error:
    print(f"{type(error).__name__}: {error}")
"""


def ask(kind, hub, tmp_path, repo_id="nobody/sums"):
    """What fetching prints, and its seconds, where nobody listens at the hub's address."""
    nobody = "http://127.0.0.1:9"
    places = {"HOME": str(tmp_path), "MODELSCOPE_CACHE": str(tmp_path / "ms"), "HF_HOME": str(tmp_path / "hf")}
    env = {**os.environ, **places, "MODELSCOPE_ENDPOINT": nobody, "HF_ENDPOINT": nobody}
    started = time.monotonic()
    command = [sys.executable, "-c", ASK, kind, hub, repo_id]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr, time.monotonic() - started


@pytest.mark.parametrize("hub", list(HubType))
def test_a_hub_out_of_reach_is_one_message_within_seconds(tmp_path, hub):
    printed, noise, seconds = ask("dataset", hub, tmp_path)
    assert printed.startswith("DatasetError: sums: ")
    assert printed.count("\n") == 1
    for part in ("'nobody/sums'", "Connection refused", '{"sums": {"local_path": "/path/to/sums"}}', "--dataset-hub"):
        assert part in printed
    assert noise == ""
    assert seconds < 20


@pytest.mark.parametrize("hub", list(HubType))
def test_a_model_out_of_reach_is_one_message(tmp_path, hub):
    printed, noise, _ = ask("model", hub, tmp_path, "nobody/model")
    assert printed.startswith("ConfigError: ")
    assert "'nobody/model'" in printed
    assert "--model /path/to/model" in printed
    assert noise == ""


@pytest.mark.parametrize("key", ["local_path", "dataset_id"])
def test_a_local_path_is_used_as_it_is(tmp_path, key):
    lay_out(tmp_path, {"test.jsonl": SUMS})
    assert fetch_dataset("sums", SOURCE, DatasetArgs(**{key: str(tmp_path)}), HubType.MODELSCOPE) == tmp_path


def test_local_path_goes_before_dataset_id(tmp_path):
    args = DatasetArgs(local_path=tmp_path, dataset_id="somebody/else")
    assert fetch_dataset("sums", SOURCE, args, HubType.MODELSCOPE) == tmp_path


def test_an_existing_relative_path_is_no_hub_id(tmp_path, monkeypatch):
    lay_out(tmp_path, {"some/data/test.jsonl": SUMS})
    monkeypatch.chdir(tmp_path)
    args = DatasetArgs(dataset_id="some/data")
    assert fetch_dataset("sums", SOURCE, args, HubType.MODELSCOPE) == Path("some/data")


def test_the_home_folder_is_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    lay_out(tmp_path, {"data/test.jsonl": SUMS})
    args = DatasetArgs(local_path="~/data")
    assert fetch_dataset("sums", SOURCE, args, HubType.MODELSCOPE) == tmp_path / "data"


@pytest.mark.parametrize("args", [{"local_path": "gone"}, {"dataset_id": "./gone"}, {"dataset_id": "/gone"}])
def test_a_missing_path_is_told_with_the_current_folder(args):
    with pytest.raises(DatasetError, match=rf"{next(iter(args))} of sums is .*gone.*looked in {Path.cwd()}"):
        fetch_dataset("sums", SOURCE, DatasetArgs(**args), HubType.MODELSCOPE)


def test_a_benchmark_without_data_of_its_own_asks_for_a_path():
    with pytest.raises(DatasetError, match="mine has no data of its own; pass --dataset-args"):
        fetch_dataset("mine", Source(id=""), DatasetArgs(), HubType.MODELSCOPE)


def test_a_models_folder_is_used_as_it_is(tmp_path):
    assert fetch_model(str(tmp_path), None, HubType.MODELSCOPE) == tmp_path


def test_a_missing_model_folder_is_told():
    with pytest.raises(ConfigError, match=r"model '\./gone' is no folder"):
        fetch_model("./gone", None, HubType.MODELSCOPE)


@pytest.mark.parametrize("hub", list(HubType))
def test_a_malformed_id_is_one_message_too(tmp_path, hub):
    printed, noise, _ = ask("dataset", hub, tmp_path, "a b c//d")
    assert "did not give the data set 'a b c//d': " in printed
    assert noise == ""


def test_an_earlier_download_serves_without_a_network(tmp_path):
    fetched = lay_out(tmp_path / "ms/datasets/nobody--sums/snapshots/master", {"test.jsonl": SUMS})
    printed, _, _ = ask("dataset", HubType.MODELSCOPE, tmp_path)
    assert printed == f"{fetched}\n"
