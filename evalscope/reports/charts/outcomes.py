"""The classes that samples ended in, as shares of a bar."""

from collections.abc import Mapping

from markupsafe import Markup

from evalscope.reports.charts.svg import chart, element, fitted, label
from evalscope.reports.words import CLASSES

WIDTH, LEFT, BAR, GAP, TOP = 640.0, 150.0, 18.0, 10.0, 6.0

COLOURS: Mapping[str, str] = {
    "correct": "#2f8f5b",
    "partial": "#7f9e2f",
    "wrong": "#c8513a",
    "unparsed": "#c98a1c",
    "cut_off": "#9a63c7",
    "refused": "#7b8797",
    "request_failed": "#4f5b6b",
    "scoring_failed": "#4f5b6b",
    "judge_failed": "#4f5b6b",
    "not_scored": "#c3ccd6",
    "unreadable": "#000000",
}


def outcome_chart(counts: Mapping[str, Mapping[str, int]], title: str, words: Mapping[str, str]) -> Markup:
    """One bar a data set, and below them what the colours mean.

    Args:
        counts: of each class, by data set.
        title: what the chart is about.
        words: what each class is called.
    """
    parts: list[Markup] = []
    y = TOP
    for dataset, own in counts.items():
        total = sum(own.values()) or 1
        parts.append(label(fitted(dataset, LEFT - 12), LEFT - 8, y + 13, anchor="end"))
        x = LEFT
        for name in CLASSES:
            if not own.get(name):
                continue
            width = (WIDTH - LEFT - 8) * own[name] / total
            tip = element("title", Markup("{}: {} ({:.1%})").format(words[name], own[name], own[name] / total))
            parts.append(
                element(
                    "rect", tip, x=x, y=y, width=max(1.0, width - 1), height=BAR, fill=COLOURS[name], class_=f"c-{name}"
                )
            )
            x += width
        y += BAR + GAP
    legend, height = _legend({name for own in counts.values() for name, num in own.items() if num}, words, y + 4)
    return chart(WIDTH, height, title, [*parts, *legend])


def _legend(shown: set[str], words: Mapping[str, str], y: float) -> tuple[list[Markup], float]:
    parts: list[Markup] = []
    x = 8.0
    for name in (name for name in CLASSES if name in shown):
        width = 30 + 7.2 * sum(1 if ord(sign) < 0x2E80 else 2 for sign in words[name])
        if x + width > WIDTH and x > 8:
            x, y = 8.0, y + 20
        parts.append(element("rect", x=x, y=y, width=12, height=12, rx=3, fill=COLOURS[name], class_=f"c-{name}"))
        parts.append(label(words[name], x + 18, y + 11))
        x += width
    return parts, y + 22
