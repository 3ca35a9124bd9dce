import json
import logging

import pytest

from evalscope.config import ModelArgs
from evalscope.errors import ConfigError, MissingDependency
from evalscope.models.checkpoint import Checkpoint
from evalscope.models.checkpoint.folder import check_folder
from evalscope.models.checkpoint.precision import canonical_precision
from evalscope.models.checkpoint.template import template_text


def test_whole_folder_is_accepted(folder):
    check_folder(folder)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere.*not there"):
        check_folder(tmp_path / "nowhere")


def test_file_instead_of_a_folder_is_refused(folder):
    with pytest.raises(ConfigError, match="a file"):
        check_folder(folder / "config.json")


def test_folder_without_config_is_refused(copy):
    (copy / "config.json").unlink()
    with pytest.raises(ConfigError, match=r"config\.json"):
        check_folder(copy)


@pytest.mark.parametrize("text", ["{", "[]", "\udce9"], ids=["torn", "no object", "not UTF-8"])
def test_unreadable_config_is_refused(copy, text):
    (copy / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigError, match=r"config\.json"):
        check_folder(copy)


def test_pickled_weights_are_refused_with_the_way_to_convert_or_allow_them(copy):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(ConfigError, match=r"pytorch_model\.bin.*convert.*save_pretrained.*use_safetensors to false"):
        check_folder(copy)


def test_pickled_weights_that_are_asked_for_are_accepted(copy):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    check_folder(copy, allows_pickles=True)


def test_missing_pickled_shard_is_named(copy):
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin.index.json").write_text('{"weight_map": {"a": "pytorch_model-00001-of-00001.bin"}}')
    with pytest.raises(ConfigError, match=r"lacks 1 of the 1 .*pytorch_model-00001-of-00001\.bin"):
        check_folder(copy, allows_pickles=True)


def test_pickle_of_another_name_is_none_that_transformers_reads(copy):
    (copy / "model.safetensors").rename(copy / "weights.pt")
    with pytest.raises(ConfigError, match=r"weights\.pt, a pickle"):
        check_folder(copy, allows_pickles=True)


def test_folder_without_weights_is_refused(copy):
    (copy / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match="no weights"):
        check_folder(copy)


def test_missing_shard_is_named(copy):
    (copy / "model.safetensors").rename(copy / "model-00001-of-00002.safetensors")
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (copy / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    with pytest.raises(ConfigError, match=r"lacks 1 of the 2 .*model-00002-of-00002"):
        check_folder(copy)


def test_complete_shards_are_accepted(copy):
    (copy / "model.safetensors").rename(copy / "model-00001-of-00001.safetensors")
    (copy / "model.safetensors.index.json").write_text('{"weight_map": {"a": "model-00001-of-00001.safetensors"}}')
    check_folder(copy)


def test_cut_off_weights_are_refused_with_both_sizes(copy):
    weights = copy / "model.safetensors"
    size = weights.stat().st_size
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ConfigError, match=f"cut off: {size - 100} of {size} bytes"):
        check_folder(copy)


@pytest.mark.parametrize("content", [b"", b"abc", b"\xff" * 100, b"\x02\0\0\0\0\0\0\0[]"])
def test_weights_that_are_no_safetensors_are_refused(copy, content):
    (copy / "model.safetensors").write_bytes(content)
    with pytest.raises(ConfigError, match="no whole safetensors file"):
        check_folder(copy)


def test_git_lfs_pointer_is_recognised(copy):
    (copy / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    with pytest.raises(ConfigError, match="git lfs pull"):
        check_folder(copy)


@pytest.mark.parametrize(
    ("content", "named"), [("{}", "made for as"), ('{"base_model_name_or_path": "a/b"}', "a/b, as")]
)
def test_adapter_in_the_place_of_a_model_is_refused_with_the_way_to_name_it(copy, content, named):
    (copy / "adapter_config.json").write_text(content)
    with pytest.raises(ConfigError, match=rf"{named} --model, and this folder as adapter of model_args"):
        check_folder(copy)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (None, "auto"),
        ("auto", "auto"),
        ("torch.float16", "float16"),
        ("float16", "float16"),
        ("fp16", "float16"),
        ("half", "float16"),
        ("FP16", "float16"),
        ("bf16", "bfloat16"),
        ("torch.bfloat16", "bfloat16"),
        ("float32", "float32"),
        ("fp32", "float32"),
        ("torch.float", "float32"),
    ],
)
def test_precision_has_one_name_for_all_spellings(written, canonical):
    assert canonical_precision(written) == canonical


def test_unknown_precision_is_refused_with_the_nearest(make_model):
    with pytest.raises(ConfigError, match=r"'flaot16' is unknown; did you mean 'float16'"):
        make_model(precision="flaot16")


def test_template_file_is_read(tmp_path):
    (tmp_path / "template.jinja").write_text("{{ messages }}")
    assert template_text(str(tmp_path / "template.jinja")) == "{{ messages }}"


def test_template_text_is_taken_as_it_is():
    assert template_text("{{ messages[0].content }}") == "{{ messages[0].content }}"


@pytest.mark.parametrize("given", ["nowhere.jinja", "x" * 5000], ids=["no such file", "too long for a path"])
def test_template_that_is_neither_text_nor_file_is_refused(given):
    with pytest.raises(ConfigError, match="neither a template"):
        template_text(given)


def test_revision_of_a_folder_is_ignored_with_one_warning(make_model, caplog):
    make_model(revision="v1.0")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "is ignored" in caplog.text
    assert "folder" in caplog.text


def test_revision_of_a_model_from_a_hub_is_no_cause_for_a_warning(make_model, caplog):
    make_model(revision="v1.0", identity={"id": "some/model", "revision": "v1.0"})
    assert not caplog.records


def test_batch_of_none_is_refused(make_model):
    with pytest.raises(ConfigError, match="at least 1"):
        make_model(batch_size=0)


def test_missing_torch_names_the_pip_line(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)  # the import system's own way to say "not there"
    with pytest.raises(MissingDependency, match=r"pip install 'evalscope\[local\]'"):
        Checkpoint(folder=folder, name="tiny", args=ModelArgs(), batch_size=1, seed=0)
