import json

import pytest

from evalscope.errors import ConfigError
from evalscope.sources.weights import choose_files

SMALL = ("config.json", "tokenizer.json", "chat_template.jinja", "modeling_own.py")
OTHERS = ("README.md", "onnx/model.onnx", "onnx/config.json", "original/consolidated.00.pth", "figure.png")


def never_take(names):
    raise AssertionError(f"{names} was fetched")


def choose(*names, allows_pickles=False, take=never_take):
    found = choose_files((*SMALL, *OTHERS, *names), take, allows_pickles=allows_pickles)
    assert set(SMALL) <= set(found)
    assert not set(OTHERS) & set(found)
    return set(found) - set(SMALL)


def index(tmp_path, name, *shards):
    (tmp_path / name).write_text(json.dumps({"weight_map": {f"layer{i}": shard for i, shard in enumerate(shards)}}))
    return lambda names: tmp_path


def test_the_one_file_goes_before_cut_ones():
    names = ("model.safetensors", "model.safetensors.index.json", "model-00001-of-00002.safetensors")
    assert choose(*names) == {"model.safetensors"}


def test_the_index_says_which_files_the_weights_are_cut_into(tmp_path):
    shards = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    take = index(tmp_path, "model.safetensors.index.json", *shards)
    names = ("model.safetensors.index.json", *shards, "model.fp32-00001-of-00001.safetensors")
    assert choose(*names, take=take) == {"model.safetensors.index.json", *shards}


def test_a_file_that_the_index_names_and_the_hub_lacks_is_told(tmp_path):
    take = index(tmp_path, "model.safetensors.index.json", "a.safetensors", "b.safetensors")
    with pytest.raises(ConfigError, match=r"names 2 files of weights, and 1 of them, such as b\.safetensors"):
        choose("model.safetensors.index.json", "a.safetensors", take=take)


def test_pickles_come_only_where_they_are_allowed_and_there_is_nothing_better():
    with pytest.raises(ConfigError, match=r"as pytorch_model\.bin, a pickle.* use_safetensors to false"):
        choose("pytorch_model.bin")
    assert choose("pytorch_model.bin", allows_pickles=True) == {"pytorch_model.bin"}
    assert choose("pytorch_model.bin", "model.safetensors", allows_pickles=True) == {"model.safetensors"}


def test_an_adapter_has_files_of_its_own():
    assert choose("adapter_config.json", "adapter_model.safetensors") == {
        "adapter_config.json",
        "adapter_model.safetensors",
    }


def test_a_repository_without_weights_is_told():
    with pytest.raises(ConfigError, match="holds no weights that transformers reads"):
        choose("model.gguf")
