"""Settings of one data set, and of how a model is loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from evalscope.config.part import Part, Whole, one_of, one_or_several
from evalscope.constants import HUB_ALIASES, HubType


class DatasetArgs(Part):
    """What a user changes about one data set."""

    where: ClassVar[str] = "dataset_args"
    elsewhere: ClassVar[Mapping[str, str]] = {
        "limit": "it is a setting of the whole task, --limit; for one data set there is max_samples",
    }

    local_path: Path | None = Field(None, description="folder, archive or file that the records are read from")
    dataset_id: str | None = Field(None, description="another id on the hub; a path is taken as local_path")
    revision: str | None = Field(None, description="version of the data set on its hub")
    subset_list: tuple[str, ...] | None = Field(None, description="the subsets to ask")
    few_shot_num: Annotated[Whole, Field(ge=0)] | None = Field(None, description="number of solved examples")
    few_shot_random: bool = Field(True, description="draw the examples by seed; false: the first ones")
    prompt_template: str | None = Field(
        None, description="wording of a question: {question}, {choices}, {letters}, {examples}"
    )
    few_shot_prompt_template: str | None = Field(None, description="wording where there are solved examples")
    few_shot_as_turns: bool = Field(False, description="solved examples as turns of user and assistant")
    system_prompt: str | None = Field(None, description="what the system says first")
    scoring: str | None = Field(
        None, description="loglikelihood: options are ranked by how likely the model finds them; unset: it writes"
    )
    k: tuple[Annotated[Whole, Field(ge=1)], ...] | None = Field(
        None, description="with repeats: the k of pass@k and majority@k, one or several; unset: the number of repeats"
    )
    eval_split: str | None = Field(None, description="the split to ask")
    few_shot_split: str | None = Field(None, description="the split that the examples come from")
    shuffle: bool = Field(False, description="ask in an order drawn by seed; with limit, a random part")
    shuffle_choices: bool = Field(False, description="put the options of each question in an order drawn by seed")
    max_samples: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="most samples of the whole data set, spread over its subsets in proportion"
    )
    extra_params: dict[str, Any] = Field(
        {}, description="settings that only this benchmark has; 'evalscope benchmarks NAME' lists them"
    )

    @field_validator("subset_list", "k", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return one_or_several(value)

    @field_validator("subset_list")
    @classmethod
    def _some_and_once(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and not value:
            raise ValueError("it is empty; leave it out to ask all subsets")
        if value is not None and len(set(value)) < len(value):
            raise ValueError(f"a subset stands in it twice: {', '.join(value)}")
        return value

    @field_validator("k")
    @classmethod
    def _some_in_order(cls, value: tuple[int, ...] | None) -> tuple[int, ...] | None:
        if value is not None and not value:
            raise ValueError("it is empty; leave it out for the number of repeats")
        return None if value is None else tuple(sorted(set(value)))


class ModelArgs(Part):
    """How a local checkpoint is loaded; for mock_llm, what it replies."""

    where: ClassVar[str] = "model_args"
    elsewhere: ClassVar[Mapping[str, str]] = {
        "torch_dtype": "here it is called precision",
        "dtype": "here it is called precision",
        "load_in_8bit": "it stands in quantization_config",
        "load_in_4bit": "it stands in quantization_config",
        "peft": "here it is called adapter",
        "lora": "here it is called adapter",
    }

    revision: str | None = Field(None, description="version of the model on its hub")
    precision: str | None = Field(None, description="auto, float32, float16 or bfloat16; torch.float16 is the same")
    device_map: str | dict[str, Any] | None = Field(None, description="auto, cpu, cuda:0 … or a map for accelerate")
    adapter: str | None = Field(None, description="folder or hub id of a PEFT adapter, such as LoRA, of this model")
    adapter_revision: str | None = Field(None, description="version of the adapter on its hub")
    quantization_config: dict[str, Any] | None = Field(
        None, description="8 or 4 bits: {load_in_4bit: true}, with bitsandbytes; others of transformers by quant_method"
    )
    use_safetensors: bool | None = Field(
        None, description="false: weights may be pickles (.bin), which may run code when they are read"
    )
    attn_implementation: str | None = Field(None, description="eager, sdpa, flash_attention_2, …")
    continuous_batching: bool | None = Field(
        None, description="false: never that of transformers, which a GPU uses where a check finds it right and faster"
    )
    trust_remote_code: bool | None = Field(None, description="run code that comes with the model; off unless asked for")
    chat_template: str | None = Field(None, description="the template's text, or a file that holds it")
    hub: HubType | None = Field(None, description="modelscope (unless given) or huggingface, for this model")
    replicas: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="so many copies, each with its share of the GPUs or cores; on one machine or several (Ray)"
    )
    reply: str | None = Field(None, description="mock_llm: the text that answers every question")

    @field_validator("device_map", mode="before")
    @classmethod
    def _text_or_map(cls, value: Any) -> Any:
        if not isinstance(value, str | dict):
            raise ValueError(f"a text or a mapping of names to values is needed; found {value!r}")
        return value

    @field_validator("hub", mode="before")
    @classmethod
    def _hub(cls, value: Any) -> Any:
        return one_of(value, HubType, HUB_ALIASES)
