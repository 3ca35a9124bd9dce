"""Two to six models side by side: scores, paired differences, and the samples that came out otherwise."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from evalscope.app.csv_file import csv_file
from evalscope.app.dashboard import Dashboard, dashboard_of
from evalscope.app.outputs import NotThere
from evalscope.app.overview import Part
from evalscope.app.pairing import Flip, Held, Side, flips, hold
from evalscope.app.rendering import language_of, page
from evalscope.app.store import Table
from evalscope.app.words import speaker
from evalscope.reports.charts.intervals import Bar, Group, interval_chart
from evalscope.reports.charts.radar import radar_chart
from evalscope.reports.marked import mark_raw
from evalscope.reports.results import Result

MOST_RUNS = 6
"""So many models of runs are told apart by colours."""

DIFFERENCES = (
    "first", "later", "dataset", "num", "difference", "ci_low", "ci_high", "p", "p_holm", "test", "better", "worse",
    "differs",
)  # fmt: skip
FLIPS_PER_PAGE = 20


def show_comparison(request: Request) -> Response:
    """The page."""
    runs, dashboard = chosen_runs(request), dashboard_of(request)
    if len(runs) < 2:
        return page(request, "compare.html", runs=runs, names=(), charts={})
    sides = _sides(dashboard, runs)
    is_ready = len(sides) == len(runs)
    words = request.query_params
    against = _against(request, len(runs))
    dataset, way, number = words.get("dataset", ""), words.get("way", ""), _page_number(words.get("page", ""))
    total, shown = 0, list[Flip]()
    if is_ready:
        total, shown = flips(
            dashboard.store, sides[0], sides[against], dataset=dataset, is_gain=_is_gain(way),
            start=(number - 1) * FLIPS_PER_PAGE, most=FLIPS_PER_PAGE,
        )  # fmt: skip
    return page(
        request,
        "compare.html",
        runs=runs,
        names=labels(runs),
        charts={name: drawn for name, draw in COMPARED_CHARTS.items() if (drawn := draw(runs, language_of(request)))},
        datasets=_all_datasets(runs),
        is_ready=is_ready,
        held=[(index, hold_runs(dashboard, sides, runs, index)) for index in range(1, len(runs))] if is_ready else [],
        against=against,
        dataset=dataset,
        way=way,
        flips=shown,
        marked=mark_raw,
        total=total,
        number=number,
        num_pages=max(1, -(-total // FLIPS_PER_PAGE)),
    )


def differences_csv(request: Request) -> Response:
    """The paired differences as a file.

    Raises:
        NotThere: fewer than two runs, or one is still being indexed.
    """
    runs, sides = _ready(request)
    return csv_file("differences", DIFFERENCES, _difference_lines(dashboard_of(request), runs, sides))


def flips_csv(request: Request) -> Response:
    """The samples that came out otherwise as a file.

    Raises:
        NotThere: fewer than two runs, or one is still being indexed.
    """
    runs, sides = _ready(request)
    words, against = request.query_params, _against(request, len(runs))
    _, found = flips(
        dashboard_of(request).store, sides[0], sides[against],
        dataset=words.get("dataset", ""), is_gain=_is_gain(words.get("way", "")), start=0, most=10_000,
    )  # fmt: skip
    return csv_file("flips", Flip._fields, found)


def chosen_runs(request: Request) -> tuple[Part, ...]:
    """What the address names, each once, six at most; several models in one run's folder count as runs of their own."""
    names = [name for name in request.query_params.getlist("run") if name]
    found = {part.name: part for name in names for part in dashboard_of(request).overviews.parts(name)}
    return tuple(found.values())[:MOST_RUNS]


def labels(runs: Sequence[Part]) -> tuple[str, ...]:
    """The shortest names that tell runs apart: their models, else their folders too."""
    models = tuple(part.model or part.name for part in runs)
    if len(set(models)) == len(runs):
        return models
    return tuple(f"{model} · {part.run.name}" for model, part in zip(models, runs, strict=True))


def hold_runs(dashboard: Dashboard, sides: Sequence[Side], runs: Sequence[Part], index: int) -> tuple[Held, ...]:
    """The later run at that place against the first."""
    pairs: list[tuple[Result, Result]] = []
    for result in runs[0].results:
        other = runs[index].result(result.dataset)
        if other is not None:
            pairs.append((result, other))
    return hold(dashboard.store, sides[0], sides[index], pairs)


def _sides(dashboard: Dashboard, runs: Sequence[Part]) -> list[Side]:
    """The samples of those whose tables are ready."""
    tables = [(part, dashboard.store.samples(part.run)) for part in runs]
    return [Side(table, part.folder) for part, table in tables if isinstance(table, Table)]


def _ready(request: Request) -> tuple[tuple[Part, ...], list[Side]]:
    runs = chosen_runs(request)
    sides = _sides(dashboard_of(request), runs)
    if len(runs) < 2 or len(sides) < len(runs):
        raise NotThere("comparison")
    return runs, sides


def _difference_lines(dashboard: Dashboard, runs: Sequence[Part], sides: Sequence[Side]) -> Iterator[Sequence[object]]:
    names = labels(runs)
    for index in range(1, len(runs)):
        for one in hold_runs(dashboard, sides, runs, index):
            found = one.difference
            numbers: tuple[object, ...] = ("",) * 9
            if found is not None:
                numbers = (
                    found.num, found.value, found.ci_low, found.ci_high, found.p, one.p_holm, str(found.test),
                    found.gained, found.lost,
                )  # fmt: skip
            yield (names[0], names[index], one.dataset, *numbers, "; ".join(one.differs))


def _against(request: Request, num: int) -> int:
    word = request.query_params.get("against", "")
    return int(word) if word in {str(index) for index in range(1, num)} else 1


def _is_gain(way: str) -> bool | None:
    return {"better": True, "worse": False}.get(way)


def _page_number(word: str) -> int:
    return max(1, int(word)) if word.isdecimal() and len(word) < 8 else 1


def _all_datasets(runs: Sequence[Part]) -> list[str]:
    return sorted({result.dataset for run in runs for result in run.results})


def _bar(run: Part, dataset: str) -> Bar:
    result = run.result(dataset)
    head = result.headline if result else None
    return Bar(head.score, head.ci_low, head.ci_high) if head else Bar(None, None, None)


def _bars(runs: Sequence[Part], language: str) -> Markup | None:
    groups = [Group(name, tuple(_bar(run, name) for run in runs)) for name in _all_datasets(runs)]
    return interval_chart(groups, speaker(language)("Scores with 95 % intervals"), labels(runs)) if groups else None


def _radar(runs: Sequence[Part], language: str) -> Markup | None:
    found = {name: [_bar(run, name).score for run in runs] for name in _all_datasets(runs)}
    axes = {name: scores for name, scores in found.items() if all(score is not None and score <= 1 for score in scores)}
    if len(axes) < 3:
        return None
    scores = list(zip(*axes.values(), strict=True))
    return radar_chart(list(axes), scores, speaker(language)("Radar of scores"))


COMPARED_CHARTS: Mapping[str, Callable[[Sequence[Part], str], Markup | None]] = {
    "compared-scores": _bars,
    "radar": _radar,
}
"""What can be drawn of several runs."""
