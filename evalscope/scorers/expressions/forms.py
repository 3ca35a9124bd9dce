"""What an answer is (a number, a list, an interval, a time of day …), and the form in which equal ones are the same."""

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from fractions import Fraction
from functools import lru_cache

from evalscope.scorers.expressions.reader import read_expression
from evalscope.scorers.expressions.split import separators_outside, split_outside, unwrap
from evalscope.scorers.expressions.sums import Sum, Unreadable, add, as_number, negate, primitive, write
from evalscope.scorers.expressions.tidy import tidy
from evalscope.scorers.expressions.units import split_unit


class Kind(Enum):
    """The kinds that are compared in different ways."""

    NUMBER = auto()
    EXPRESSION = auto()
    ELEMENTS = auto()  # a list or a set: order does not matter
    ORDERED = auto()  # a tuple, an interval, a union of them, a matrix
    RELATION = auto()
    WORDS = auto()
    CLOCK = auto()
    RATIO = auto()
    NUMERAL = auto()  # in another base than ten
    UNREAD = auto()


NO_EXPRESSIONS = frozenset((Kind.WORDS, Kind.CLOCK, Kind.RATIO, Kind.NUMERAL))
"""What a library of mathematics would take for something else: 9 a.m. for 9, 3:1 for 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """An answer understood.

    Attributes:
        kind: what it is.
        key: the same for two of the same kind that are equal.
        latex: the expression as the library reads it.
        plain: its letters and digits in small letters, for answers in words.
        number: its value, if it is a plain number.
        unit: what was dropped behind it.
        value: what stands right of an equation whose left side is a name: 5 in x = 5.
        result: the number right of any other left side: 5 in a + b = 5, which says no more than 5 where a question
            asks for a + b, but is more than 5 where it asks for an equation.
    """

    kind: Kind
    key: str
    latex: str
    plain: str = ""
    number: Fraction | None = None
    unit: str = ""
    value: "Form | None" = None
    result: "Form | None" = None


_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")
_JOINED = re.compile(r",?\s*(?:\\text\s*\{\s*,?\s*(?:and|or)\s*\}|(?<![A-Za-z\\])(?:and|or)(?![A-Za-z]))\s*,?|\\quad")
_COMMA = re.compile(r"[,;]")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d)(?!,\d)")
_LEAD = re.compile(
    r"^\\text\s*\{[^{}]*(?:\bis\b|\bare\b|:|=)\s*\}\s*:?\s*|^\\(?:approx|therefore|implies|Rightarrow)(?![A-Za-z])|^[=:](?!\d)"
)
_LEAD_IN_WORDS = re.compile(
    r"^(?:the\s)?(?:final\s)?(?:answer|result|solution|value)s?\s?(?:is|are|:|=)\s*:?", re.IGNORECASE
)
_CLOCK = re.compile(r"^(\d{1,2})(?::(\d\d))?\s*([ap])\.?\s?m\.?$", re.IGNORECASE)
_NUMERAL = re.compile(
    r"^(-?)\(?([\dA-Za-z]*\d[\dA-Za-z]*(?:\.[\dA-Za-z]+)?)\)?(?:_\s*\{?\s*\(?(\d{1,2})\)?\s*\}?|\s+base\s+(\d{1,2}))$"
)
_COLON = re.compile(r":|\bto\b")
_WORDS = re.compile(r"[A-Za-z' ,.()!?-]*[A-Za-z]{4}[A-Za-z' ,.()!?-]*")
_MANY_WORDS = re.compile(r"(?<!\\)\b[A-Za-z]{3,}\s+(?:[A-Za-z]{1,}\s+){0,9}[A-Za-z]{3,}\b")
_UNION = re.compile(r"\\cup(?![A-Za-z])")
_MATRIX = re.compile(r"\\begin\{(?:[pb]?matrix|array|smallmatrix)\}(?:\{[^{}]*\})?(.*?)\\end\{[a-z]*\}", re.DOTALL)
_SIGNS = re.compile(r"\\pm(?![A-Za-z])")
_VARIABLE = re.compile(r"[A-Za-z]|\\(?:theta|alpha|beta|lambda)\\s?")
_OR = re.compile(r"\\text\s*\{\s*or\s*\}|(?<![A-Za-z\\])or(?![A-Za-z])|\\l?or(?![A-Za-z])")
_RELATION = re.compile(r"\\(?:le|ge|ne|equiv)(?![A-Za-z])|[=<>]")
_ABOUT = re.compile(r"\\approx(?![A-Za-z])")
_MEMBER = re.compile(r"\\in(?![A-Za-z])")
_NAME = re.compile(r"[A-Za-z\\{}()\[\]|,'_\s]{1,40}(?:_\{?\w+\}?)?(?:\([A-Za-z\d,\s]*\))?")
_COMPOSED = re.compile(r"[-+^\d]")
_SUCH_THAT = re.compile(r"[A-Za-z]\s*[|:]\s*(?=.*(?:[<=>]|\\(?:le|ge|ne)(?![A-Za-z])))")
_REALS = re.compile(
    r"\\mathbb\s*\{?R\}?|\\text\{\s*(?:all )?real(?: number)?s?\s*\}|(?:all )?real numbers?|all reals", re.IGNORECASE
)
_FLIPPED = {">": "<", "\\ge": "\\le"}


@lru_cache(maxsize=8192)
def read_form(text: str) -> Form:
    """The answer understood; whatever it is, it has a form."""
    tidied = tidy(text)
    lead = _LEAD.match(tidied) or _LEAD_IN_WORDS.match(tidied)
    while lead and lead.end() < len(tidied):
        tidied = tidied[lead.end() :].strip()
        lead = _LEAD.match(tidied)
    unwrapped = " ".join(_TEXT.sub(r" \1 ", tidied).split()).rstrip(" .")
    plain = re.sub(r"[^a-z0-9]+", " ", unwrapped.casefold()).strip()
    form = _special(unwrapped, plain) or _measured(tidied, unwrapped, plain)
    return replace(form, plain=plain)


def _special(text: str, plain: str) -> Form | None:
    """A time of day, a numeral of another base, a ratio: None where it is none of them."""
    if found := _CLOCK.match(text):
        key = f"{int(found[1])}:{found[2] or '00'} {found[3].lower()}m"
        return Form(kind=Kind.CLOCK, key=key, latex=text)
    if found := _NUMERAL.match(text):
        key = f"{found[1]}{found[2].upper().lstrip('0') or '0'}_{found[3] or found[4]}"
        if (found[2].upper().isalnum() and found[2][0].isdigit()) or "." in found[2]:
            return Form(kind=Kind.NUMERAL, key=key, latex=text)
    if (":" in text or " to " in text) and "|" not in text:
        parts = split_outside(text, _COLON)
        if 2 <= len(parts) <= 4:
            try:
                key = ":".join(write(read_expression(_merge_thousands(part))) for part in parts)
            except Unreadable:
                return None
            return Form(kind=Kind.RATIO, key=key, latex=text)
    return None


def _measured(tidied: str, unwrapped: str, plain: str) -> Form:
    """A value without its unit, a list, or words."""
    if _REALS.fullmatch(tidied):
        tidied = "(-\\infty,\\infty)"
    if either := _either(tidied):
        return either
    value, unit = split_unit(tidied)
    is_text = bool(_TEXT.fullmatch(value))
    listed = _JOINED.sub(",", _TEXT.sub(r" \1 ", value) if is_text else value)
    if (
        is_text
        and "," not in listed
        and len(plain) > 1
        and not plain.isdecimal()
        and not re.fullmatch(r"\(?[A-Z]\)?", unwrapped)
    ):
        return Form(kind=Kind.WORDS, key=plain, latex=value)
    if _is_prose(listed):
        return Form(kind=Kind.WORDS, key=plain, latex=value)
    return replace(_read_list(_merge_thousands(_TEXT.sub(r" \1 ", listed))), unit=unit)


def _either(text: str) -> Form | None:
    """The union of intervals that x < 1 or x > 2 stands for; None for anything else."""
    parts = _OR.split(text)
    if len(parts) < 2:
        return None
    forms = [_read_one(part) for part in parts]
    ranges = [form.value.key for form in forms if form.value and form.value.kind is Kind.ORDERED]
    if len(ranges) < len(parts) or len({_named_in(part) for part in parts}) > 1:
        return None
    return Form(kind=Kind.ORDERED, key=" u ".join(sorted(ranges)), latex=text)


def _named_in(text: str) -> str:
    return "".join(re.findall(r"(?<![\\A-Za-z])[A-Za-z](?![A-Za-z])", text))


def _is_prose(text: str) -> bool:
    if "\\text" in text:
        text = _TEXT.sub(r" \1 ", text)
        return bool(_MANY_WORDS.search(text))
    return bool(_WORDS.fullmatch(text)) or bool(_MANY_WORDS.search(text))


def _merge_thousands(text: str) -> str:
    """1,000 without its comma; in brackets a comma divides."""
    if "," not in text or not _THOUSANDS.search(text):
        return text
    inside = re.compile(r"(?<!frac)[(\[]|\\\{")
    if inside.search(text) and "," in text[inside.search(text).start() :]:  # type: ignore[union-attr]  # it was found
        return text
    return _THOUSANDS.sub(lambda number: number.group().replace(",", ""), text)


def _read_list(text: str) -> Form:
    """A bare list, with the name that its elements are given (x = 1, 2) left out; or the one thing there is."""
    parts = [part for part in split_outside(text, _COMMA) if part]
    if len(parts) < 2:
        spread = _spread_signs(text)
        return _elements(spread, text) if len(spread) > 1 else _read_one(text)
    return _elements([one for part in parts for one in _spread_signs(part)], text)


def _elements(parts: list[str], text: str) -> Form:
    forms = [_read_one(part) for part in parts]
    first = forms[0].value
    if first is not None:
        name = _left_of(parts[0])
        rest = zip(parts[1:], forms[1:], strict=True)
        if all(form.kind is not Kind.RELATION or (form.value and _left_of(part) == name) for part, form in rest):
            forms = [form.value or form for form in forms]
    if len(forms) == 1:
        return forms[0]
    keys = sorted(form.key for form in forms)
    latex = ",".join(form.latex for form in forms)
    kind = Kind.UNREAD if any(form.kind is Kind.UNREAD for form in forms) else Kind.ELEMENTS
    return Form(kind=kind, key="{" + "; ".join(keys) + "}", latex=f"\\{{{latex}\\}}")


def _spread_signs(text: str) -> list[str]:
    r"""1 \pm 2 as 1 + 2 and 1 - 2."""
    if text.count("\\pm") != 1 or "\\mp" in text or len(split_outside(text, _SIGNS)) != 2:
        return [text]
    return [re.sub(r"\\pm(?![A-Za-z])", sign, text) for sign in "+-"]


def _read_one(text: str) -> Form:
    """Anything that is no bare list."""
    text = text.strip().rstrip(" .")
    for separator, keeps_left in ((_MEMBER, False), (_ABOUT, True)):
        left, *right = split_outside(text, separator)
        if len(right) == 1 and _NAME.fullmatch(left):
            text = right[0]
        elif right and keeps_left:
            text = left
    try:
        return _union(text) or _bracketed(text) or _matrix(text) or _relation(text) or _expression(text)
    except Unreadable:
        return Form(kind=Kind.UNREAD, key="".join(text.split()), latex=text)


def _expression(text: str) -> Form:
    found = read_expression(text)
    number = as_number(found)
    kind = Kind.EXPRESSION if number is None else Kind.NUMBER
    return Form(kind=kind, key=write(found), latex=_spell_mixed(text), number=number)


def _spell_mixed(text: str) -> str:
    """A mixed number as a sum, for the library might multiply."""
    return re.sub(r"(?<![\d.^_{])(\d+)\s*(\\frac\s*(?:\{\d+\}|\d)\s*(?:\{\d+\}|\d))", r"(\1+\2)", text)


def _union(text: str) -> Form | None:
    parts = split_outside(text, _UNION)
    if len(parts) < 2:
        return None
    forms = [_read_one(part) for part in parts]
    if any(form.kind is Kind.UNREAD for form in forms):
        raise Unreadable("a part of the union")
    return Form(kind=Kind.ORDERED, key=" u ".join(sorted(form.key for form in forms)), latex=text)


def _bracketed(text: str) -> Form | None:
    """A set, a tuple or an interval; None for brackets around an expression."""
    found = unwrap(text)
    if found is None:
        return None
    if found.opening == "\\{":
        such_that = _SUCH_THAT.match(found.inside)
        form = _read_list(found.inside[such_that.end() :]) if such_that else _read_list(found.inside)
        if form.kind is Kind.UNREAD:
            raise Unreadable("a set of something else")
        return form
    parts = split_outside(found.inside, _COMMA)
    if len(parts) < 2:
        return None
    forms = [_read_one(part) for part in parts]
    if any(form.kind is Kind.UNREAD for form in forms):
        raise Unreadable("a part of the tuple")
    key = ", ".join(form.key for form in forms)
    return Form(kind=Kind.ORDERED, key=f"{found.opening}{key}{found.closing}", latex=text)


def _matrix(text: str) -> Form | None:
    found = _MATRIX.fullmatch(re.sub(r"^[(\[]\s*(?=\\begin)|(?<=\})\s*[)\]]$", "", text))
    if found is None:
        return None
    rows = [row for row in re.split(r"\\\\(?:\[[^\]]*\])?", found[1]) if row.strip()]
    keys = ["&".join(write(read_expression(cell)) for cell in row.split("&")) for row in rows]
    return Form(kind=Kind.ORDERED, key="[" + " // ".join(keys) + "]", latex=text)


def _left_of(text: str) -> str:
    return "".join(split_outside(text, _RELATION)[0].split())


def _relation(text: str) -> Form | None:
    """An equation or a chain of comparisons, brought to one side; None where nothing is compared."""
    signs = [found.group() for found in separators_outside(text, _RELATION)]
    if not signs:
        return None
    parts = split_outside(text, _RELATION)
    is_equation = set(signs) == {"="}
    value = _read_one(parts[-1]) if is_equation and parts[-1] else None
    if value is not None and value.kind is Kind.UNREAD:
        value = None
    is_named = bool(_NAME.fullmatch(parts[0])) and not re.search(r"\\(?:frac|sqrt|sin|cos|tan)", parts[0])
    result = value if value is not None and value.number is not None else None
    if not is_named and len(parts) == 2 and (result is None or _COMPOSED.search(parts[0])):
        value = None
    try:
        sides = [read_expression(part) for part in parts]
        compared = zip(sides, signs, sides[1:], strict=False)
        key = " & ".join(sorted(_compared(left, sign, right) for left, sign, right in compared))
    except Unreadable:
        value = value or result  # a determinant, say
        if value is None:
            raise
        key = "".join(text.split())
    value = value or (None if is_equation else _range(parts, signs))
    latex = text if len(parts) == 2 or not is_equation else f"{parts[0]} = {parts[-1]}"
    return Form(kind=Kind.RELATION, key=key, latex=latex, value=value, result=result)


def _range(parts: list[str], signs: list[str]) -> Form | None:
    """The interval that a variable runs through by 1 < x, x < 2 or 1 < x < 2; None for any other comparison."""
    if {_FLIPPED.get(sign) for sign in signs} <= set(_FLIPPED.values()):
        parts, signs = parts[::-1], [_FLIPPED[sign] for sign in reversed(signs)]
    if not set(signs) <= set(_FLIPPED.values()) or len(parts) > 3:
        return None
    if len(parts) == 2:
        is_upper = bool(_VARIABLE.fullmatch(parts[0]))
        parts, signs = (["-\\infty", *parts], ["<", *signs]) if is_upper else ([*parts, "\\infty"], [*signs, "<"])
    if not _VARIABLE.fullmatch(parts[1]):
        return None
    opening, closing = "(" if signs[0] == "<" else "[", ")" if signs[1] == "<" else "]"
    return _bracketed(f"{opening}{parts[0]}, {parts[2]}{closing}")


def _compared(left: Sum, sign: str, right: Sum) -> str:
    if sign in _FLIPPED:
        left, sign, right = right, _FLIPPED[sign], left
    difference = add(left, negate(right))
    return f"{write(primitive(difference, keeps_sign=sign in ('<', chr(92) + 'le')))} {sign} 0"
