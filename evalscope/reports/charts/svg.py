"""The alphabet of charts: elements of SVG, colours, numbers.

Colours are attributes, so that a chart saved as a file has them; on a page the style sheet goes over them by class.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

from evalscope.core.hidden import named

INK, SOFT, GRID, PAPER = "#1b2430", "#556274", "#d5dbe3", "#ffffff"
SERIES = ("#2f62c4", "#c2571a", "#27814f", "#8a49b5", "#a8326a", "#5c6b12")
"""One colour a run; on a page the class series-0, series-1 … stands for it."""

CHAR = 6.6
"""The width of a sign of a label, about; Chinese ones take twice as much."""


def element(name: str, *inside: Markup, **attributes: object) -> Markup:
    """An element; `class_` is class, and an underscore in other names a hyphen. Every value is escaped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{''.join(inside)}</{name}>")


def label(words: str, x: float, y: float, *, anchor: str = "start", class_: str = "ink", size: int = 12) -> Markup:
    """A line of text; hidden signs are shown by name."""
    fill = SOFT if class_ == "soft" else INK
    return element("text", escape(named(words)), x=x, y=y, text_anchor=anchor, class_=class_, fill=fill, font_size=size)


NARROW = 440.0
"""So narrow a picture is never drawn wider than it is, so that a phone shows it whole."""


def chart(width: float, height: float, title: str, parts: Sequence[Markup]) -> Markup:
    """The whole picture; its title is what a screen reader says."""
    paper = element("rect", width=width, height=height, fill=PAPER, class_="paper")
    return element(
        "svg",
        element("title", escape(named(title))),
        paper,
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_value(width)} {_value(height)}",
        role="img",
        class_="chart" if width > NARROW else "chart narrow",
        width=width,
        height=height,
        font_family="system-ui, sans-serif",
    )


def fitted(words: str, width: float) -> str:
    """The words, shortened to about that width."""
    room = width / CHAR
    taken = 0.0
    for place, sign in enumerate(words):
        taken += 1 if ord(sign) < 0x2E80 else 2
        if taken > room:
            return f"{words[: max(1, place - 1)]}…" if place > 1 else "…"
    return words


def shade(score: float) -> int:
    """One of eleven shades for a score in [0, 1]; what lies outside is at the end of the scale."""
    return round(10 * min(1.0, max(0.0, score)))


HEAT = (
    "#fbe3dc",
    "#fbe8dc",
    "#fbeedd",
    "#faf3df",
    "#f5f5e0",
    "#edf4df",
    "#e3f1de",
    "#d8eddc",
    "#ccead9",
    "#c0e6d6",
    "#b4e2d3",
)
"""From red over yellow to green, light enough for dark letters; on a page the class heat-0 … heat-10."""


def number(value: float) -> str:
    """A score as short as it can be told: 0.412, 0.4, 1."""
    return f"{value:.3f}".rstrip("0").rstrip(".") or "0"


def _value(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
