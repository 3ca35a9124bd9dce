"""A reply understood: from JSON to a completion."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

from evalscope.core.response import Completion, StopReason, Usage
from evalscope.core.text import without_surrogates
from evalscope.errors import AnswerRefused
from evalscope.models.service.retries import AttemptFailed

Json = Any

STOP_REASONS: Mapping[str, StopReason] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "max_tokens": "length",
    "content_filter": "content_filter",
}

# The server gave up in the middle (vLLM and SGLang say abort): half an answer must not be scored as a whole one.
GIVEN_UP = ("abort", "error")


class ErrorInstead(Exception):
    """An error object where an answer should be, under HTTP's success. It stays within this package.

    Attributes:
        said: the object.
    """

    def __init__(self, said: Json) -> None:
        super().__init__("an error under HTTP's success")
        self.said = said


def parse_reply(data: bytes) -> Json:
    """The value that a reply under HTTP's success holds.

    Raises:
        ErrorInstead: it is an error all the same.
        AttemptFailed: it is no JSON.
    """
    reply = parse_json(data)
    if isinstance(reply, dict) and not reply.get("choices") and (reply.get("error") or "message" in reply):
        raise ErrorInstead(reply)
    return reply


def parse_json(data: bytes) -> Json:
    """The value that some bytes hold.

    Raises:
        AttemptFailed: they are no JSON: cut off, or a page of a gateway.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        # Strict parsing fails on half a character (\ud800) and on broken UTF-8, which models do write; asking again
        # would bring the same, so such text is taken and mended in without_surrogates.
        return json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        raise AttemptFailed(f"the reply is no JSON: {what_came(data)}") from None


def what_came(data: bytes) -> str:
    """Some bytes described for a message; their text is foreign, so it still has to be excerpted."""
    text = data.decode("utf-8", "replace").strip()
    if not text:
        return "it is empty"
    if text.startswith("<"):
        return f"it is a page in HTML: {text}"
    return f"{len(data)} bytes that begin with {text}"


def read_completion(reply: Json, latency_s: float, first_token_s: float | None = None) -> Completion:
    """The first choice of a reply, its text as it came but for half characters.

    Raises:
        AnswerRefused: the content filter left nothing of the text.
        AttemptFailed: there is no choice or no message in it, or the server gave up.
    """
    choice = _first_choice(reply)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise AttemptFailed("the reply's choice holds no message")
    ending = choice.get("finish_reason")
    if ending in GIVEN_UP:
        raise AttemptFailed(f"the server gave up in the middle of the answer (finish_reason {ending!r})")
    text = text_of(message.get("content"))
    stop_reason = STOP_REASONS.get(ending, "unknown") if isinstance(ending, str) else "unknown"
    if stop_reason == "content_filter" and not text:
        raise AnswerRefused("the service's content filter withheld the answer (finish_reason content_filter, no text)")
    return Completion(
        text=without_surrogates(text),
        reasoning=without_surrogates(reasoning_of(message)) or None,
        stop_reason=stop_reason,
        usage=_usage_of(reply.get("usage")),
        latency_s=latency_s,
        first_token_s=first_token_s,
    )


def text_of(content: Json) -> str:
    """The text of a message's content: a text, nothing, or a list of parts.

    Raises:
        AttemptFailed: it is something else.
    """
    if isinstance(content, str):
        return content
    if content is None:
        return ""
    if isinstance(content, list):
        return "".join(_text_of_part(part) for part in content)
    raise AttemptFailed(f"the reply's content is {type(content).__name__}, where a text is needed")


def reasoning_of(message: Mapping[str, Json]) -> str:
    """The model's thinking, where the service keeps it apart from the text; servers differ in the field's name."""
    for name in ("reasoning_content", "reasoning"):
        if isinstance(value := message.get(name), str) and value:
            return value
    return ""


def _first_choice(reply: Json) -> Mapping[str, Json]:
    if not isinstance(reply, dict):
        raise AttemptFailed(f"the reply is {type(reply).__name__}, where a JSON object is needed")
    choices = reply.get("choices")
    if not isinstance(choices, list) or not choices:
        raise AttemptFailed("the reply has no choices")
    if not isinstance(choices[0], dict):
        raise AttemptFailed("the reply's choice is no JSON object")
    return choices[0]


def _text_of_part(part: Json) -> str:
    if isinstance(part, dict) and part.get("type", "text") == "text":
        part = part.get("text")
    return part if isinstance(part, str) else ""


def _usage_of(usage: Json) -> Usage:
    if not isinstance(usage, dict):
        return Usage()
    return Usage(
        input_tokens=_count_of(usage.get("prompt_tokens")),
        output_tokens=_count_of(usage.get("completion_tokens")),
    )


def _count_of(value: Json) -> int | None:
    return value if type(value) is int and value >= 0 else None
