"""Units behind a value: dropped, unless both sides name a different one."""

import re
from typing import NamedTuple

_SYNONYMS = {
    "centimeter": "cm", "centimetre": "cm", "millimeter": "mm", "millimetre": "mm", "kilometer": "km",
    "kilometre": "km",
    "meter": "m", "metre": "m", "inch": "in", "inche": "in", "feet": "ft", "foot": "ft", "yard": "yd",
    "mile": "mi", "hour": "h", "hr": "h", "minute": "min", "second": "s", "sec": "s", "dollar": "$", "buck": "$",
    "usd": "$", "cent": "¢", "gram": "g", "gm": "g", "gms": "g", "kilogram": "kg", "pound": "lb", "ounce": "oz",
    "degree": "deg", "radian": "rad", "percent": "%", "liter": "l", "litre": "l", "milliliter": "ml", "day": "day",
    "week": "week", "month": "month", "year": "year", "miles per hour": "mph", "mile per hour": "mph", "unit": "unit",
}  # fmt: skip
_MEASURES = frozenset(_SYNONYMS.values()) - {"%", "unit"}
_SHORT_NAMES = "cm mm km ft yd mi hr min sec lb oz kg gm ml mph kph rad deg pts"
_SHORT = frozenset(_SHORT_NAMES.split())
_MATHS_NAMES = (
    "and or to of base where for is if mod in sin cos tan cot sec csc log ln exp sqrt pi inf infty undefined none"
)
_NO_UNITS = frozenset(_MATHS_NAMES.split())

_IN_TEXT = re.compile(
    r"^(?P<value>.*[^\s,;])\s*\\text\s*\{(?P<unit>[^{}]*)\}\s*(?P<power>\^\s*\{?\s*[23]\s*\}?)?$", re.DOTALL
)
_BARE = re.compile(
    r"^(?P<value>.*[\d})])(?P<gap>\s*)(?P<unit>[A-Za-z]+\.?(?: [A-Za-z]+\.?){0,4})\s*"
    r"(?P<power>\^\s*\{?\s*[23]\s*\}?)?$",
    re.DOTALL,
)
_UPRIGHT = r"(?:\\text\s*\{\s*)?"
_RATE = re.compile(
    rf"^(?P<value>.*[\d}})])\s*{_UPRIGHT}(?P<top>[mck]?m|ft|feet|foot|mi|miles?|(?:kilo)?(?:meter|metre)s?)\s*\}}?\s*/"
    rf"\s*{_UPRIGHT}\\?(?P<bottom>s|secs?|seconds?|min|minutes?|hr?s?|hours?|days?)\s*\}}?\.?$",
    re.DOTALL,
)
_MONEY = re.compile(r"^(?P<sign>[-+]?)\s*(?:\\\$|[$€£¥])\s*(?P<value>.*)$", re.DOTALL)
_PERCENT = re.compile(r"^(?P<value>.*[^\s\\])\s*\\?%$", re.DOTALL)
_POWERS = {"square": "^2", "sq": "^2", "squared": "^2", "cubic": "^3", "cubed": "^3", "cu": "^3"}


class Measured(NamedTuple):
    """A value and its unit; the unit is empty where there is none."""

    value: str
    unit: str


def split_unit(text: str) -> Measured:
    r"""The value without what stands around it: \$5, 5\%, 5\text{ cm}^2, 5 square feet, 5cm, 5 m/s."""
    unit = ""
    for _ in range(4):
        if found := _MONEY.match(text):
            text, unit = found["sign"] + found["value"], unit or "$"
        elif found := _PERCENT.match(text):
            text, unit = found["value"], unit or "%"
        elif found := _RATE.match(text):
            text, unit = found["value"], _rate(found["top"], found["bottom"])
        elif ((found := _IN_TEXT.match(text)) and _is_unit(found["unit"])) or (
            (found := _BARE.match(text)) and _is_bare_unit(found)
        ):
            power = re.sub(r"[\s{}]", "", found["power"] or "")
            text, unit = found["value"], f"{_name(found['unit'])}{power}{unit}"
        else:
            break
    return Measured(text.strip(), unit)


def differ(one: str, other: str) -> bool:
    """Whether two units measure differently: cm and m do; cm and none, or cm and "units", do not."""
    measures = (part for unit in (one, other) for part in re.sub(r"\^\d$", "", unit).split("/"))
    return one != other and all(part in _MEASURES for part in measures)


def _is_unit(text: str) -> bool:
    words = re.findall(r"[A-Za-z]+", text.casefold())
    return not (_NO_UNITS & set(words)) and not re.search(r"[=<>\d]|[ap]\.\s?m", text.casefold())


def _is_bare_unit(found: re.Match[str]) -> bool:
    """Whether words behind a value are its unit: long ones behind a space, known ones also without it."""
    words = found["unit"].casefold().replace(".", "").split()
    if _NO_UNITS & set(words):
        return False
    known = [word in _SHORT or word in _SYNONYMS or word.removesuffix("s") in _SYNONYMS for word in words]
    if not found["gap"]:
        return len(words) == 1 and known[0]
    return all(
        is_known or len(word) >= 4 or word in _POWERS or (word == "per" and len(words) > 1)
        for word, is_known in zip(words, known, strict=True)
    )


def _rate(top: str, bottom: str) -> str:
    """A length per time by one name: miles/hr and mi/h are "mph"."""
    rate = "/".join(_SYNONYMS.get(part, _SYNONYMS.get(part.removesuffix("s"), part)) for part in (top, bottom))
    return "mph" if rate == "mi/h" else rate


def _name(text: str) -> str:
    """The unit by one name: "square inches" and "inches squared" are "in^2"."""
    words = re.sub(r"[^a-z/ ]", "", text.casefold()).split()
    power = next((_POWERS[word] for word in words if word in _POWERS), "")
    whole = " ".join(word for word in words if word not in _POWERS)
    single = whole.removesuffix("s")
    return _SYNONYMS.get(whole, _SYNONYMS.get(single, single)) + power
