"""The plain values that cross between a program and its tests."""

import json
import math
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest

from evalscope.sandboxes.inside.values import NotPlain, decode, encode

Point = namedtuple("Point", "x y")
Colour = IntEnum("Colour", "RED BLUE")


class Text(str):
    """A text that claims to equal everything."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def crossed(value):
    """The value as the other process sees it."""
    return decode(json.loads(json.dumps(encode(value))))


PLAIN = {
    "nothing": None,
    "true": True,
    "false": False,
    "zero": 0,
    "a number of 70 digits": 10**70,
    "a negative one": -(10**70),
    "a number of 10000 digits": 10**10_000,
    "a float": 0.1,
    "infinity": math.inf,
    "a text": "naïve 中文 \ud800 \x00",
    "a list": [1, [2.0, "x"], []],
    "a tuple": (1, (2,), ()),
    "a set": {1, "a", (2, 3)},
    "a frozen set": frozenset({1}),
    "a set of sets": {frozenset({1}), frozenset()},
    "a dict": {1: "a", "1": [None], (1, 2): {"x": {}}},
    "bytes": b"\x00\xff",
    "a byte array": bytearray(b"a"),
    "a complex number": 1 + 2j,
    "a range": range(3, 0, -1),
    "a deque": deque([1, 2]),
    "a fraction": Fraction(1, 3),
    "a decimal": Decimal("1.10"),
    "a type": int,
}


@pytest.mark.parametrize("value", PLAIN.values(), ids=PLAIN.keys())
def test_a_plain_value_arrives_as_it_was(value):
    arrived = crossed(value)
    assert arrived == value
    assert type(arrived) is type(value)


def test_a_number_that_is_none_arrives():
    assert math.isnan(crossed(math.nan))
    assert math.copysign(1, crossed(-0.0)) == -1


DERIVED = {
    "Counter": (Counter("aab"), {"a": 2, "b": 1}),
    "defaultdict": (defaultdict(int, a=1), {"a": 1}),
    "OrderedDict": (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
    "namedtuple": (Point(1, 2), (1, 2)),
    "IntEnum": (Colour.BLUE, 2),
    "text that equals everything": (Text("x"), "x"),
}


@pytest.mark.parametrize(("value", "base"), DERIVED.values(), ids=DERIVED.keys())
def test_a_value_of_a_derived_class_arrives_as_its_base(value, base):
    arrived = crossed(value)
    assert type(arrived) is type(base)
    assert base == arrived


def test_iterators_and_views_keep_their_items():
    assert list(crossed(iter([1, 2]))) == [1, 2]
    assert list(crossed(number for number in (1, 2))) == [1, 2]
    assert crossed(iter([1, 2])) != [1, 2]
    assert crossed({"a": 1}.keys()) == {"a"}
    assert list(crossed({"a": 1}.values())) == [1]
    assert crossed({"a": 1}.items()) == {("a", 1)}


FOREIGN = {
    "an object": object(),
    "one in a list": [object()],
    "one in a key": {object(): 1},
    "a function": len,
    "a class": Point,
    "a module": math,
    "an endless iterator": iter(int, 1),
}


@pytest.mark.parametrize("value", FOREIGN.values(), ids=FOREIGN.keys())
def test_anything_else_does_not_cross(value):
    with pytest.raises(NotPlain):
        encode(value)


HOSTILE = {
    "an unknown kind": {"object": 1},
    "two kinds": {"tuple": [], "set": []},
    "no kind": {},
    "an unhashable key": {"dict": [[[], 1]]},
    "an unhashable item": {"set": [[1]]},
    "a pair of three": {"dict": [[1, 2, 3]]},
    "a tuple of a number": {"tuple": 1},
    "a dict of a text": {"dict": "ab"},
    "a whole number in words": {"int": "ten"},
    "a whole number of a list": {"int": [1]},
    "a fraction over zero": {"fraction": [1, 0]},
    "a fraction of texts": {"fraction": ["1", "2"]},
    "a complex number of texts": {"complex": ["1", "2"]},
    "a range without a step": {"range": [1, 2, 0]},
    "bytes that are none": {"bytes": "xyz"},
    "a decimal that is none": {"decimal": "one"},
    "a type beyond the known ones": {"type": "object"},
    "a type by attribute": {"type": "__class__"},
}


@pytest.mark.parametrize("wire", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_form_that_stands_for_nothing_is_refused(wire):
    with pytest.raises(ValueError, match=r".+"):
        decode(wire)


def test_nesting_without_end_is_an_error_of_its_own():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(RecursionError):
        encode(deep)
    with pytest.raises(RecursionError):
        decode(deep)
