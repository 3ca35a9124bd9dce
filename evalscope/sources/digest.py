"""A digest of one record, as its benchmark understands it."""

import json
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from evalscope.core.digests import DIGEST_BYTES
from evalscope.core.sample import Sample
from evalscope.errors import DatasetError
from evalscope.sources.records import Place

ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""Of an object, which has another one in the next process."""


def digest(sample: Sample, place: Place | str, *, has_id: bool) -> bytes:
    """DIGEST_BYTES that stand for all that a benchmark takes from a record, whatever file it came from.

    Args:
        sample: the record, understood.
        place: where it stands, for messages.
        has_id: whether its id is the record's own; a row number is no part of what a record says.

    Raises:
        DatasetError: its input, target or choices are no text.
    """
    asked = sample.input if isinstance(sample.input, str) else [(turn.role, turn.content) for turn in sample.input]
    own_id = sample.id if has_id else ""
    try:
        told = orjson.dumps((own_id, asked, sample.target, sample.choices, sample.wording, sample.category))
    except TypeError as error:
        raise DatasetError(f"{place}: the sample's input, target or choices are no text: {error}") from error
    digested = blake2b(told, digest_size=DIGEST_BYTES)
    if sample.group or sample.metadata:  # tests that score an answer stand there
        digested.update(_dumped((sample.group, sample.metadata)))
    return digested.digest()


def _dumped(value: Any) -> bytes:
    """The value as JSON, the same in every process; a benchmark may keep anything beside its question."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except TypeError:  # a set, a mapping that is no dict, a number of more than 64 bits, half a surrogate pair
        return json.dumps(value, default=_plain, skipkeys=True).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    return ADDRESS.sub("", repr(value))
