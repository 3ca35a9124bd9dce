"""Tests of EvalPlus: many inputs, on each of which a program must give what the reference gives."""

import json
from typing import Any

from evalscope.core.sample import Record

_COMPARING = '''
import copy
import json
import sys
import types


def is_float(value):
    return isinstance(value, float) or (
        isinstance(value, (list, tuple)) and bool(value) and all(isinstance(item, float) for item in value)
    )


def is_near(given, right, atol, rtol=1e-7):
    if isinstance(right, (list, tuple)):
        return len(given) == len(right) and all(is_near(*pair, atol, rtol) for pair in zip(given, right))
    return given == right or abs(given - right) <= atol + rtol * abs(right)


def is_same(given, right, atol):
    if given == right:
        return True
    atol = atol or (1e-6 if is_float(right) else 0)
    return bool(atol) and type(given) is type(right) and is_near(given, right, atol)


def is_same_set(given, right, atol):
    return set(given) == set(right)


def is_same_verdict(given, right, atol):
    return given == right if isinstance(given, bool) else right == (given is not None)


def is_anything(given, right, atol):
    return True


def with_tuples(value):
    return tuple(map(with_tuples, value)) if isinstance(value, list) else value


def values_of(reference, inputs):
    """The inputs in the form that the reference takes, for JSON has no tuples, and what it gives on each."""
    outer = [[with_tuples(arg) for arg in args] for args in inputs]
    inner = [[[*map(with_tuples, arg)] if isinstance(arg, list) else arg for arg in args] for args in inputs]
    faults = []
    for form in (inputs, outer, inner):
        try:
            return form, [reference(*copy.deepcopy(args)) for args in form]
        except Exception as error:
            faults.append(error)
    raise faults[0]


# the hub's tests import numpy for these few names, and a sandbox has the standard library alone
numpy = types.ModuleType("numpy")
numpy.ndarray = type("ndarray", (), {})
numpy.float32 = numpy.float64 = float
numpy.allclose = lambda given, right, rtol=1e-5, atol=1e-8: is_near(given, right, atol, rtol)
sys.modules.setdefault("numpy", numpy)
'''

_TESTS = """
for args, right in zip(INPUTS, VALUES):
    given = {name}(*copy.deepcopy(args))
    assert {comparison}, f"{name}{{tuple(args)!r:.200}} is to give {{right!r:.200}}, and gave {{given!r:.200}}"
"""

SET_OF_ITEMS = frozenset(
    {
        "similar_elements",
        "find_char_long",
        "common_in_nested_lists",
        "extract_singly",
        "larg_nnum",
        "intersection_array",
        "find_dissimilar",
        "Diff",
    }
)
"""Functions of MBPP+ whose items may come in any order."""

ANY_MATCH = frozenset({"check_str", "text_match_three", "text_starta_endb"})
"""Functions of MBPP+ that may return what they found instead of True, and None instead of False."""

UNDERSPECIFIED = frozenset({"are_equivalent", "sum_div"})
"""Functions of MBPP+ whose texts allow several readings: EvalPlus takes every value that is returned."""


def facts_of_tests(record: Record, *, has_own_check: bool) -> dict[str, Any]:
    """`setup` and `tests` of a record: those of its column `test`, or made of its inputs and reference.

    Args:
        record: of the hub, or of EvalPlus's own files.
        has_own_check: whether the column `test` defines check(candidate), which is then to be called.
    """
    name, prompt = record["entry_point"], record["prompt"]
    if "test" in record:
        call = f"\ncheck({name})\n" if has_own_check else ""
        setup = f"{_COMPARING}\n{prompt}\n" if has_own_check else _COMPARING
        return {"setup": setup, "tests": f"{record['test']}{call}"}
    inputs = json.dumps([*record["base_input"], *(record.get("plus_input") or ())])
    reference = f"{prompt}{record['canonical_solution']}"
    setup = (
        f"{_COMPARING}\nREFERENCE = {{}}\nexec({reference!r}, REFERENCE)\n"
        f"INPUTS, VALUES = values_of(REFERENCE[{name!r}], json.loads({inputs!r}))\n"
    )
    return {"setup": setup, "tests": _TESTS.format(name=name, comparison=_comparison(name, record.get("atol") or 0))}


def _comparison(name: str, atol: float) -> str:
    """How a value is compared with the reference's, as EvalPlus does."""
    if name == "find_zero":  # of HumanEval: any root will do
        return f"abs(REFERENCE['poly'](*args, given)) <= {max(atol, 1e-6)!r}"
    compare = "is_same"
    if name in SET_OF_ITEMS:
        compare = "is_same_set"
    elif name in ANY_MATCH:
        compare = "is_same_verdict"
    elif name in UNDERSPECIFIED:
        compare = "is_anything"
    return f"{compare}(given, right, {atol!r})"
