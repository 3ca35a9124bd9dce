"""The common ground of all parts of a configuration: frozen, no unknown keys, one clear message."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import ErrorDetails

from evalscope.errors import nearest


class Part(BaseModel):
    """A group of settings.

    Attributes:
        where: what the user calls this group, for messages.
        elsewhere: keys that people write here but that belong elsewhere, with the advice.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)

    where: ClassVar[str] = ""
    elsewhere: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """Every key that may be written, aliases included."""
        return tuple(cls.model_fields)

    @classmethod
    def explain(cls, fault: ErrorDetails) -> str:
        """One line for one fault that pydantic found."""
        path = [str(step) for step in fault["loc"]]
        owner, inner = cls._owner(path)
        key = path[inner] if inner < len(path) else ""
        place = f"{owner.where} of {path[inner - 1]!r}" if inner == 2 else owner.where
        if fault["type"] == "extra_forbidden":
            advice = owner.elsewhere.get(key) or nearest(key, owner.known_keys())
            return f"{place} has no key {key!r}; {advice}"
        message = fault["msg"].removeprefix("Value error, ")
        if not key or message.startswith((place, key)):
            return message
        shown = "" if fault["type"] == "value_error" else f"; found {fault['input']!r}"
        return f"{place}: {key}: {message[:1].lower()}{message[1:]}{shown}"

    @classmethod
    def _owner(cls, path: list[str]) -> tuple["type[Part]", int]:
        """The part that a fault belongs to, and where in the path its own key stands."""
        return cls, 0


def one_of(value: Any, choices: type[StrEnum], aliases: Mapping[str, StrEnum]) -> Any:
    """The choice that a user's word stands for, whatever its case.

    Raises:
        ValueError: an unknown word, with the nearest known ones.
    """
    if not isinstance(value, str):
        return value
    folded = value.casefold()
    if folded in aliases:
        return aliases[folded]
    if folded not in tuple(choices):
        raise ValueError(f"{value!r} is unknown; {nearest(value, (*choices, *aliases))}")
    return choices(folded)
