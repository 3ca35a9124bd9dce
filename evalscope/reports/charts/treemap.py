"""Data set → category → subset as nested areas: as large as there are samples, coloured by score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evalscope.reports.charts.svg import GRID, HEAT, chart, element, fitted, label, number, shade
from evalscope.reports.results import Result

WIDTH, HEIGHT, HEAD = 960.0, 460.0, 18.0


@dataclass(frozen=True, slots=True)
class Area:
    """A node of the tree; leaves have no parts."""

    name: str
    num: int
    score: float | None
    parts: tuple["Area", ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


def areas_of(results: Mapping[str, Result]) -> tuple[Area, ...]:
    """The tree of a run's reports, by what each is called; data sets of one subset are leaves.

    Collections are left out: their samples are those of their data sets.
    """
    own = {name: result for name, result in results.items() if not result.weights}
    return tuple(_area_of(name, result) for name, result in own.items() if result.headline and result.headline.num)


def _area_of(name: str, result: Result) -> Area:
    lines = [line for line in result.subset_lines() if line.num]
    groups: dict[str, list[Area]] = {}
    for line in lines:
        category = line.categories[0] if line.categories else ""
        groups.setdefault(category, []).append(Area(line.subset, line.num, line.score))
    parts: list[Area] = []
    for category, leaves in groups.items():
        parts += leaves if not category else [_sum(category, tuple(leaves))]
    head = result.headline
    assert head is not None
    return Area(name, head.num, head.score, tuple(parts) if len(lines) > 1 else ())


def _sum(name: str, parts: tuple[Area, ...]) -> Area:
    num = sum(part.num for part in parts)
    scored = [(part.num, part.score) for part in parts if part.score is not None]
    total = sum(count for count, _ in scored)
    score = sum(count * value for count, value in scored) / total if total else None
    return Area(name, num, score, parts)


def treemap(areas: Sequence[Area], title: str) -> Markup:
    """The picture; each area has a title with its name, score and number of samples."""
    parts: list[Markup] = []
    for area, box in _laid_out(areas, Box(0, 0, WIDTH, HEIGHT)):
        _draw(area, box, "", parts)
    return chart(WIDTH, HEIGHT, title, parts)


def _draw(area: Area, box: Box, above: str, parts: list[Markup]) -> None:
    path = f"{above} / {area.name}" if above else area.name
    score = "–" if area.score is None else number(area.score)
    step = None if area.score is None else shade(area.score)
    tip = element("title", Markup("{}: {} ({})").format(path, score, area.num))
    parts.append(
        element(
            "rect",
            tip,
            x=box.x + 0.5,
            y=box.y + 0.5,
            width=max(0.5, box.width - 1),
            height=max(0.5, box.height - 1),
            fill=GRID if step is None else HEAT[step],
            stroke="#ffffff",
            class_="area" if step is None else f"area heat-{step}",
        )
    )
    if box.width > 34 and box.height > HEAD:
        words = fitted(f"{area.name} {score}", box.width - 8)
        parts.append(label(words, box.x + 5, box.y + 13, size=11, class_="on-heat"))
    inner = Box(box.x + 2, box.y + HEAD, box.width - 4, box.height - HEAD - 2)
    if area.parts and inner.width > 6 and inner.height > 6:
        for part, place in _laid_out(area.parts, inner):
            _draw(part, place, path, parts)


def _laid_out(areas: Sequence[Area], box: Box) -> list[tuple[Area, Box]]:
    """A rectangle for each area, as near to squares as they go, the largest first.

    Source: Bruls, Huizing & van Wijk 2000, "Squarified Treemaps".
    """
    left = sorted(areas, key=lambda area: -area.num)
    total = sum(area.num for area in left)
    placed: list[tuple[Area, Box]] = []
    while left:
        scale = box.width * box.height / total
        short = min(box.width, box.height)
        count = 1
        while count < len(left) and _worst(left[: count + 1], scale, short) <= _worst(left[:count], scale, short):
            count += 1
        row, left = left[:count], left[count:]
        depth = sum(area.num for area in row) * scale / short
        along = 0.0
        for area in row:
            length = area.num * scale / depth
            if box.width >= box.height:
                placed.append((area, Box(box.x, box.y + along, depth, length)))
            else:
                placed.append((area, Box(box.x + along, box.y, length, depth)))
            along += length
        total -= sum(area.num for area in row)
        if box.width >= box.height:
            box = Box(box.x + depth, box.y, max(1e-6, box.width - depth), box.height)
        else:
            box = Box(box.x, box.y + depth, box.width, max(1e-6, box.height - depth))
    return placed


def _worst(row: Sequence[Area], scale: float, short: float) -> float:
    """The largest ratio of sides in a row along the short side of what is left."""
    depth = sum(area.num for area in row) * scale / short
    sides = [(area.num * scale / depth, depth) for area in row]
    return max(max(one / other, other / one) for one, other in sides)
