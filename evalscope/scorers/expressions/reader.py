"""An expression in tidy LaTeX, read into its normal form."""

import re
from collections.abc import Mapping
from fractions import Fraction
from math import comb, factorial

from evalscope.scorers.expressions.sums import (
    ZERO,
    Sum,
    Unreadable,
    add,
    as_number,
    constant,
    divide,
    factor,
    multiply,
    negate,
    power,
    write,
)

_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")
_AT_A_POINT = re.compile(r"\s*\(\s*(?P<point>\d+|[A-Za-z])\s*\)(?!\s*[\^!])")  # x(t), I(0); a factor would go first
_COMMAND = re.compile(r"\\[A-Za-z]+|\\.")
_FUNCTION_NAMES = "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln exp"
_SYMBOL_NAMES = (
    "pi alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi varphi "
    "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega infty"
)
_FUNCTIONS = frozenset(f"\\{name}" for name in _FUNCTION_NAMES.split())
_SYMBOLS = frozenset(f"\\{name}" for name in _SYMBOL_NAMES.split())
_CLOSING: Mapping[str, str] = {"(": ")", "[": "]", "{": "}"}
_LONGEST = 1000
_DEEPEST = 40
_LARGEST_FACTORIAL = 300


def read_expression(text: str) -> Sum:
    r"""The normal form of an expression.

    Args:
        text: tidy LaTeX: no \\left, no \\dfrac, no units; spaces do not matter.

    Raises:
        Unreadable: it is none that this reader knows.
    """
    if len(text) > _LONGEST:
        raise Unreadable("the text is too long")
    reader = _Reader(text)
    found = reader.read_sum(0)
    if reader.peek():
        raise Unreadable(f"{text[reader.at :]!r} is left")
    return found


class _Reader:
    """A place in a text, and the grammar around it: sums of products of powers."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        """What comes next: a command, or one character; empty at the end."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        if self.at == len(self.text):
            return ""
        if self.text[self.at] == "\\":
            found = _COMMAND.match(self.text, self.at)
            return found.group() if found else "\\"
        return self.text[self.at]

    def take(self, wanted: str) -> bool:
        """Whether that comes next; if so, it is passed."""
        if self.peek() != wanted:
            return False
        self.at += len(wanted)
        return True

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise Unreadable(f"{wanted!r} is missing at {self.at}")

    def read_sum(self, depth: int) -> Sum:
        if depth > _DEEPEST:
            raise Unreadable("brackets are too deep")
        total: Sum = ZERO
        is_first = True
        while is_first or self.peek() in ("+", "-"):
            sign = 1
            while self.peek() in ("+", "-"):
                sign = -sign if self.peek() == "-" else sign
                self.at += 1
            term = self._read_product(depth)
            total = add(total, term if sign > 0 else negate(term))
            is_first = False
        return total

    def _read_product(self, depth: int) -> Sum:
        total = self._read_power(depth)
        is_behind_slash = False
        while True:
            if self.take("*") or self.take("\\cdot") or self.take("\\times"):
                total, is_behind_slash = multiply(total, self._read_signed(depth)), False
            elif self.take("/") or self.take("\\div"):
                total, is_behind_slash = divide(total, self._read_signed(depth)), True
            elif self._is_factor_next():
                if is_behind_slash:
                    raise Unreadable("1/2x may mean two things")
                if self.text[self.at].isdigit():
                    raise Unreadable("a number right behind a factor")
                total = multiply(total, self._read_power(depth))
            else:
                return total

    def _read_signed(self, depth: int) -> Sum:
        if self.take("-"):
            return negate(self._read_power(depth))
        return self._read_power(depth)

    def _is_factor_next(self) -> bool:
        found = self.peek()
        return bool(found) and (
            found.isalnum() or found in ("(", "{", ".", "\\frac", "\\sqrt", "\\binom") or found in _SYMBOLS | _FUNCTIONS
        )

    def _read_power(self, depth: int) -> Sum:
        start = self.at
        base = self._read_base(depth)
        while True:
            if self.take("!"):
                base = self._factorial(base)
            elif self.take("^"):
                if self.text[start : self.at].strip().startswith("\\frac"):
                    raise Unreadable("a power of a bare fraction may mean two things")
                base = power(base, self._read_exponent(depth))
                if self.peek() == "^":
                    raise Unreadable("a double power")
            else:
                return base

    def _factorial(self, base: Sum) -> Sum:
        number = as_number(base)
        if number is None or number.denominator != 1 or not 0 <= number <= _LARGEST_FACTORIAL:
            return factor(f"({write(base)})!")
        return constant(Fraction(factorial(int(number))))

    def _read_exponent(self, depth: int) -> Sum:
        if self.peek() == "{":
            return self._read_bracketed("{", depth)
        sign = self.take("-")
        exponent = self._read_base(depth)
        return negate(exponent) if sign else exponent

    def _read_base(self, depth: int) -> Sum:
        found = self.peek()
        if number := _NUMBER.match(self.text, self.at):
            return self._read_number(number, depth)
        if found in ("(", "{", "["):
            return self._read_bracketed(found, depth)
        if len(found) == 1 and found.isalpha():
            return self._read_letter(found)
        if found in _SYMBOLS:
            self.at += len(found)
            return self._with_index(found)
        self.at += len(found)
        if found == "\\frac":
            top = self._read_argument(depth)
            return divide(top, self._read_argument(depth))
        if found == "\\sqrt":
            return self._read_root(depth)
        if found == "\\binom":
            return self._choose(self._read_argument(depth), self._read_argument(depth))
        if found in _FUNCTIONS:
            return self._read_function(found, depth)
        raise Unreadable(f"{found!r} is unknown")

    def _read_number(self, number: re.Match[str], depth: int) -> Sum:
        r"""A number, or a mixed one: 1\\frac{1}{2} is 3/2."""
        self.at = number.end()
        value = constant(Fraction(number.group()))
        if self.peek() != "\\frac":
            return value
        mark, self.at = self.at, self.at + len("\\frac")
        top, bottom = (as_number(self._read_argument(depth)) for _ in range(2))
        if top is None or bottom is None or "." in number.group():
            self.at = mark
            return value
        if top.denominator == bottom.denominator == 1 and 0 < top < bottom:
            return add(value, constant(top / bottom))
        raise Unreadable("a number before a fraction may mean a sum or a product")

    def _read_letter(self, letter: str) -> Sum:
        self.at += 1
        if found := _AT_A_POINT.match(self.text, self.at):
            self.at = found.end()
            return factor(f"{letter}({found['point']})")
        if self.peek() == "(" and letter in "fghFGHPQ":
            raise Unreadable("a function of unknown name")
        return self._with_index(letter)

    def _with_index(self, name: str) -> Sum:
        if not self.take("_"):
            return factor(name)
        if self.peek() != "{":
            index = self.peek()
            self.at += len(index)
        else:
            end = self.text.find("}", self.at)
            if end < 0 or "{" in self.text[self.at + 1 : end]:
                raise Unreadable("an index that is no name")
            index = "".join(self.text[self.at + 1 : end].split())
            self.at = end + 1
        return factor(f"{name}_{{{index}}}")

    def _read_bracketed(self, opening: str, depth: int) -> Sum:
        self.expect(opening)
        found = self.read_sum(depth + 1)
        self.expect(_CLOSING[opening])
        return found

    def _read_argument(self, depth: int) -> Sum:
        r"""What TeX takes for an argument: a group, or a single character: \frac12."""
        found = self.peek()
        if found == "{":
            return self._read_bracketed("{", depth)
        if found.isdigit():
            self.at += 1
            return constant(Fraction(int(found)))
        return self._read_base(depth + 1)

    def _read_root(self, depth: int) -> Sum:
        degree = self._read_bracketed("[", depth) if self.peek() == "[" else constant(Fraction(2))
        is_bare = self.peek().isdigit()
        inside = self._read_argument(depth)
        if is_bare and self.peek().isdigit():
            raise Unreadable("a root of several bare digits may mean two things")
        return power(inside, divide(constant(Fraction(1)), degree))

    def _choose(self, top: Sum, bottom: Sum) -> Sum:
        n, k = as_number(top), as_number(bottom)
        if n is None or k is None or n.denominator != 1 or k.denominator != 1 or not 0 <= k <= n <= 1000:
            return factor(f"binom({write(top)},{write(bottom)})")
        return constant(Fraction(comb(int(n), int(k))))

    def _read_function(self, name: str, depth: int) -> Sum:
        index = write(self._read_argument(depth)) if self.take("_") else ""
        exponent = self._read_exponent(depth) if self.take("^") else None
        if exponent is not None and (number := as_number(exponent)) is not None and number < 0:
            raise Unreadable("an inverse or a reciprocal")
        argument = self._read_power(depth)
        while self._is_factor_next() and self.peek() not in _FUNCTIONS and self.peek() not in ("(", "{"):
            argument = multiply(argument, self._read_power(depth))
        if self.peek() == "/":
            raise Unreadable("sin x/2 may mean two things")
        found = factor(f"{name[1:]}{index and '_'}{index}({write(argument)})")
        return found if exponent is None else power(found, exponent)
