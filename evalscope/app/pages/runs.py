"""Every run, and the latest score of each model on each data set."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from evalscope.app.csv_file import csv_file
from evalscope.app.dashboard import Dashboard, dashboard_of
from evalscope.app.overview import Overview
from evalscope.app.progress import num_expected, progress_of
from evalscope.app.rendering import page
from evalscope.reports.results import Result

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs are shown; empty texts choose none away. Dates are ISO ones, both ends taken in."""

    model: str
    dataset: str
    since: str
    until: str

    def takes(self, run: Overview) -> bool:
        """Whether the run is one of them."""
        day = run.started[:10]
        return (
            (not self.model or self.model in run.models)
            and (not self.dataset or self.dataset in run.datasets)
            and (not self.since or day >= self.since)
            and (not self.until or day <= self.until)
        )


def show_runs(request: Request) -> Response:
    """The page."""
    dashboard = dashboard_of(request)
    every = dashboard.overviews.all()
    wanted = _wanted(request)
    chosen = [run for run in every if wanted.takes(run)]
    word = request.query_params.get("page", "")
    number = max(1, int(word)) if word.isdecimal() and len(word) < 7 else 1
    shown = chosen[(number - 1) * PER_PAGE : number * PER_PAGE]
    return page(
        request,
        "runs.html",
        num_all=len(every),
        num_chosen=len(chosen),
        runs=shown,
        progress={run.name: _progress(dashboard, run) for run in shown if run.is_live},
        datasets=_datasets(shown),
        latest=latest_scores(chosen, wanted.model),
        latest_datasets=_datasets(chosen),
        wanted=wanted,
        models=sorted({model for run in every for model in run.models}),
        all_datasets=_datasets(every),
        number=number,
        num_pages=-(-len(chosen) // PER_PAGE),
        outputs=dashboard.outputs.root.name,
    )


def _progress(dashboard: Dashboard, run: Overview) -> tuple[int, int | None]:
    """Answers scored so far, and how many there will be where that is known."""
    parts = progress_of(dashboard.outputs, run, dashboard.counts)
    return sum(part.scored for part in parts), num_expected(parts)


def runs_csv(request: Request) -> Response:
    """The runs as a file: one line a run, model and data set."""
    wanted = _wanted(request)
    runs = [run for run in dashboard_of(request).overviews.all() if wanted.takes(run)]
    return csv_file(
        "runs", ("run", "started", "model", "dataset", "metric", "num", "score", "ci_low", "ci_high"), _lines(runs)
    )


def latest_scores(runs: Sequence[Overview], model: str) -> Mapping[str, Mapping[str, tuple[Overview, Result]]]:
    """By model (that one alone, where it is not empty) and data set: the report of the latest run that has one."""
    found: dict[str, dict[str, tuple[Overview, Result]]] = {}
    for run in runs:
        for result in (one for one in run.results if model in ("", one.model)):
            found.setdefault(result.model, {}).setdefault(result.dataset, (run, result))
    return dict(sorted(found.items()))


def _lines(runs: Sequence[Overview]) -> Iterator[Sequence[object]]:
    for run in runs:
        for result in run.results:
            if head := result.headline:
                numbers = (head.num, head.score, head.ci_low, head.ci_high)
                yield (run.name, run.started, result.model, result.dataset, head.metric, *numbers)


def _datasets(runs: Sequence[Overview]) -> list[str]:
    return sorted(
        {result.dataset for run in runs for result in run.results} | {name for run in runs for name in run.datasets}
    )


def _wanted(request: Request) -> Wanted:
    words = request.query_params
    return Wanted(*(words.get(name, "").strip() for name in ("model", "dataset", "since", "until")))
