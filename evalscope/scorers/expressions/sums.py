"""Sums of products with exact coefficients: the normal form of an expression."""

from collections.abc import Mapping
from fractions import Fraction
from math import gcd

Powers = tuple[tuple[str, Fraction], ...]
"""A product: its factors and their exponents, sorted. A factor of digits is a number under a root."""

Sum = Mapping[Powers, Fraction]
"""Products and their coefficients; none is 0. An empty sum is 0."""

MOST_TERMS = 60
MOST_BITS = 8000
_LARGEST_TRIAL = 1000


class Unreadable(ValueError):
    """The text is no expression that the fast path knows, or is too large for it."""


ZERO: Sum = {}
ONE: Sum = {(): Fraction(1)}


def constant(value: Fraction) -> Sum:
    """A plain number."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
        raise Unreadable("the number is too large")
    return {(): value} if value else ZERO


def factor(name: str) -> Sum:
    """A variable, a constant such as pi, or anything else that is not taken apart."""
    return {((name, Fraction(1)),): Fraction(1)}


def as_number(one: Sum) -> Fraction | None:
    """Its value, where it is a plain number."""
    if not one:
        return Fraction(0)
    return one.get(()) if len(one) == 1 else None


def add(one: Sum, other: Sum) -> Sum:
    """One plus the other."""
    total = dict(one)
    for powers, coefficient in other.items():
        total[powers] = total.get(powers, Fraction(0)) + coefficient
    return _bounded(total)


def multiply(one: Sum, other: Sum) -> Sum:
    """One times the other, brackets expanded."""
    if len(one) * len(other) > MOST_TERMS**2:
        raise Unreadable("the product has too many terms")
    total: dict[Powers, Fraction] = {}
    for powers, coefficient in one.items():
        for others, other_coefficient in other.items():
            product, scale = _join(powers, others)
            total[product] = total.get(product, Fraction(0)) + coefficient * other_coefficient * scale
    return _bounded(total)


def negate(one: Sum) -> Sum:
    """Minus one."""
    return {powers: -coefficient for powers, coefficient in one.items()}


def power(base: Sum, exponent: Sum) -> Sum:
    """The base raised; an exponent that is no number makes it a factor by itself."""
    number = as_number(exponent)
    if number is None:
        return factor(f"({write(base)})^({write(exponent)})")
    if not base:
        if number <= 0:
            raise Unreadable("0 has no such power")
        return ZERO
    if len(base) == 1:
        return _power_of_product(base, number)
    if number.denominator == 1 and 0 <= number <= 12:
        total = ONE
        for _ in range(int(number)):
            total = multiply(total, base)
        return total
    lead = base[min(base)]
    if number.denominator != 1 and lead < 0:
        lead = -lead
    inner = {powers: coefficient / lead for powers, coefficient in base.items()}
    return multiply(_root(lead, number), {((f"({write(inner)})", number),): Fraction(1)})


def divide(one: Sum, other: Sum) -> Sum:
    """One over the other."""
    return multiply(one, power(other, constant(Fraction(-1))))


def write(one: Sum) -> str:
    """The sum as text; equal sums are the same text."""
    return "+".join(_write_product(powers, coefficient) for powers, coefficient in sorted(one.items())) or "0"


def _write_product(powers: Powers, coefficient: Fraction) -> str:
    factors = [name if exponent == 1 else f"{name}^{exponent}" for name, exponent in powers]
    return "*".join(factors if factors and coefficient == 1 else [str(coefficient), *factors])


def _power_of_product(base: Sum, exponent: Fraction) -> Sum:
    (powers, coefficient) = next(iter(base.items()))
    is_root = exponent.denominator != 1
    if (
        is_root
        and any(not _is_positive(name) for name, _ in powers)
        and (powers[0][1] != 1 or base != factor(powers[0][0]))
    ):
        return {((f"({write(base)})", exponent),): Fraction(1)}  # the root of x^2 is not x
    total = _root(coefficient, exponent)
    for name, own in powers:
        total = multiply(total, _factor_to(name, own * exponent))
    return total


def _is_positive(name: str) -> bool:
    return name.isdecimal() or name in ("\\pi", "e")


def _factor_to(name: str, exponent: Fraction) -> Sum:
    if name.isdecimal():
        return _root(Fraction(int(name)), exponent)
    return {((name, exponent),): Fraction(1)} if exponent else ONE


def _root(base: Fraction, exponent: Fraction) -> Sum:
    """A number raised: whole primes go into the coefficient, what is left stays under the root."""
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent) * bits > MOST_BITS:
        raise Unreadable("the power is too large")
    if exponent.denominator == 1:
        return constant(base ** int(exponent))
    if base < 0:
        raise Unreadable("a root of a negative number")
    coefficient, left = Fraction(1), {}
    for number, sign in ((base.numerator, 1), (base.denominator, -1)):
        for prime, times in _primes(number).items():
            whole, rest = divmod(times * sign * exponent, 1)
            coefficient *= Fraction(prime) ** int(whole)
            if rest:
                left[str(prime)] = rest
    return {tuple(sorted(left.items())): coefficient}


def _primes(number: int) -> dict[int, int]:
    """The prime factors with their exponents; a large rest that may be no prime counts as one."""
    found: dict[int, int] = {}
    divisor = 2
    while divisor * divisor <= number and divisor <= _LARGEST_TRIAL:
        while number % divisor == 0:
            found[divisor] = found.get(divisor, 0) + 1
            number //= divisor
        divisor += 1
    if number > 1:
        found[number] = found.get(number, 0) + 1
    return found


def _join(one: Powers, other: Powers) -> tuple[Powers, Fraction]:
    """The product of two products, and the number that came out from under roots."""
    if not one or not other:
        return one or other, Fraction(1)
    exponents = dict(one)
    scale = Fraction(1)
    for name, exponent in other:
        total = exponents.get(name, Fraction(0)) + exponent
        if name.isdecimal():
            whole, total = divmod(total, 1)
            scale *= Fraction(int(name)) ** int(whole)
        exponents[name] = total
    return tuple(sorted((name, exponent) for name, exponent in exponents.items() if exponent)), scale


def _bounded(total: Mapping[Powers, Fraction]) -> Sum:
    kept = {powers: coefficient for powers, coefficient in total.items() if coefficient}
    if len(kept) > MOST_TERMS:
        raise Unreadable("the sum has too many terms")
    for coefficient in kept.values():
        if max(coefficient.numerator.bit_length(), coefficient.denominator.bit_length()) > MOST_BITS:
            raise Unreadable("a coefficient is too large")
    return kept


def primitive(one: Sum, *, keeps_sign: bool) -> Sum:
    """The sum over a number that makes its coefficients whole and without a common factor, the first positive.

    Args:
        one: to be scaled.
        keeps_sign: whether the number must be positive, as in an inequality.
    """
    if not one:
        return one
    top, bottom = 0, 1
    for coefficient in one.values():
        top = gcd(top, coefficient.numerator)
        bottom = bottom * coefficient.denominator // gcd(bottom, coefficient.denominator)
    scale = Fraction(bottom, top)
    if not keeps_sign and one[min(one)] < 0:
        scale = -scale
    return {powers: coefficient * scale for powers, coefficient in one.items()}
