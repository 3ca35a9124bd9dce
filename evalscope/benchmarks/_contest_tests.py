"""Tests of programming contests: an input with its output, for a program or for a method of a class."""

import base64
import binascii
import io
import json
import pickle
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NoReturn

MOST_BYTES = 2**29
"""Packed tests may unfold to so much; a file that holds more is none that anybody published."""

PRELUDE = """\
import bisect, collections, copy, datetime, functools, heapq, itertools, json, math, operator, random, re, statistics
import string, sys
from bisect import *
from collections import *
from functools import *
from heapq import *
from itertools import *
from math import *
from operator import *
from string import *
from typing import *
from builtins import *
sys.setrecursionlimit(50000)
"""
"""What contest sites import before a solution, as LiveCodeBench does."""

_METHOD = """

def call_method(arguments):
    import json
    return Solution().{name}(*map(json.loads, arguments.split("\\n")))
"""

_TESTS_OF_FUNCTION = """
import json

for arguments, output in json.loads({tests!r}):
    given, right = call_method(arguments), json.loads(output)
    given = list(given) if isinstance(given, tuple) else given
    assert given == right, f"for {{arguments!r:.200}} {{right!r:.200}} was to come, and {{given!r:.200}} came"
"""

_TESTS_OF_PROGRAM = """
import json
from decimal import Decimal, InvalidOperation


def lines_of(text):
    return [line.strip() for line in text.strip().split("\\n")]


def is_same(given, right):
    if given == right:
        return True
    try:
        return list(map(Decimal, given.split())) == list(map(Decimal, right.split()))
    except InvalidOperation:
        return False


for text, output in json.loads({tests!r}):
    given, right = lines_of(run_script(text)), lines_of(output)
    is_right = len(given) == len(right) and all(map(is_same, given, right))
    assert is_right, f"for input {{text!r:.200}} {{output!r:.200}} was to come, and {{given!r:.200}} came"
"""


def read_tests(packed: str) -> list[tuple[str, str]]:
    """Pairs of input and output: JSON, or JSON that was pickled, compressed and put into base64.

    Raises:
        ValueError: it is neither.
    """
    try:
        text = packed if packed.lstrip().startswith("[") else _unpack(packed)
        return [(test["input"], test["output"]) for test in json.loads(text)]
    except (binascii.Error, zlib.error, pickle.UnpicklingError, EOFError, KeyError, TypeError) as error:
        raise ValueError(f"the tests are no JSON, plain or packed ({type(error).__name__}: {error})") from error


def about_method(name: str) -> Mapping[str, Any]:
    """What a sandbox is given to test a method of the class Solution; arguments are JSON, one a line.

    Raises:
        ValueError: it is no name of a method.
    """
    if not name.isidentifier():
        raise ValueError(f"func_name {name!r} is no name of a function")
    return {"names": ("call_method",), "after": _METHOD.format(name=name), "tests": Unpacking(_TESTS_OF_FUNCTION)}


@dataclass(frozen=True, slots=True)
class Unpacking:
    """Tests that are unpacked only for the program that is tested: those of one problem may be many megabytes.

    Attributes:
        form: of the program that tests, with {tests}.
    """

    form: str

    def __call__(self, facts: Mapping[str, Any]) -> str:
        """The program that tests; `facts` hold the packed tests.

        Raises:
            ValueError: they cannot be read.
        """
        tests = [test for packed in facts["packed"] for test in read_tests(packed)]
        return self.form.format(tests=json.dumps(tests))


ABOUT_PROGRAM: Mapping[str, Any] = MappingProxyType(
    {"names": ("run_script",), "is_script": True, "tests": Unpacking(_TESTS_OF_PROGRAM)}
)
"""What a sandbox is given to test a program that reads standard input."""


def _unpack(packed: str) -> str:
    unpacker = zlib.decompressobj()
    pickled = unpacker.decompress(base64.b64decode(packed, validate=True), MOST_BYTES)
    if not unpacker.eof:
        raise ValueError(f"the packed tests are torn, or larger than {MOST_BYTES} bytes")
    text = _TextAlone(io.BytesIO(pickled)).load()
    if isinstance(text, bytes):
        text = text.decode()
    if not isinstance(text, str):
        raise ValueError(f"the packed tests hold a {type(text).__name__}, and a text is needed")
    return text


class _TextAlone(pickle.Unpickler):
    """Reads pickled texts; whatever would call or import anything is refused."""

    def find_class(self, module: str, name: str) -> NoReturn:
        """Refuses every name: a text needs none."""
        raise pickle.UnpicklingError(f"the packed tests name {module}.{name}; only texts are read")

    def persistent_load(self, pid: object) -> NoReturn:
        """Refuses every reference."""
        raise pickle.UnpicklingError("the packed tests refer to something outside; only texts are read")
