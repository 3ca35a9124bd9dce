"""The common ground of all parts of a configuration: frozen, no unknown keys, one clear message."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, NoReturn, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import ErrorDetails

from evalscope.errors import ConfigError, nearest

Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
"""A whole number that JSON, services and torch all take."""

# what a value should have been, by pydantic's name for the fault
NEEDED: Mapping[str, str] = {
    "string_type": "a text (in quotes)",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of less than 64 bits",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping of names to values",
    "model_type": "a mapping of settings",
    "invalid_key": "a text as the name of each setting",
    "path_type": "a path",
    "greater_than": "a number over {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "a number under {lt:g}",
    "less_than_equal": "at most {le:g}",
}


class Part(BaseModel):
    """A group of settings.

    Attributes:
        where: what the user calls this group, for messages.
        elsewhere: keys that people write here but that belong elsewhere, with the advice.
        secret: keys whose values no message may show.
        is_listed: whether it stands in a list, where others of several stand under a name.
    """

    model_config = ConfigDict(
        defer_build=True, extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False
    )

    where: ClassVar[str] = ""
    elsewhere: ClassVar[Mapping[str, str]] = {}
    secret: ClassVar[frozenset[str]] = frozenset()
    is_listed: ClassVar[bool] = False

    def __init__(self, **settings: Any) -> None:
        """The settings, checked.

        Raises:
            ConfigError: with one line for each fault found.
        """
        try:
            super().__init__(**settings)
        except ValidationError as error:
            raise ConfigError("\n".join(self.explain(fault) for fault in error.errors())) from None

    # tells pydantic that parts inside a part need no call of __init__: their faults belong to the whole's message
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: make a new one instead of setting {name!r}")

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, settings: Any) -> Any:
        if settings is None:
            return {}
        if not isinstance(settings, Mapping):
            return settings
        known = cls.known_keys()
        return {name: value for name, value in settings.items() if value is not None or name not in known}

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_and_no_broken_text(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
            raise ValueError("it holds bytes that are not UTF-8, which no report could hold; type it anew")
        annotation = cls.model_fields[info.field_name].annotation if info.field_name else None
        if isinstance(value, bool) and bool not in (annotation, *get_args(annotation)):
            raise ValueError(f"a value other than true and false is needed; found {value}")
        return value

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """Every key that may be written, aliases included."""
        return tuple(cls.model_fields)

    @classmethod
    def explain(cls, fault: ErrorDetails) -> str:
        """One line for one fault that pydantic found: what was asked, what was found, what to do."""
        path = [str(step) for step in fault["loc"] if step != "[key]"]
        owner, inner = cls._owner(path)
        key = path[inner] if inner < len(path) else ""
        place = f"{owner.where} of {path[inner - 1]!r}" if inner == 2 and not owner.is_listed else owner.where
        if fault["type"] == "extra_forbidden":
            advice = owner.elsewhere.get(key) or nearest(key, owner.known_keys())
            return f"{place} has no key {key!r}; {advice}"
        if fault["type"] == "value_error":
            message = fault["msg"].removeprefix("Value error, ")
        elif fault["type"] == "missing":
            message = "it is needed, and is not there"
        else:
            needed = NEEDED.get(fault["type"], "another value").format(**fault.get("ctx", {}))
            found = fault["input"]
            shown = f"{type(found).__name__} (not shown)" if key in owner.secret else repr(found)
            message = f"{needed} is needed; found {shown}"
        if message.startswith((place, key or place)):
            return message
        return f"{place}: {key}: {message}" if key else f"{place}: {message}"

    @classmethod
    def _owner(cls, path: list[str]) -> tuple["type[Part]", int]:
        """The part that a fault belongs to, and where in the path its own key stands."""
        return cls, 0


def one_or_several(value: Any) -> Any:
    """A single text or number as a list of one.

    Raises:
        ValueError: a set, whose order differs from run to run.
    """
    if isinstance(value, set | frozenset):
        raise ValueError("a list is needed; found a set, which has no order")
    return (value,) if isinstance(value, str | int) else value


def not_empty(value: Any) -> Any:
    """The value, which is no empty text.

    Raises:
        ValueError: it is one.
    """
    if value == "":
        raise ValueError("it is empty, as a variable that is not set would make it; fill it in or leave it out")
    return value


def one_of(value: Any, choices: type[StrEnum], aliases: Mapping[str, StrEnum]) -> StrEnum:
    """The choice that a user's word stands for, whatever its case.

    Raises:
        ValueError: an unknown word, with the nearest known ones.
    """
    folded = str(value).casefold()
    if folded in aliases:
        return aliases[folded]
    if folded not in tuple(choices):
        raise ValueError(f"{value!r} is unknown; {nearest(str(value), (*choices, *aliases))}")
    return choices(folded)
