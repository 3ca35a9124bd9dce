"""Several runs over three data sets or more, one axis a data set."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from evalscope.reports.charts.svg import GRID, SERIES, chart, element, fitted, label

WIDTH, HEIGHT, RADIUS = 460.0, 380.0, 130.0
CENTRE = (WIDTH / 2, 180.0)


def radar_chart(axes: Sequence[str], runs: Sequence[Sequence[float | None]], title: str) -> Markup:
    """The chart.

    Args:
        axes: names of data sets, three at least.
        runs: of each run, a score in [0, 1] for each axis; None where there is none, drawn as 0.
        title: what the chart is about.
    """
    parts: list[Markup] = []
    for step in range(1, 5):
        ring = _path([RADIUS * step / 4] * len(axes))
        parts.append(element("path", d=ring, fill="none", stroke=GRID, class_="grid"))
    for index, name in enumerate(axes):
        x, y = _point(index, len(axes), RADIUS)
        parts.append(element("path", d=f"M{CENTRE[0]} {CENTRE[1]}L{x:.1f} {y:.1f}", stroke=GRID, class_="grid"))
        at_x, at_y = _point(index, len(axes), RADIUS + 14)
        middle = abs(at_x - CENTRE[0]) < 20
        anchor = "middle" if middle else ("start" if at_x > CENTRE[0] else "end")
        parts.append(label(fitted(name, 90), at_x, at_y + 4, anchor=anchor, size=11))
    for series, scores in enumerate(runs):
        shape = _path([RADIUS * min(1.0, max(0.0, score or 0.0)) for score in scores])
        colour = SERIES[series % len(SERIES)]
        parts.append(
            element(
                "path",
                d=shape,
                fill=colour,
                fill_opacity=0.08,
                stroke=colour,
                stroke_width=2,
                class_=f"line-{series % len(SERIES)}",
            )
        )
    return chart(WIDTH, HEIGHT, title, parts)


def _point(index: int, num: int, distance: float) -> tuple[float, float]:
    angle = 2 * math.pi * index / num - math.pi / 2
    return CENTRE[0] + distance * math.cos(angle), CENTRE[1] + distance * math.sin(angle)


def _path(distances: Sequence[float]) -> str:
    points = (_point(index, len(distances), distance) for index, distance in enumerate(distances))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"
