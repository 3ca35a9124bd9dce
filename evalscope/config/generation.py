"""How answers are generated, in the vocabulary of services and of transformers alike."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import orjson
from pydantic import Field, field_validator, model_validator

from evalscope.config.part import Part, Whole, one_or_several
from evalscope.core.generation import Generation
from evalscope.core.text import without_surrogates
from evalscope.errors import ConfigError

OTHER_NAMES = {
    "max_new_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "stop_strings": "stop",
    "stop_sequences": "stop",
    "num_return_sequences": "n",
}


class GenerationConfig(Part):
    """Settings that go over a benchmark's own; what is left out is decided by the benchmark or the model."""

    where: ClassVar[str] = "generation_config"
    secret: ClassVar[frozenset[str]] = frozenset({"extra_headers", "extra_query"})
    elsewhere: ClassVar[Mapping[str, str]] = {
        "timeout": "it is a setting of the whole task: --timeout",
        "stream": "it is a setting of the whole task: --stream",
        "batch_size": "it is a setting of the whole task: --eval-batch-size",
        "eval_batch_size": "it is a setting of the whole task: --eval-batch-size",
        "retries": "it is a setting of the whole task: --max-retries",
        "limit": "it is a setting of the whole task: --limit",
        "enable_thinking": "it belongs into chat_template_kwargs: {'chat_template_kwargs': {'enable_thinking': false}}",
    }

    max_tokens: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="most tokens of an answer (also: max_new_tokens, max_completion_tokens)"
    )
    max_tokens_field: str = Field("max_tokens", exclude=True, description="set by the name that was written")
    do_sample: bool | None = Field(None, description="false: greedy, the same as temperature 0")
    temperature: Annotated[float, Field(ge=0)] | None = Field(None, description="0 is greedy")
    top_p: Annotated[float, Field(gt=0, le=1)] | None = Field(None, description="nucleus sampling")
    top_k: Annotated[Whole, Field(ge=-1)] | None = Field(None, description="sampling from the k likeliest tokens")
    min_p: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="sampling from tokens at least this share as likely as the likeliest"
    )
    stop: tuple[str, ...] | None = Field(
        None, description="texts that end the answer (also: stop_strings, stop_sequences)"
    )
    seed: Whole | None = Field(None, description="seed of the sampling")
    n: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="the same as repeats (also: num_return_sequences)"
    )
    repetition_penalty: Annotated[float, Field(gt=0)] | None = Field(None, description="over 1: less repetition")
    presence_penalty: float | None = Field(None, description="for a service")
    frequency_penalty: float | None = Field(None, description="for a service")
    chat_template_kwargs: dict[str, Any] | None = Field(None, description="arguments of the chat template")
    reasoning_effort: str | None = Field(None, description="for a service")
    extra_body: dict[str, Any] | None = Field(None, description="further fields of a service's request body")
    extra_headers: dict[str, str] | None = Field(None, repr=False, description="further HTTP headers; never stored")
    extra_query: dict[str, str] | None = Field(None, repr=False, description="further URL parameters; never stored")

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """Every key that may be written."""
        return (*(key for key in cls.model_fields if key != "max_tokens_field"), *OTHER_NAMES)

    @model_validator(mode="before")
    @classmethod
    def _translate(cls, settings: Any) -> Any:
        if not isinstance(settings, Mapping):
            return settings
        if "max_tokens_field" in settings:
            raise ValueError("max_tokens_field is no setting; write max_tokens or max_completion_tokens")
        translated: dict[str, Any] = {}
        written: dict[str, str] = {}
        for key, value in settings.items():
            name = OTHER_NAMES.get(str(key), str(key))
            if name in written:
                raise ValueError(
                    f"generation_config has both {written[name]!r} and {key!r}, which are the same setting"
                )
            written[name] = key
            translated[name] = value
        if written.get("max_tokens") == "max_completion_tokens":
            translated["max_tokens_field"] = "max_completion_tokens"
        return translated

    @field_validator("stop", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return one_or_several(value)

    @field_validator("stop")
    @classmethod
    def _no_empty_text(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value and "" in value:
            raise ValueError("an empty text would end every answer at once; remove it")
        if any(text != without_surrogates(text) for text in value or ()):
            raise ValueError("a text holds half of a surrogate pair, which is no character; remove it")
        return value

    @field_validator("chat_template_kwargs", "extra_body")
    @classmethod
    def _as_json(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        """As it is sent and stored: names that are numbers become texts."""
        try:
            plain: dict[str, Any] | None = json.loads(json.dumps(value, allow_nan=False))
            orjson.dumps(plain)  # it also refuses half characters and integers over 64 bits
        except (TypeError, ValueError) as error:
            raise ValueError(f"values that JSON can hold are needed: {error}") from None
        return plain

    @model_validator(mode="after")
    def _agree_on_greedy(self) -> "GenerationConfig":
        if self.do_sample is False and self.temperature:
            raise ValueError(
                "generation_config asks for greedy (do_sample false) and for sampling "
                f"(temperature {self.temperature:g}); drop one of them"
            )
        if self.do_sample and self.temperature == 0:
            raise ValueError(
                "generation_config asks for sampling (do_sample true) and for temperature 0; drop one of them"
            )
        return self

    def over(self, defaults: Generation) -> Generation:
        """The benchmark's settings with the user's on top."""
        values: dict[str, Any] = {name: getattr(defaults, name) for name in Generation.__dataclass_fields__}
        for name in self.model_fields_set & values.keys():
            if (value := getattr(self, name)) is not None:
                values[name] = value
        if self.do_sample is False:
            values["temperature"] = 0.0
        elif self.do_sample and self.temperature is None:
            values["temperature"] = 1.0  # what both transformers and services sample with unless told
        return Generation(**values)


def check_generation(settings: Generation, honoured: frozenset[str], who: str) -> None:
    """Refuses settings that a model would drop.

    Raises:
        ConfigError: naming the settings that `who` cannot honour.
    """
    empty = Generation()
    unheard = sorted(
        name
        for name in Generation.__dataclass_fields__
        if name not in honoured and getattr(settings, name) != getattr(empty, name)
    )
    if unheard:
        raise ConfigError(f"{who} cannot honour {', '.join(unheard)} of generation_config; remove it")
