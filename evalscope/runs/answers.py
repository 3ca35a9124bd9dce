"""The answers that a run already holds, found by request or by row."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evalscope.core.message import Message
from evalscope.core.response import Completion, Usage
from evalscope.runs.rows import RowFile, unknown_places


class AnswerFile:
    """The predictions of one subset: rows stored earlier can be found, new ones are appended.

    An answer is found by its row (sample and repeat) if its request is still the same.
    """

    def __init__(self, path: Path, num_rows: int) -> None:
        """Opens the file for a subset that will have `num_rows` rows when all is asked."""
        self._rows = RowFile(path)
        self._places = unknown_places(num_rows)
        self._stored: dict[tuple[str, int, str], int] = {}
        for offset, row in self._rows.rows():
            if _is_answer(row):
                self._stored[row["sample_id"], row["repeat"], row["key"]] = offset

    def stored_requests(self) -> Iterator[tuple[str, int]]:
        """The request key of each stored answer, and where its row begins."""
        for (_, _, key), offset in self._stored.items():
            yield key, offset

    def find(self, sample_id: str, repeat: int, key: str, order: int) -> Mapping[str, Any] | None:
        """The stored row of that sample and repeat, if it answers that very request; `order` is its final place."""
        offset = self._stored.pop((sample_id, repeat, key), -1)
        if offset < 0:
            return None
        self._places[order] = offset
        return self._rows.read(offset)

    def read(self, offset: int) -> Mapping[str, Any]:
        """The row that begins there."""
        return self._rows.read(offset)

    def append(self, row: Mapping[str, Any], order: int) -> int:
        """Stores a new row, whose place at the end is `order`; returns where it begins."""
        offset = self._rows.append(row)
        self._places[order] = offset
        return offset

    def finish(self) -> None:
        """Puts the rows in sample order; answers that this run did not call for stay, behind the others."""
        asked = [offset for offset in self._places if offset >= 0]
        uncalled = sorted(self._stored.values())
        self._rows.reorder(asked + uncalled)

    def close(self) -> None:
        """Closes the file, whatever was asked by then safe on the disk."""
        self._rows.close()


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


def _is_answer(row: Mapping[str, Any]) -> bool:
    """Whether a row holds an answer in the form of today; anything else is asked again."""
    if not (isinstance(row.get("key"), str) and isinstance(row.get("sample_id"), str)):
        return False
    if not (isinstance(row.get("repeat"), int) and isinstance(row.get("messages"), list)):
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
