"""Scores as bars with their 95 % intervals, one group a data set, one bar a run."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from evalscope.reports.charts.svg import GRID, INK, SERIES, chart, element, fitted, label, number
from evalscope.reports.results import Result

WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 640.0, 190.0, 70.0, 16.0, 14.0, 8.0


class Bar(NamedTuple):
    """One score; None where there is none."""

    score: float | None
    low: float | None
    high: float | None


class Group(NamedTuple):
    """The bars of one data set or subset, one a run."""

    name: str
    bars: tuple[Bar, ...]


def groups_of(results: Mapping[str, Result], *, with_subsets: bool) -> list[Group]:
    """A bar for each report, by what it is called, and one for each of its subsets where those are wanted."""
    groups = []
    for title, result in results.items():
        head, subsets = result.headline, result.subset_lines()
        if head:
            groups.append(Group(title, (Bar(head.score, head.ci_low, head.ci_high),)))
        if with_subsets and len(subsets) > 1:
            groups += [Group(f"· {line.subset}", (Bar(line.score, line.ci_low, line.ci_high),)) for line in subsets]
    return groups


def interval_chart(groups: Sequence[Group], title: str, names: Sequence[str] = ()) -> Markup:
    """The chart; where there are several runs, their names are below it."""
    ends = [1.0, *(value for group in groups for bar in group.bars for value in (bar.score, bar.high) if value)]
    starts = [0.0, *(value for group in groups for bar in group.bars for value in (bar.score, bar.low) if value)]
    low, high = min(starts), max(ends)
    span = WIDTH - LEFT - RIGHT

    def place(value: float) -> float:
        return LEFT + span * (value - low) / (high - low)

    height = TOP + sum(len(group.bars) * BAR + GAP for group in groups) + 24
    parts = _grid(low, high, height, place(low), span)
    y = TOP
    for group in groups:
        middle = y + len(group.bars) * BAR / 2 + 4
        parts.append(label(fitted(group.name, LEFT - 12), LEFT - 8, middle, anchor="end"))
        for series, bar in enumerate(group.bars):
            if bar.score is not None:
                parts += _bar(bar, series, y, (place(0.0 if low <= 0 else low), place(bar.score)))
                if bar.low is not None and bar.high is not None:
                    parts.append(_range(place(bar.low), place(bar.high), y + BAR / 2 - 1))
                parts.append(label(number(bar.score), WIDTH - RIGHT + 10, y + BAR - 4))
            y += BAR
        y += GAP
    legend, lines = _legend(names, height)
    return chart(WIDTH, height + 20 * lines, title, [*parts, *legend])


def _bar(bar: Bar, series: int, y: float, ends: tuple[float, float]) -> list[Markup]:
    start, end = sorted(ends)
    colour = SERIES[series % len(SERIES)]
    shape = element(
        "rect",
        x=start,
        y=y + 1,
        width=max(1.0, end - start),
        height=BAR - 4,
        rx=3,
        fill=colour,
        class_=f"series-{series % len(SERIES)}",
    )
    return [shape]


def _range(start: float, end: float, y: float) -> Markup:
    path = f"M{start:.1f} {y:.1f}H{end:.1f}M{start:.1f} {y - 4:.1f}v8M{end:.1f} {y - 4:.1f}v8"
    return element("path", d=path, stroke=INK, stroke_width=1.6, fill="none", class_="range")


def _grid(low: float, high: float, height: float, left: float, span: float) -> list[Markup]:
    parts = []
    for step in range(5):
        x = left + span * step / 4
        path = f"M{x:.1f} {TOP:.1f}V{height - 22:.1f}"
        parts.append(element("path", d=path, stroke=GRID, class_="grid"))
        parts.append(
            label(number(low + (high - low) * step / 4), x, height - 8, anchor="middle", class_="soft", size=11)
        )
    return parts


def _legend(names: Sequence[str], y: float) -> tuple[list[Markup], int]:
    if len(names) < 2:
        return [], 0
    parts = []
    for series, name in enumerate(names):
        at = y + 6 + 20 * series
        colour = SERIES[series % len(SERIES)]
        parts.append(
            element(
                "rect", x=LEFT, y=at, width=12, height=12, rx=3, fill=colour, class_=f"series-{series % len(SERIES)}"
            )
        )
        parts.append(label(fitted(name, WIDTH - LEFT - 30), LEFT + 20, at + 10))
    return parts, len(names)
