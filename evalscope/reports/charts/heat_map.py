"""Scores of two things crossed, such as length and depth: a square for each pair, coloured by its score."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from evalscope.reports.charts.svg import GRID, HEAT, PAPER, chart, element, fitted, label, number, shade
from evalscope.reports.results import Line, Result

CELL_WIDTH, CELL_HEIGHT, LEFT, HEAD, LEGEND = 44.0, 26.0, 72.0, 58.0, 40.0


class Crossed(NamedTuple):
    """The scores of one map.

    Attributes:
        name: of what is crossed.
        across: names of the columns.
        down: names of the rows.
        lines: what is known of each pair, by (column, row).
    """

    name: str
    across: tuple[str, ...]
    down: tuple[str, ...]
    lines: dict[tuple[str, str], Line]


def crossings_of(result: Result) -> Iterator[Crossed]:
    """The maps in a report: its categories of three names say which map, which column and which row."""
    cells = [line for line in result.lines if len(line.categories) == 3 and line.metric == result.lines[0].metric]
    for name in dict.fromkeys(line.categories[0] for line in cells):
        own = [line for line in cells if line.categories[0] == name]
        across, down = (tuple(dict.fromkeys(line.categories[level] for line in own)) for level in (1, 2))
        if len(across) > 1 or len(down) > 1:
            yield Crossed(name, across, down, {(line.categories[1], line.categories[2]): line for line in own})


def heat_maps(results: Mapping[str, Result], title: str) -> Markup | None:
    """The maps of a run, one below the other; None where its reports have none.

    Args:
        results: its reports, by what each is called.
        title: what the picture is about.
    """
    maps = [
        (f"{name}: {crossed.name}", crossed) for name, result in results.items() for crossed in crossings_of(result)
    ]
    if not maps:
        return None
    drawn: list[Markup] = []
    y = 0.0
    for name, crossed in maps:
        drawn.append(element("g", *_map(crossed, name), transform=f"translate(0 {y:g})"))
        y += _height(crossed)
    return chart(max(_width(crossed) for _, crossed in maps), y, title, drawn)


def _width(crossed: Crossed) -> float:
    return max(LEFT + CELL_WIDTH * len(crossed.across) + 8, 300.0)


def _height(crossed: Crossed) -> float:
    return HEAD + CELL_HEIGHT * len(crossed.down) + LEGEND


def _map(crossed: Crossed, title: str) -> list[Markup]:
    """One map; each square has a title with its names, score, interval and number of samples."""
    columns, column_words = _parted(crossed.across)
    rows, row_words = _parted(crossed.down)
    width = _width(crossed)
    parts = [label(fitted(title, width - 16), 8, 14)]
    parts.append(label(fitted(column_words, width - LEFT), LEFT, 34, class_="soft", size=11))
    parts.append(label(fitted(row_words, LEFT - 8), LEFT - 8, HEAD - 6, anchor="end", class_="soft", size=11))
    parts += [
        label(fitted(name, CELL_WIDTH), LEFT + CELL_WIDTH * (place + 0.5), HEAD - 6, anchor="middle", size=11)
        for place, name in enumerate(columns)
    ]
    for row, (name, shown) in enumerate(zip(crossed.down, rows, strict=True)):
        y = HEAD + CELL_HEIGHT * row
        parts.append(label(fitted(shown, LEFT - 12), LEFT - 8, y + 17, anchor="end", size=11))
        for column, other in enumerate(crossed.across):
            parts += _square(crossed.lines.get((other, name)), LEFT + CELL_WIDTH * column, y)
    return [*parts, *_legend(HEAD + CELL_HEIGHT * len(rows) + 10)]


def _parted(names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Short names and the words that all of them share: "4000 tokens" is 4000, of tokens."""
    pieces = [name.split() for name in names]
    shared = [word for word in pieces[0] if all(word in other for other in pieces)] if len(names) > 1 else []
    short = tuple(" ".join(word for word in words if word not in shared) for words in pieces)
    return (short, " ".join(shared)) if all(short) else (tuple(names), "")


def _square(line: Line | None, x: float, y: float) -> list[Markup]:
    score = None if line is None else line.score
    step = None if score is None else shade(score)
    tip = element("title", Markup("{}").format(_told(line))) if line is not None else Markup("")
    square = element(
        "rect",
        tip,
        x=x + 0.5,
        y=y + 0.5,
        width=CELL_WIDTH - 1,
        height=CELL_HEIGHT - 1,
        rx=2,
        fill=PAPER if step is None else HEAT[step],
        stroke=GRID if step is None else None,
        class_="paper grid" if step is None else f"heat-{step}",
    )
    shown = "" if line is None else "–" if score is None else number(round(score, 2))
    words = label(
        shown,
        x + CELL_WIDTH / 2,
        y + 17,
        anchor="middle",
        class_="ink" if step is None else "on-heat",
        size=11,
    )
    return [square, words]


def _told(line: Line) -> str:
    """One square in words: "4000 tokens, depth 50 %: 0.5 (0.095 – 0.905), 2 samples, 1 failed"."""
    score = "–" if line.score is None else number(line.score)
    interval = "" if line.ci_low is None or line.ci_high is None else f" ({line.ci_low:.3f} – {line.ci_high:.3f})"
    failed = f", {line.failed} failed" if line.failed else ""
    return f"{', '.join(line.categories[1:])}: {score}{interval}, {line.num} samples{failed}"


def _legend(y: float) -> list[Markup]:
    """What the colours mean, from 0 to 1."""
    swatch = 14.0
    parts = [label("0", LEFT, y + 11, anchor="start", class_="soft", size=11)]
    for step, colour in enumerate(HEAT):
        x = LEFT + 12 + swatch * step
        parts.append(element("rect", x=x, y=y, width=swatch, height=14, fill=colour, class_=f"heat-{step}"))
    parts.append(label("1", LEFT + 16 + swatch * len(HEAT), y + 11, class_="soft", size=11))
    return parts
