"""Two to six runs side by side: scores, paired differences, and the samples that came out otherwise."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from evalscope.app.charts.intervals import Bar, Group, interval_chart
from evalscope.app.charts.radar import radar_chart
from evalscope.app.csv_file import csv_file
from evalscope.app.dashboard import Dashboard, dashboard_of
from evalscope.app.outputs import NotThere
from evalscope.app.overview import Overview
from evalscope.app.pairing import Flip, Held, flips, hold
from evalscope.app.rendering import language_of, page
from evalscope.app.results import Result
from evalscope.app.rich_text import mark_raw
from evalscope.app.store import Table
from evalscope.app.words import speaker

MOST_RUNS = 6

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
    tables = [dashboard.store.samples(run) for run in runs]
    ready = [table for table in tables if isinstance(table, Table)]
    is_ready = len(ready) == len(tables)
    words = request.query_params
    against = _against(request, len(runs))
    dataset, way, number = words.get("dataset", ""), words.get("way", ""), _page_number(words.get("page", ""))
    total, shown = 0, list[Flip]()
    if is_ready:
        total, shown = flips(
            dashboard.store, ready[0], ready[against], dataset=dataset, is_gain=_is_gain(way),
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
        held=[(index, hold_runs(dashboard, ready, runs, index)) for index in range(1, len(runs))] if is_ready else [],
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
    runs, tables = _ready(request)
    return csv_file("differences", DIFFERENCES, _difference_lines(dashboard_of(request), runs, tables))


def flips_csv(request: Request) -> Response:
    """The samples that came out otherwise as a file.

    Raises:
        NotThere: fewer than two runs, or one is still being indexed.
    """
    runs, tables = _ready(request)
    words, against = request.query_params, _against(request, len(runs))
    _, found = flips(
        dashboard_of(request).store, tables[0], tables[against],
        dataset=words.get("dataset", ""), is_gain=_is_gain(words.get("way", "")), start=0, most=10_000,
    )  # fmt: skip
    return csv_file("flips", Flip._fields, found)


def chosen_runs(request: Request) -> tuple[Overview, ...]:
    """The runs that the address names, each once, six at most."""
    names = dict.fromkeys(name for name in request.query_params.getlist("run") if name)
    return tuple(dashboard_of(request).overviews.of(name) for name in list(names)[:MOST_RUNS])


def labels(runs: Sequence[Overview]) -> tuple[str, ...]:
    """The shortest names that tell runs apart: their models, else their folders too."""
    models = tuple(", ".join(run.models) or run.name for run in runs)
    return (
        models
        if len(set(models)) == len(runs)
        else tuple(f"{m} · {run.name}" for m, run in zip(models, runs, strict=True))
    )


def hold_runs(dashboard: Dashboard, tables: Sequence[Table], runs: Sequence[Overview], index: int) -> tuple[Held, ...]:
    """The later run at that place against the first."""
    pairs: list[tuple[Result, Result]] = []
    for result in runs[0].results:
        other = runs[index].result(result.dataset)
        if other is not None:
            pairs.append((result, other))
    return hold(dashboard.store, tables[0], tables[index], pairs)


def _ready(request: Request) -> tuple[tuple[Overview, ...], list[Table]]:
    runs = chosen_runs(request)
    tables = [dashboard_of(request).store.samples(run) for run in runs]
    ready = [table for table in tables if isinstance(table, Table)]
    if len(runs) < 2 or len(ready) < len(runs):
        raise NotThere("comparison")
    return runs, ready


def _difference_lines(
    dashboard: Dashboard, runs: Sequence[Overview], tables: Sequence[Table]
) -> Iterator[Sequence[object]]:
    names = labels(runs)
    for index in range(1, len(runs)):
        for one in hold_runs(dashboard, tables, runs, index):
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


def _all_datasets(runs: Sequence[Overview]) -> list[str]:
    return sorted({result.dataset for run in runs for result in run.results})


def _bar(run: Overview, dataset: str) -> Bar:
    result = run.result(dataset)
    head = result.headline if result else None
    return Bar(head.score, head.ci_low, head.ci_high) if head else Bar(None, None, None)


def _bars(runs: Sequence[Overview], language: str) -> Markup | None:
    groups = [Group(name, tuple(_bar(run, name) for run in runs)) for name in _all_datasets(runs)]
    return interval_chart(groups, speaker(language)("Scores with 95 % intervals"), labels(runs)) if groups else None


def _radar(runs: Sequence[Overview], language: str) -> Markup | None:
    axes = [name for name in _all_datasets(runs) if all((_bar(run, name).score or 0) <= 1 for run in runs)]
    if len(axes) < 3:
        return None
    scores = [[_bar(run, name).score for name in axes] for run in runs]
    return radar_chart(axes, scores, speaker(language)("Radar of scores"))


COMPARED_CHARTS: Mapping[str, Callable[[Sequence[Overview], str], Markup | None]] = {
    "compared-scores": _bars,
    "radar": _radar,
}
"""What can be drawn of several runs."""
