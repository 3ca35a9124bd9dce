"""How a number is spread over samples."""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from evalscope.reports.charts.svg import GRID, SERIES, chart, element, label

WIDTH, HEIGHT, LEFT, BASE = 320.0, 170.0, 12.0, 136.0

NUM_BARS = 24


class Histogram(NamedTuple):
    """Counts between equally distant limits; what lies above the last is in the last count."""

    low: float
    width: float
    counts: tuple[int, ...]
    most: float
    median: float


def histogram_of(values: Sequence[float]) -> Histogram:
    """How these numbers are spread, of which there is one at least; the largest hundredth is gathered at the end."""
    low, high = min(values), sorted(values)[math.ceil(0.99 * len(values)) - 1]
    width = (high - low) / NUM_BARS or 1.0
    counts = Counter(min(NUM_BARS - 1, int((value - low) / width)) for value in values)
    return Histogram(low, width, tuple(counts[bar] for bar in range(NUM_BARS)), max(values), statistics.median(values))


def histogram_chart(spread: Histogram, title: str, median_word: str) -> Markup:
    """Bars of counts; the axis shows the ends and the median, and a title on each bar its count."""
    most = max(spread.counts) or 1
    step = (WIDTH - 2 * LEFT) / len(spread.counts)
    parts = [element("path", d=f"M{LEFT} {BASE}H{WIDTH - LEFT}", stroke=GRID, class_="grid")]
    for bar, count in enumerate(spread.counts):
        if not count:
            continue
        height = max(1.5, 104.0 * count / most)
        low = spread.low + bar * spread.width
        said = f"{_short(low)} – {_short(low + spread.width)}: {count}"
        parts.append(
            element(
                "rect",
                element("title", Markup(said)),
                x=LEFT + bar * step + 0.5,
                y=BASE - height,
                width=step - 1,
                height=height,
                fill=SERIES[0],
                class_="series-0",
            )
        )
    high = spread.low + len(spread.counts) * spread.width
    above = f"{_short(high)} … {_short(spread.most)}" if spread.most > high * 1.001 else _short(high)
    parts += [
        label(title, LEFT, 20, size=13),
        label(_short(spread.low), LEFT, BASE + 16, class_="soft", size=11),
        label(f"{median_word} {_short(spread.median)}", WIDTH / 2, BASE + 16, anchor="middle", class_="soft", size=11),
        label(above, WIDTH - LEFT, BASE + 16, anchor="end", class_="soft", size=11),
    ]
    return chart(WIDTH, HEIGHT, title, parts)


def _short(value: float) -> str:
    """Three digits that count, without an exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 or not value else f"{value:.1g}"
