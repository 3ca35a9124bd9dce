import json
import re
import warnings

import pytest
import torch
from safetensors.torch import load_file, save_file

from evalscope.config import ModelArgs
from evalscope.errors import ConfigError, EndpointError
from evalscope.models.checkpoint.failures import answering_failure, is_out_of_memory, loading_failure
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.placing import device_map, dtype, main_device, num_devices
from evalscope.models.checkpoint.settings import Defaults

CPU = torch.device("cpu")
needs_no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="is about machines without CUDA")


def edit_json(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@needs_no_cuda
@pytest.mark.parametrize(
    ("asked", "loaded_as"),
    [(None, torch.float32), ("auto", torch.float32), ("bf16", torch.bfloat16), ("torch.float16", torch.float16)],
)
def test_precision_is_float32_on_a_cpu_unless_asked_otherwise(copy, asked, loaded_as):
    edit_json(copy / "config.json", dtype="bfloat16")
    assert load(copy, ModelArgs(precision=asked)).model.dtype == loaded_as


@pytest.mark.parametrize("stored", [torch.bfloat16, torch.float16, None])
def test_automatic_precision_is_the_checkpoints_own_on_a_device_that_computes_with_it(stored):
    assert dtype("auto", stored, torch.device("meta")) == "auto" or stored == torch.float16


def test_automatic_precision_avoids_float16_where_a_device_lacks_it():
    # "meta" stands for a device that computes nothing
    assert dtype("auto", torch.float16, torch.device("meta")) == torch.bfloat16


@needs_no_cuda
@pytest.mark.parametrize("asked", ["auto", "cpu", {"": "cpu"}])
def test_device_map_is_passed_on(folder, asked):
    assert device_map(asked) == asked
    assert load(folder, ModelArgs(device_map=asked)).model.device == CPU


@needs_no_cuda
def test_model_lies_on_the_cpu_where_there_is_no_cuda(folder):
    assert device_map(None) is None
    assert load(folder, ModelArgs()).model.device == CPU


@needs_no_cuda
def test_absent_cuda_device_is_refused():
    with pytest.raises(ConfigError, match=r"cuda:0, but 0 CUDA devices"):
        device_map("cuda:0")


def machine(**devices):
    """Counts the devices of a machine that is not there."""
    return lambda kind: {"cpu": 1, **devices}.get(kind, 0)


@pytest.mark.parametrize(
    ("asked", "devices", "placed", "main"),
    [
        (None, {"cuda": 2}, "auto", "cuda"),
        ("auto", {"cuda": 2}, "auto", "cuda"),
        ("cuda", {"cuda": 1}, "cuda", "cuda"),
        ("cuda:1", {"cuda": 2}, "cuda:1", "cuda:1"),
        ("cpu", {"cuda": 1}, "cpu", "cpu"),
        (None, {"mps": 1}, None, "cpu"),
        ("auto", {"mps": 1}, "auto", "mps"),
        ("mps", {"mps": 1}, "mps", "mps"),
        ({"a": "cuda:0", "b": "disk"}, {"cuda": 1}, {"a": "cuda:0", "b": "disk"}, "cuda:0"),
    ],
    ids=str,
)
def test_device_map_of_each_machine(asked, devices, placed, main):
    count = machine(**devices)
    assert device_map(asked, count) == placed
    assert main_device(placed, count) == torch.device(main)


@pytest.mark.parametrize(
    ("asked", "devices", "named"),
    [
        ("cuda:2", {"cuda": 2}, "cuda:2, but 2 CUDA devices are visible here (cuda:0, cuda:1, cpu)"),
        ("cuda:0", {"mps": 1}, "cuda:0, but 0 CUDA devices are visible here (mps:0, cpu)"),
        ("mps", {}, "mps, but 0 MPS devices are visible here (cpu)"),
        ({"a": "cpu", "b": "mps"}, {}, "mps, but 0 MPS devices"),
        ("meta", {}, "meta, but 0 META devices"),
    ],
    ids=str,
)
def test_device_that_is_not_here_is_refused_with_those_that_are(asked, devices, named):
    with pytest.raises(ConfigError, match=re.escape(named)):
        device_map(asked, machine(**devices))


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [
        ("gpu", "torch calls them cuda"),
        ("GPU:1", "torch calls them cuda"),
        ("cuda:x", "did you mean 'cuda:1' or 'cuda:0' or 'cuda'"),
        ("auot", "did you mean 'auto'"),
        ("CPU", "did you mean 'cpu'"),
        ({"lm_head": "nowhere"}, "known: "),
    ],
    ids=str,
)
def test_unknown_device_is_refused_with_the_nearest(asked, nearest):
    with pytest.raises(ConfigError, match=f"is no device; {nearest}"):
        device_map(asked, machine(cuda=2))


def test_devices_of_this_machine_are_counted_by_kind():
    assert num_devices("cpu") == 1
    assert num_devices("cuda") == torch.cuda.device_count()
    assert num_devices("nothing") == 0


def test_pickled_weights_are_those_of_safetensors(copy):
    before = load(copy, ModelArgs()).model.state_dict()
    torch.save(load_file(copy / "model.safetensors"), copy / "pytorch_model.bin")
    (copy / "model.safetensors").unlink()
    after = load(copy, ModelArgs(use_safetensors=False)).model.state_dict()
    assert all(torch.equal(after[name], weight) for name, weight in before.items())


def test_safetensors_are_read_where_there_are_both(copy):
    (copy / "pytorch_model.bin").write_bytes(b"no pickle")
    load(copy, ModelArgs(use_safetensors=False))


@pytest.mark.parametrize(
    ("placed", "main"),
    [
        (None, "cpu"),
        ("cpu", "cpu"),
        ("cuda:1", "cuda:1"),
        ({"a": "cpu", "b": "cuda:0"}, "cuda:0"),
        ({"a": "disk"}, "cpu"),
    ],
    ids=str,
)
def test_main_device_is_the_first_that_is_no_cpu(placed, main):
    assert main_device(placed) == torch.device(main)


def test_attention_can_be_chosen(folder):
    assert load(folder, ModelArgs(attn_implementation="eager")).model.config._attn_implementation == "eager"


@pytest.mark.parametrize("name", ["flash_attention_2", "flash_atention"])
def test_attention_that_is_not_there_is_a_fault_of_the_configuration(folder, name):
    with pytest.raises(ConfigError):
        load(folder, ModelArgs(attn_implementation=name))


def test_own_sampling_settings_become_defaults_and_leave_the_model(copy):
    edit_json(
        copy / "generation_config.json",
        do_sample=True,
        temperature=0.7,
        top_p=0.8,
        top_k=20,
        repetition_penalty=1.05,
        stop_strings="END",
        num_beams=4,
        max_length=50,
    )
    loaded = load(copy, ModelArgs())
    assert loaded.defaults == Defaults(temperature=0.7, top_p=0.8, top_k=20, repetition_penalty=1.05, stop=("END",))
    left = loaded.model.generation_config
    assert (left.do_sample, left.temperature, left.top_p, left.num_beams, left.max_length) == (None,) * 5


def test_stale_sampling_settings_of_a_greedy_checkpoint_leave_it_greedy(copy):
    edit_json(copy / "generation_config.json", do_sample=False, temperature=0.7)
    assert load(copy, ModelArgs()).defaults.temperature == 0


@pytest.mark.parametrize("written", [7, [7, 9]])
def test_end_tokens_are_those_of_generation_config_and_of_the_tokenizer(copy, written):
    edit_json(copy / "generation_config.json", eos_token_id=written)
    loaded = load(copy, ModelArgs())
    assert loaded.end_ids == {loaded.tokenizer.eos_token_id, *([written] if written == 7 else written)}


@pytest.mark.parametrize("family", ["qwen2", "gpt2", "llama"])
def test_context_is_what_the_config_says(loaded_by_family, family):
    assert loaded_by_family[family].context == 512


def test_given_template_replaces_the_checkpoints_own(folder):
    assert load(folder, ModelArgs(chat_template="{{ 1 }}")).tokenizer.chat_template == "{{ 1 }}"


def test_unknown_architecture_is_a_fault_of_the_configuration(copy):
    edit_json(copy / "config.json", model_type="holodeck", architectures=["HolodeckForCausalLM"])
    with pytest.raises(ConfigError, match=r"transformers .* knows no .*holodeck"):
        load(copy, ModelArgs())


def test_model_that_generates_no_text_is_a_fault_of_the_configuration(copy):
    edit_json(copy / "config.json", model_type="vit", architectures=["ViTModel"])
    with pytest.raises(ConfigError, match="knows no text-generating model"):
        load(copy, ModelArgs())


@pytest.mark.parametrize("asked", [None, False])
def test_code_of_the_folder_runs_only_when_asked_for(copy, asked):
    edit_json(copy / "config.json", model_type="own", auto_map={"AutoConfig": "own.OwnConfig"})
    (copy / "own.py").write_text("raise SystemExit('this ran')")
    with pytest.raises(ConfigError, match="trust_remote_code to true"):
        load(copy, ModelArgs(trust_remote_code=asked))


def test_weights_that_are_missing_are_not_made_up(copy):
    weights = load_file(copy / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(EndpointError, match=r"lacks 1 .*model\.norm\.weight"):
        load(copy, ModelArgs())


def test_weights_of_another_shape_are_refused(copy):
    edit_json(copy / "config.json", intermediate_size=64)
    with pytest.raises(EndpointError, match="cannot be loaded"):
        load(copy, ModelArgs())


def test_torn_weights_are_one_clear_message(copy):
    (copy / "model.safetensors").write_bytes((copy / "model.safetensors").read_bytes()[:-100])
    with pytest.raises(EndpointError, match=r"cannot be loaded: .*download"):
        load(copy, ModelArgs())


def test_loading_prints_nothing(copy, capfd):
    edit_json(copy / "generation_config.json", do_sample=False, temperature=0.7)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(copy, ModelArgs())
    assert capfd.readouterr() == ("", "")


MEMORY = RuntimeError(
    "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9"
)


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory."), MEMORY])
def test_lack_of_memory_is_recognised_on_every_device(error, tmp_path):
    assert is_out_of_memory(error)
    assert "memory" in str(loading_failure(error, tmp_path))
    assert "7 tokens does not fit into memory" in str(answering_failure(error, 7))


def test_failed_device_ends_the_endpoint_and_not_only_the_row():
    assert isinstance(answering_failure(RuntimeError("CUDA error: device-side assert"), 7), EndpointError)
    assert not isinstance(answering_failure(RuntimeError("shapes differ"), 7), EndpointError)
