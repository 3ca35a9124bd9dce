"""Values out of files that may be torn, mangled or hostile: what can be read is read."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from evalscope.core.text import without_surrogates

Json = Any


def read_line(line: bytes) -> Mapping[str, Json] | None:
    """The object that a line holds; None where it holds none.

    Invalid UTF-8 becomes U+FFFD, control signs that JSON wants escaped are taken as they are, and so is NaN.
    """
    value = read_json(line)
    return value if isinstance(value, dict) else None


def read_json(content: bytes) -> Json:
    """The value that a text holds, read as leniently as a line; None where it holds none."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(content.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None


def numbered_rows(
    path: Path, takes: Callable[[int], bool] = lambda line: True
) -> Iterator[tuple[int, Mapping[str, Json]]]:
    """The rows of a file with the numbers of their lines, from 0; only those lines are parsed that `takes` wants.

    A file that is not there has none, and lines that hold no object are passed over.
    """
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file):
            if takes(number) and (row := read_line(line)) is not None:
                yield number, row


def text_of(value: Json) -> str:
    """The value as text that can be encoded: lone surrogates become U+FFFD, and what is no text becomes JSON."""
    if isinstance(value, str) and value.isascii():
        return value  # as nearly all are
    if value is None:
        return ""
    text: str = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return without_surrogates(text)


def number_of(value: Json) -> float | None:
    """The value as a finite number; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def count_of(value: Json) -> int | None:
    """The value as a whole number that fits 64 bits; None where it is none."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62
    return value if is_count else None


def mapping_of(value: Json) -> Mapping[str, Json]:
    """The value where it is an object; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def list_of(value: Json) -> list[Json]:
    """The value where it is a list; an empty one otherwise."""
    return value if isinstance(value, list) else []
