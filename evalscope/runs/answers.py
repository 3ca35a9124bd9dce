"""Prediction rows: what was asked and answered, or why nothing was."""

from collections.abc import Mapping
from typing import Any

from evalscope.core.message import Message
from evalscope.core.response import Completion, Usage


def prediction_row(
    key: str, row_name: Mapping[str, Any], messages: tuple[Message, ...], answer: Completion | str
) -> dict[str, Any]:
    """The row of what was asked and answered; `answer` is the reason where none came."""
    row = {"key": key, **row_name, "messages": messages}
    if isinstance(answer, str):
        return {**row, "error": answer}
    return {**row, "completion": answer}


def completion_of(row: Mapping[str, Any]) -> Completion:
    """The completion that a prediction row holds."""
    stored = row["completion"]
    return Completion(**{**stored, "usage": Usage(**(stored.get("usage") or {}))})


def messages_of(row: Mapping[str, Any]) -> tuple[Message, ...]:
    """The messages that a prediction row was asked with."""
    return tuple(Message(**message) for message in row["messages"])


def is_answer(row: Mapping[str, Any]) -> bool:
    """Whether a row holds an answer in the form of today; anything else is asked again."""
    if not isinstance(row.get("messages"), list):
        return False
    try:
        completion = completion_of(row)
        counts = (completion.usage.input_tokens, completion.usage.output_tokens)
    except (LookupError, TypeError, AttributeError):
        return False
    times = (completion.latency_s, completion.first_token_s)
    return (
        isinstance(completion.text, str)
        and all(isinstance(count, int | None) for count in counts)
        and all(isinstance(time_s, int | float | None) for time_s in times)
    )
