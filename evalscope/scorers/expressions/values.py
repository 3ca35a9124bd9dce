"""Expressions that differ at a point are different: seen at once where the library would simplify for minutes."""

import cmath
from collections.abc import Mapping

import sympy  # type: ignore[import-untyped]  # it has no types

FAR_APART = 1e-3
"""Two values that differ by more than this share of the larger are not equal, however they are rounded."""

_FIRST_VALUE, _STEP = 0.3717, 0.2341
"""Variables become positive and no round numbers, so that hardly any two expressions meet there by chance."""

ROUNDED = 1e-6
"""So near are entries of matrices that are equal."""

_UNSURE = complex("nan")

_VALUELESS = (
    sympy.Derivative,
    sympy.Integral,
    sympy.Limit,
    sympy.Product,
    sympy.Sum,
    sympy.core.function.AppliedUndef,
)


def differ_at_a_point(one: object, other: object) -> bool:
    """Whether two expressions, or right sides of equations for one name, have values that are far apart.

    False says nothing: they may be equal, or be none that has a value.
    """
    left, right = right_sides(one, other)
    if not isinstance(left, sympy.Expr) or not isinstance(right, sympy.Expr):
        return False
    point = _point(left, right)
    here, there = _value(left, point), _value(right, point)
    if not (cmath.isfinite(here) and cmath.isfinite(there)):
        return False
    return abs(here - there) > FAR_APART * max(abs(here), abs(there))


def compare_matrices(one: object, other: object) -> bool | None:
    """Whether two matrices, or right sides of equations for them, have the same entries; None for the library to say.

    It calls all equations that hold matrices equal, and 2M different from M2.
    """
    left, right = right_sides(one, other)
    are_matrices = [bool(getattr(side, "is_Matrix", False)) for side in (left, right)]
    if not all(are_matrices):
        has_equation = isinstance(one, sympy.Eq) or isinstance(other, sympy.Eq)
        return False if any(are_matrices) and has_equation else None
    point = _point(left, right)
    try:
        here, there = (sympy.Matrix(side.subs(point).doit()) for side in (left, right))  # type: ignore[attr-defined]
    except (ArithmeticError, TypeError, ValueError, RecursionError):
        return None
    if here.shape != there.shape:
        return False
    entries = [(_value(entry, {}), _value(beside, {})) for entry, beside in zip(here, there, strict=True)]
    if not all(cmath.isfinite(value) for pair in entries for value in pair):
        return None
    return all(abs(entry - beside) <= ROUNDED * max(1.0, abs(entry)) for entry, beside in entries)


def _point(one: sympy.Basic, other: sympy.Basic) -> Mapping[sympy.Symbol, float]:
    names = sorted(one.free_symbols | other.free_symbols, key=str)
    return {name: _FIRST_VALUE + _STEP * place for place, name in enumerate(names)}


def right_sides(one: object, other: object) -> tuple[object, object]:
    """What is to be compared of x = 5 and 5, or of x = 5 and x = 6; x = 2y and y = x/2 stay whole."""
    equations = [side for side in (one, other) if isinstance(side, sympy.Eq)]
    for equation in equations:
        if not _is_name(equation.lhs) or any(side.rhs.has(equation.lhs) for side in equations):
            return one, other
    return _right_side(one), _right_side(other)


def _is_name(left: sympy.Basic) -> bool:
    """Whether an equation tells what something is: x, f(t), or the current I, which is read as the imaginary unit."""
    return left.is_Symbol or left == sympy.I or isinstance(left, sympy.core.function.AppliedUndef)


def _right_side(found: object) -> object:
    return found.rhs if isinstance(found, sympy.Eq) else found


def _value(expression: sympy.Expr, point: Mapping[sympy.Symbol, float]) -> complex:
    try:
        if expression.has(*_VALUELESS):
            return _UNSURE
        return complex(expression.subs(point).evalf(15))
    except (ArithmeticError, TypeError, ValueError, RecursionError):
        return _UNSURE
