"""The plain values that cross between a program and its tests, as JSON; nothing else does.

Numbers, texts, True, False and None stand for themselves, a list is a list; every other kind is an object with one key
that names it. What is read comes from hostile code, so each kind is checked, and no method of the program's is there.
"""

import contextlib
import itertools
import sys
from collections import deque
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal
    from fractions import Fraction

Json = Any

_LARGE = 2**62
"""JSON's readers of whole numbers have limits of their own; larger ones go in hexadecimal."""
MOST_ITEMS = 1_000_000
"""So many items of an iterator are sent."""


class NotPlain(Exception):
    """A value is of a kind that does not cross; the message is the kind's name."""


def encode(value: object) -> Json:
    """A plain value as JSON; those of a derived class become their base: a Counter is a dict.

    An iterator is read to its end, for tests may ask for its items.

    Raises:
        NotPlain: it is of another kind, or holds something of another kind.
        RecursionError: it is nested too deeply.
    """
    kind = type(value)
    if value is None or kind is bool or kind is str or kind is float:
        return value
    if kind is int:
        return value if -_LARGE < value < _LARGE else {"int": hex(value)}  # type: ignore[operator,arg-type]  # kind says so
    if kind is list:
        return [encode(item) for item in value]  # type: ignore[attr-defined]  # kind says so
    for base, write in _WRITERS:
        if isinstance(value, base):
            return write(value)
    return _encode_number(value)


def _encode_number(value: Any) -> Json:
    """A fraction or a decimal; whoever made one has loaded its module, and a fork without them is a cheaper one."""
    fraction: Any = getattr(sys.modules.get("fractions"), "Fraction", ())
    decimal: Any = getattr(sys.modules.get("decimal"), "Decimal", ())
    if isinstance(value, fraction):
        return {"fraction": [encode(value.numerator), encode(value.denominator)]}
    if isinstance(value, decimal):
        return {"decimal": decimal.__str__(value)}
    raise NotPlain(type(value).__name__)


def _items(values: Any) -> list[Json]:
    items = [encode(item) for item in itertools.islice(values, MOST_ITEMS + 1)]
    if len(items) > MOST_ITEMS:
        raise NotPlain(f"{type(values).__name__} of more than {MOST_ITEMS} items")
    return items


def _pairs(value: Any) -> list[Json]:
    return [[encode(key), encode(item)] for key, item in value]


def _type(value: type) -> Json:
    if _TYPES.get(value.__name__) is not value:
        raise NotPlain(f"class {value.__name__}")
    return {"type": value.__name__}


_TYPES = {kind.__name__: kind for kind in (int, float, complex, str, bytes, bool, list, tuple, dict, set, frozenset)}
"""Types that tests may name: "all items that are no int"."""

# the methods of the base are called by name, for a derived class may have its own
_WRITERS: tuple[tuple[type, Callable[[Any], Json]], ...] = (
    (int, lambda value: encode(int(int.__index__(value)))),
    (float, lambda value: float.__float__(value)),
    (str, lambda value: str.__str__(value)),
    (list, lambda value: _items(list.__iter__(value))),
    (tuple, lambda value: {"tuple": _items(tuple.__iter__(value))}),
    (dict, lambda value: {"dict": _pairs(dict.items(value))}),
    (set, lambda value: {"set": _items(set.__iter__(value))}),
    (frozenset, lambda value: {"frozenset": _items(frozenset.__iter__(value))}),
    (bytes, lambda value: {"bytes": bytes.hex(value)}),
    (bytearray, lambda value: {"bytearray": bytearray.hex(value)}),
    (complex, lambda value: {"complex": [value.real, value.imag]}),
    (range, lambda value: {"range": [encode(value.start), encode(value.stop), encode(value.step)]}),
    (deque, lambda value: {"deque": _items(deque.__iter__(value))}),
    (KeysView, lambda value: {"keys": _items(iter(value))}),
    (ValuesView, lambda value: {"values": _items(iter(value))}),
    (ItemsView, lambda value: {"items": _pairs(value)}),
    (type, _type),
    (Iterator, lambda value: {"iterator": _items(value)}),
)


def decode(wire: Json) -> object:
    """The value that JSON from the other process stands for.

    Raises:
        ValueError: it stands for none.
        RecursionError: it is nested too deeply.
    """
    if wire is None or isinstance(wire, bool | int | float | str):
        return wire
    if isinstance(wire, list):
        return [decode(item) for item in wire]
    if isinstance(wire, dict) and len(wire) == 1:
        ((kind, inner),) = wire.items()
        if kind in _READERS:
            with contextlib.suppress(TypeError, LookupError, ArithmeticError):  # unhashable keys, fractions over zero
                return _READERS[kind](inner)
    raise ValueError("the value came in a form that stands for none")


def _dict(pairs: Json) -> dict[object, object]:
    return {decode(key): decode(item) for key, item in pairs}


def _list(items: Json) -> list[object]:
    if not isinstance(items, list):
        raise ValueError("a list was expected")
    return [decode(item) for item in items]


def _numbers(items: Json, kind: type) -> list[Any]:
    numbers = _list(items)
    if not all(isinstance(number, kind) for number in numbers):
        raise ValueError("numbers were expected")
    return numbers


def _fraction(parts: Json) -> "Fraction":
    from fractions import Fraction  # as rare as heavy

    return Fraction(*_numbers(parts, int))


def _decimal(text: Json) -> "Decimal":
    from decimal import Decimal  # as rare as heavy

    return Decimal(text)


_READERS: Mapping[str, Callable[[Json], object]] = {
    "int": lambda text: int(text, 16),
    "tuple": lambda items: tuple(_list(items)),
    "dict": _dict,
    "set": lambda items: set(_list(items)),
    "frozenset": lambda items: frozenset(_list(items)),
    "bytes": lambda text: bytes.fromhex(text),
    "bytearray": lambda text: bytearray.fromhex(text),
    "complex": lambda parts: complex(*_numbers(parts, float)),
    "range": lambda parts: range(*_numbers(parts, int)),
    "deque": lambda items: deque(_list(items)),
    "fraction": _fraction,
    "decimal": _decimal,
    "keys": lambda items: dict.fromkeys(_list(items)).keys(),
    "values": lambda items: dict(enumerate(_list(items))).values(),
    "items": lambda pairs: _dict(pairs).items(),
    "type": lambda name: _TYPES[name],
    "iterator": lambda items: iter(_list(items)),
}
