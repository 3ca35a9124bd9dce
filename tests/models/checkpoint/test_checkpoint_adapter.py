"""PEFT adapters: merged or kept, part of who answers, refused where they fit no layer."""

import json
import logging
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from peft import IA3Config, LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

from evalscope.config import ModelArgs, TaskConfig
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.errors import ConfigError, MissingDependency
from evalscope.models.build import build_model
from evalscope.models.checkpoint import fingerprint
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.quiet import quiet
from tests.models.checkpoint.tiny import CHAT_TEMPLATE

PROMPT = torch.tensor([[5, 6, 7, 8]])
LORA = LoraConfig(r=4, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
GREEDY = Generation(max_tokens=16, temperature=0.0)
QUESTION = (Message("user", "Hi"),)


def make_adapter(base: Path, where: Path, config) -> Path:
    """An adapter as training leaves it, large enough to change answers."""
    with quiet():
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
    torch.manual_seed(1)
    for name, weight in model.named_parameters():
        if any(part in name for part in ("lora_", "ia3_", "prompt_", "modules_to_save")):
            torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(where)
    return where


def logits(model) -> torch.Tensor:
    with torch.inference_mode():
        return model(input_ids=PROMPT).logits


def peft_logits(base: Path, adapter: Path) -> torch.Tensor:
    """What PEFT computes with the adapter beside the weights."""
    with quiet():
        return logits(PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter))


@pytest.fixture(scope="session")
def adapter(folder, tmp_path_factory) -> Path:
    """A LoRA of the chat checkpoint; not to be written to."""
    return make_adapter(folder, tmp_path_factory.mktemp("adapter"), LORA)


@pytest.fixture
def adapter_copy(adapter, tmp_path) -> Path:
    return Path(shutil.copytree(adapter, tmp_path / "adapter"))


def edit(adapter, **changes):
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    "config",
    [
        LORA,
        LoraConfig(r=4, target_modules=["q_proj"], modules_to_save=["lm_head"], task_type="CAUSAL_LM"),
        LoraConfig(r=4, target_modules="all-linear", use_dora=True, use_rslora=True, task_type="CAUSAL_LM"),
        IA3Config(target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"], task_type="CAUSAL_LM"),
    ],
    ids=["lora", "lora with a whole layer", "dora", "ia3"],
)
def test_merged_model_computes_what_peft_does_beside_the_weights(folder, tmp_path, config):
    made = make_adapter(folder, tmp_path / "made", config)
    merged = load(folder, ModelArgs(adapter=str(made))).model
    torch.testing.assert_close(logits(merged), peft_logits(folder, made), atol=1e-4, rtol=1e-4)
    assert (logits(merged) - logits(load(folder, ModelArgs()).model)).abs().max() > 0.1
    assert not [name for name, _ in merged.named_modules() if "lora" in name or "ia3" in name]


def test_output_layer_that_shares_the_inputs_weights_leaves_the_input_as_it_was(copy, tmp_path):
    path = copy / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "tie_word_embeddings": True}))
    weights = load_file(copy / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.warns(UserWarning, match="tie_word_embeddings"):
        made = make_adapter(copy, tmp_path / "made", LoraConfig(target_modules=["lm_head"], task_type="CAUSAL_LM"))
    before = load(copy, ModelArgs()).model
    model = load(copy, ModelArgs(adapter=str(made))).model
    assert torch.equal(model.get_input_embeddings()(PROMPT), before.get_input_embeddings()(PROMPT))
    with pytest.warns(UserWarning, match="tie_word_embeddings"):
        expected = peft_logits(copy, made)
    torch.testing.assert_close(logits(model), expected, atol=1e-4, rtol=1e-4)


async def test_adapter_changes_the_answers_and_who_gives_them(make_model, folder, adapter):
    plain, adapted = make_model(), make_model(adapter=str(adapter))
    assert adapted.identity == {**plain.identity, "adapter": fingerprint(adapter)}
    assert (await adapted.generate(QUESTION, GREEDY)).text != (await plain.generate(QUESTION, GREEDY)).text


def test_other_weights_of_an_adapter_are_another_model(make_model, adapter, adapter_copy):
    same = make_model(adapter=str(adapter_copy)).identity
    weights = {name: weight + 1 for name, weight in load_file(adapter_copy / "adapter_model.safetensors").items()}
    save_file(weights, adapter_copy / "adapter_model.safetensors")
    assert same == make_model(adapter=str(adapter)).identity != make_model(adapter=str(adapter_copy)).identity


def test_loading_an_adapter_prints_nothing(folder, adapter, capfd, recwarn):
    load(folder, ModelArgs(adapter=str(adapter)))
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


def test_adapter_of_another_family_is_refused(folders, adapter):
    with pytest.raises(ConfigError, match=r"does not fit the model .*Target modules .* not found"):
        load(folders["gpt2"], ModelArgs(adapter=str(adapter)))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"num_hidden_layers": 1, "layer_types": ["full_attention"]}, r"4 weights fit no layer, such as .*layers\.1"),
        (
            {"num_hidden_layers": 3, "layer_types": ["full_attention"] * 3},
            r"4 weights fit no layer, such as .*layers\.2",
        ),
        ({"num_key_value_heads": 4}, r"size mismatch for .*v_proj.*shape"),
    ],
    ids=["fewer layers", "more layers", "wider layers"],
)
def test_adapter_of_another_shape_is_refused(folder, adapter, tmp_path, changes, named):
    config = AutoConfig.from_pretrained(folder, **changes)
    shutil.copytree(folder, tmp_path / "other")
    with quiet():
        AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path / "other")
    with pytest.raises(ConfigError, match=named):
        load(tmp_path / "other", ModelArgs(adapter=str(adapter)))


def test_adapter_that_says_it_was_made_for_another_model_is_applied_with_a_warning(folder, adapter_copy, caplog):
    edit(adapter_copy, base_model_name_or_path="Some/Other-7B")
    load(folder, ModelArgs(adapter=str(adapter_copy)))
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "made for Some/Other-7B; it is applied to" in caplog.text


@pytest.mark.parametrize("name", ["Qwen/Qwen2.5-0.5B", "/home/me/Qwen2.5-0.5B/"])
@pytest.mark.parametrize("base", ["models--Qwen--Qwen2.5-0.5B/snapshots/0a1b", "Qwen/Qwen2___5-0___5B"])
def test_folder_of_a_hub_is_recognised_by_the_name_in_it(folder, adapter_copy, tmp_path, caplog, name, base):
    edit(adapter_copy, base_model_name_or_path=name)
    load(Path(shutil.copytree(folder, tmp_path / base)), ModelArgs(adapter=str(adapter_copy)))
    assert not caplog.records


def test_kind_that_puts_tokens_in_front_of_a_prompt_is_refused(folder, tmp_path):
    made = make_adapter(folder, tmp_path / "made", PromptTuningConfig(num_virtual_tokens=4, task_type="CAUSAL_LM"))
    with pytest.raises(ConfigError, match="of the kind PROMPT_TUNING"):
        load(folder, ModelArgs(adapter=str(made)))


def test_adapter_that_begins_in_mid_text_is_refused(folder, adapter_copy):
    edit(adapter_copy, alora_invocation_tokens=[1, 2])
    with pytest.raises(ConfigError, match="of the kind activated LoRA"):
        load(folder, ModelArgs(adapter=str(adapter_copy)))


@pytest.mark.parametrize(("name", "named"), [("nowhere", "is no folder"), ("", r"has no adapter_config\.json")])
def test_folder_that_is_no_adapter_is_refused_before_anything_is_loaded(make_model, tmp_path, name, named):
    with pytest.raises(ConfigError, match=named):
        make_model(adapter=str(tmp_path / name))


def test_cut_off_adapter_is_refused(make_model, adapter_copy):
    weights = adapter_copy / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ConfigError, match="cut off"):
        make_model(adapter=str(adapter_copy))


def test_pickled_adapter_is_read_only_when_asked_for(make_model, folder, adapter_copy):
    weights = load_file(adapter_copy / "adapter_model.safetensors")
    (adapter_copy / "adapter_model.safetensors").unlink()
    torch.save(weights, adapter_copy / "adapter_model.bin")
    with pytest.raises(ConfigError, match=r"adapter_model\.bin, a pickle.*use_safetensors to false"):
        make_model(adapter=str(adapter_copy))
    args = {"adapter": str(adapter_copy), "use_safetensors": False}
    before = make_model(**args).identity
    assert not torch.equal(logits(load(folder, ModelArgs(**args)).model), logits(load(folder, ModelArgs()).model))
    torch.save({name: weight + 1 for name, weight in weights.items()}, adapter_copy / "adapter_model.bin")
    assert make_model(**args).identity != before


def test_template_that_comes_with_an_adapter_is_pointed_out(base_folder, tmp_path, caplog):
    made = make_adapter(
        base_folder,
        tmp_path / "made",
        LoraConfig(target_modules=["c_attn"], fan_in_fan_out=True, task_type="CAUSAL_LM"),
    )
    (made / "chat_template.jinja").write_text(CHAT_TEMPLATE)
    load(base_folder, ModelArgs(adapter=str(made)))
    assert "is not used; chat_template of model_args takes it" in caplog.text
    caplog.clear()
    load(base_folder, ModelArgs(adapter=str(made), chat_template=CHAT_TEMPLATE))
    assert not caplog.records


def test_missing_peft_names_the_pip_line(make_model, adapter, monkeypatch):
    monkeypatch.setattr("evalscope.models.checkpoint.packages.find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"pip install 'evalscope\[local\]'"):
        make_model(adapter=str(adapter))


def build(folder, fetch=None, **model_args):
    return build_model(TaskConfig(model=str(folder), model_args=model_args), api_key=None, fetch=fetch)


def test_relative_path_of_an_adapter_is_found(folder, adapter, monkeypatch):
    monkeypatch.chdir(adapter.parent)
    assert build(folder, adapter=adapter.name).identity["adapter"] == fingerprint(adapter)


def test_nodes_find_the_adapter_wherever_they_work(folder, adapter, tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="needs Ray: pip install 'evalscope[cluster]'")
    recipes = []
    monkeypatch.setattr(
        "evalscope.models.replicas.cluster.Cluster", lambda *, recipe, **settings: recipes.append(pickle.dumps(recipe))
    )
    monkeypatch.chdir(adapter.parent)
    build(folder, adapter=adapter.name, replicas=2)
    monkeypatch.chdir(tmp_path)
    assert pickle.loads(recipes[0]).copy().identity == build(folder, adapter=str(adapter)).identity


def test_adapter_named_by_hub_id_is_fetched_like_a_model_without_the_models_revision(folder, adapter):
    asked = []

    def fetch(name, revision, hub):
        asked.append((name, revision, hub))
        return adapter

    model = build(folder, fetch, adapter="some/lora", hub="huggingface", revision="v1")
    assert model.identity["adapter"] == fingerprint(adapter)
    assert asked == [("some/lora", None, "huggingface")]


def test_adapter_that_a_hub_did_not_give_is_named(folder):
    def fetch(*wanted):
        raise ConfigError("no such model")

    with pytest.raises(ConfigError, match=r"adapter of model_args: no such model"):
        build(folder, fetch, adapter="some/lora")


def test_path_of_an_adapter_that_does_not_exist_is_refused(folder):
    with pytest.raises(ConfigError, match=r"adapter '\./nowhere' of model_args does not exist; .*adapter_config\.json"):
        build(folder, adapter="./nowhere")


def test_a_checkpoint_without_adapter_imports_nothing_of_peft(folder):
    program = f"""
import sys, pathlib
from evalscope.config import ModelArgs
from evalscope.models.checkpoint.load import load
load(pathlib.Path({str(folder)!r}), ModelArgs())
print({{"peft", "bitsandbytes"}} & set(sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
