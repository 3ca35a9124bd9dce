"""The body of a request: the settings once, the messages each time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import orjson

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.text import without_surrogates
from evalscope.errors import ConfigError

Json = Any

HONOURED: frozenset[str] = frozenset(setting.name for setting in fields(Generation))
"""The generation settings that reach a service: all of them."""

SENT_AS_THEY_ARE = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "stop",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "chat_template_kwargs",
    "reasoning_effort",
)


@dataclass(frozen=True, slots=True)
class Body:
    """All of a request's JSON but the messages, which go between its halves."""

    before: bytes
    after: bytes

    def around(self, messages: Sequence[Message]) -> bytes:
        """The whole body, UTF-8."""
        try:
            written = orjson.dumps(messages)
        except TypeError:  # half a character in a data set's text, which UTF-8 cannot hold
            written = orjson.dumps([replace(turn, content=without_surrogates(turn.content)) for turn in messages])
        return self.before + written + self.after


def make_body(model: str, config: Generation, *, stream: bool) -> Body:
    """The constant halves of every body that asks `model` in this way.

    Raises:
        ConfigError: extra_body replaces the messages, or holds what JSON cannot.
    """
    settings = settings_of(model, config, stream=stream)
    if "messages" in settings:
        raise ConfigError(
            "extra_body of generation_config holds 'messages', so every sample would be asked the same; remove it"
        )
    try:
        # YAML and Python callers write token ids as numbers: {"logit_bias": {50256: -100}}
        written = orjson.dumps(settings, option=orjson.OPT_NON_STR_KEYS)
    except TypeError as error:
        raise ConfigError(f"generation_config holds a value that cannot be sent as JSON: {error}") from None
    return Body(before=b'{"messages":', after=b"," + written[1:])


def settings_of(model: str, config: Generation, *, stream: bool) -> Mapping[str, Json]:
    """Every field of the body but the messages; what was left open is left out."""
    settings: dict[str, Json] = {"model": model}
    for name in SENT_AS_THEY_ARE:
        value = getattr(config, name)
        if value is not None and value not in ((), {}, ""):
            settings[name] = value
    if config.max_tokens is not None:
        settings[config.max_tokens_field] = config.max_tokens
    if config.seed is not None:
        settings["seed"] = config.seed + config.draw  # with one seed all repeats would be the same answer
    if stream:
        settings |= {"stream": True, "stream_options": {"include_usage": True}}
    return settings | dict(config.extra_body)
