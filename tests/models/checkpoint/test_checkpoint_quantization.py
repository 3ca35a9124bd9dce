"""Weights in 8 and 4 bits, on a CPU; what needs a GPU is refused clearly."""

import asyncio
import json
from importlib.util import find_spec

import pytest
import torch

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.errors import ConfigError, EndpointError, MissingDependency
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.quantization import quantization_failure
from evalscope.models.checkpoint.ways import Way, find_ability
from tests.models.checkpoint.test_checkpoint_adapter import LORA, make_adapter

needs_bitsandbytes = pytest.mark.skipif(
    find_spec("bitsandbytes") is None, reason="needs bitsandbytes: pip install 'evalscope[quantization]'"
)
# the libraries leave pipes open to programs that they ask about the machine
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

FOUR = {"load_in_4bit": True, "bnb_4bit_quant_type": "nf4"}
EIGHT = {"load_in_8bit": True}
GREEDY = Generation(max_tokens=12, temperature=0.0)
PROMPT = torch.tensor([[5, 6, 7, 8]])


def quantized(model) -> set[str]:
    return {type(module).__name__ for module in model.modules() if "bitsandbytes" in type(module).__module__}


def logits(model):
    with torch.inference_mode():
        return model(input_ids=PROMPT).logits


@needs_bitsandbytes
@pytest.mark.parametrize(("asked", "layer"), [(FOUR, "Linear4bit"), (EIGHT, "Linear8bitLt")], ids=["4", "8"])
def test_weights_are_quantized_while_they_are_loaded(folder, asked, layer):
    loaded = load(folder, ModelArgs(quantization_config=asked))
    assert quantized(loaded.model) == {layer}
    plain = logits(load(folder, ModelArgs()).model)
    # rounding moves the logits, and leaves them what they were by and large
    assert 0 < (logits(loaded.model) - plain).norm() < 0.5 * plain.norm()


@needs_bitsandbytes
@pytest.mark.parametrize("asked", [FOUR, EIGHT], ids=["4", "8"])
async def test_answers_of_quantized_weights_do_not_depend_on_the_batch(make_model, asked, caplog):
    questions = [(Message("user", text),) for text in ("Hi", "What is two and two?", "Why?")]
    one, many = (make_model(batch_size=size, quantization_config=asked) for size in (1, 3))
    alone = [(await one.generate(question, GREEDY)).text for question in questions]
    beside = await asyncio.gather(*(many.generate(question, GREEDY) for question in questions))
    assert [answer.text for answer in beside] == alone
    assert "will be cast" not in caplog.text


@needs_bitsandbytes
@pytest.mark.parametrize(("threshold", "way"), [(6.0, Way.ALONE), (0.0, Way.TOGETHER)])
def test_8_bits_that_make_rows_depend_on_each_other_go_one_at_a_time_and_it_is_said(folder, threshold, way, caplog):
    loaded = load(folder, ModelArgs(quantization_config={**EIGHT, "llm_int8_threshold": threshold}))
    assert find_ability(loaded).way is way
    assert ("llm_int8_threshold 0" in caplog.text) is (way is Way.ALONE)


@needs_bitsandbytes
def test_quantization_is_a_part_of_who_answers(make_model):
    plain, four = make_model().identity, make_model(quantization_config=FOUR).identity
    assert four == {**plain, "quantization": '{"bnb_4bit_quant_type": "nf4", "load_in_4bit": true}'}
    assert make_model(quantization_config=dict(reversed(FOUR.items()))).identity == four


@needs_bitsandbytes
def test_adapter_stays_beside_quantized_weights(folder, tmp_path):
    adapter = make_adapter(folder, tmp_path / "adapter", LORA)
    model = load(folder, ModelArgs(quantization_config=FOUR, adapter=str(adapter))).model
    assert [name for name, _ in model.named_modules() if "lora_A" in name]
    assert type(model).__name__ == "Qwen2ForCausalLM"
    change = logits(model) - logits(load(folder, ModelArgs(quantization_config=FOUR)).model)
    assert change.abs().max() > 0.1


@needs_bitsandbytes
def test_checkpoint_that_is_quantized_already_loads_as_it_says(folder, tmp_path):
    made = load(folder, ModelArgs(quantization_config=FOUR))
    made.model.save_pretrained(tmp_path / "four")
    made.tokenizer.save_pretrained(tmp_path / "four")
    again = load(tmp_path / "four", ModelArgs())
    assert quantized(again.model) == {"Linear4bit"}
    assert torch.equal(logits(again.model), logits(made.model))
    with pytest.raises(ConfigError, match=r"is quantized already \(bitsandbytes\); leave it out"):
        load(tmp_path / "four", ModelArgs(quantization_config=EIGHT))


def test_missing_bitsandbytes_names_the_pip_line(make_model, monkeypatch):
    monkeypatch.setattr("evalscope.models.checkpoint.packages.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"pip install 'evalscope\[quantization\]'"):
        make_model(quantization_config=EIGHT)


def test_checkpoint_quantized_by_a_method_that_is_not_installed_names_what_is_missing(copy):
    path = copy / "config.json"
    own = {"quant_method": "gptq", "bits": 4}
    path.write_text(json.dumps({**json.loads(path.read_text()), "quantization_config": own}))
    with pytest.raises(ConfigError, match=r"GPTQ .*optimum.*install what it names"):
        load(copy, ModelArgs())


@needs_bitsandbytes
@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({}, "needs load_in_8bit or load_in_4bit as true"),
        ({"load_in_4bit": False}, "needs load_in_8bit or load_in_4bit as true"),
        ({"quant_method": "nope"}, "Unknown quantization type, got nope"),
        ({**FOUR, "bnb_4bit_quantt_type": "nf4"}, "no key 'bnb_4bit_quantt_type'; did you mean 'bnb_4bit_quant_type'"),
        ({**FOUR, "bnb_4bit_compute_dtype": "bf16"}, "cannot be used: .*bf16"),
        ({**FOUR, **EIGHT}, "only one can be used"),
        ({"load_in_4bit": "yes"}, "must be a boolean"),
    ],
    ids=str,
)
def test_quantization_that_is_none_is_refused(folder, asked, named):
    with pytest.raises(ConfigError, match=f"quantization_config.*{named}"):
        load(folder, ModelArgs(quantization_config=asked))


def test_device_that_cannot_compute_so_is_a_fault_of_the_configuration(tmp_path):
    lacking = RuntimeError("None of the available devices are supported by the bitsandbytes version you have installed")
    found = quantization_failure(lacking, tmp_path, is_own=False)
    assert isinstance(found, ConfigError)
    assert "None of the available devices" in str(found)


@pytest.mark.parametrize("error", [MemoryError(), EndpointError("lacks weights"), OSError("gone")], ids=repr)
def test_other_failures_have_nothing_to_do_with_quantization(tmp_path, error):
    assert quantization_failure(error, tmp_path, is_own=True) is error
