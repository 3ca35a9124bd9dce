"""One run: its scores with intervals, how its samples ended, how long its answers are, how it was asked."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from evalscope.app.asking import histogram, outcomes
from evalscope.app.csv_file import csv_file
from evalscope.app.dashboard import Dashboard, dashboard_of, run_of
from evalscope.app.overview import Overview
from evalscope.app.progress import num_expected, progress_of
from evalscope.app.rendering import language_of, page, plain
from evalscope.app.store import Building, Table
from evalscope.app.words import speaker
from evalscope.reports.charts.heat_map import heat_maps
from evalscope.reports.charts.histogram import histogram_chart
from evalscope.reports.charts.intervals import groups_of, interval_chart
from evalscope.reports.charts.outcomes import outcome_chart
from evalscope.reports.charts.treemap import areas_of, treemap
from evalscope.reports.results import Result, titled
from evalscope.reports.words import CLASSES

SPREADS = {
    "length": ("num_chars", "Answer length, in characters"),
    "tokens": ("output_tokens", "Tokens of answers"),
    "latency": ("latency_s", "Latency, in seconds"),
}

SCORES = (
    "model", "dataset", "metric", "subset", "categories", "num", "score", "ci_low", "ci_high", "interval", "failed",
    "unparsed", "cut_off",
)  # fmt: skip

MOST_BARS = 60
"""A chart of more subsets cannot be read; the table has them all."""


def show_run(request: Request) -> Response:
    """The page."""
    run, dashboard = run_of(request), dashboard_of(request)
    samples = dashboard.store.samples(run)
    parts = progress_of(dashboard.outputs, run, dashboard.counts) if run.is_live else ()
    charts = {name: chart for name in CHARTS if (chart := CHARTS[name](dashboard, run, samples, language_of(request)))}
    return page(
        request,
        "run.html",
        run=run,
        charts=charts,
        building=samples if isinstance(samples, Building) else None,
        reports=[(title, result, plain(_asking(result))) for title, result in titled(run.results).items()],
        progress=parts,
        scored=sum(part.scored for part in parts),
        expected=num_expected(parts),
    )


def run_progress(request: Request) -> Response:
    """How far the run, or its index, is; for the script that renews the page."""
    run, dashboard = run_of(request), dashboard_of(request)
    parts = progress_of(dashboard.outputs, run, dashboard.counts) if run.is_live else ()
    samples = None if run.is_live else dashboard.store.samples(run)
    share = samples.share if isinstance(samples, Building) else float(samples is not None)
    is_over = isinstance(samples, Table) or (samples is not None and bool(samples.failed))
    return JSONResponse(
        {
            "live": run.is_live,
            "scored": sum(part.scored for part in parts),
            "expected": num_expected(parts),
            "datasets": {part.dataset: part.scored for part in parts},
            "indexed": share,
            "ready": is_over,
        }
    )


def scores_csv(request: Request) -> Response:
    """The tables of all reports of the run as a file."""
    return csv_file("scores", SCORES, _score_lines(run_of(request)))


def _score_lines(run: Overview) -> Iterator[Sequence[object]]:
    for result in run.results:
        for line in result.lines:
            yield (
                result.model, result.dataset, line.metric, line.subset, " / ".join(line.categories), line.num,
                line.score, line.ci_low, line.ci_high, line.interval, line.failed, line.unparsed, line.cut_off,
            )  # fmt: skip


def _asking(result: Result) -> Mapping[str, object]:
    """How it was asked, without what has a place of its own or is a digest."""
    hidden = {"template", "system_prompt", "template_digest", "examples_digests", "generation", "notes"}
    generation = result.asked.get("generation")
    settings = {name: value for name, value in result.asked.items() if name not in hidden and value not in ("", None)}
    return {**settings, **(generation if isinstance(generation, dict) else {})}


def _scores_chart(dashboard: Dashboard, run: Overview, samples: Table | Building, language: str) -> Markup | None:
    groups = groups_of(titled(run.results), with_subsets=True)
    return interval_chart(groups[:MOST_BARS], speaker(language)("Scores with 95 % intervals")) if groups else None


def _treemap(dashboard: Dashboard, run: Overview, samples: Table | Building, language: str) -> Markup | None:
    areas = areas_of(titled(run.results))
    return treemap(areas, speaker(language)("By data set, category and subset")) if areas else None


def _heat_map(dashboard: Dashboard, run: Overview, samples: Table | Building, language: str) -> Markup | None:
    return heat_maps(titled(run.results), speaker(language)("Heat map"))


def _outcome_chart(dashboard: Dashboard, run: Overview, samples: Table | Building, language: str) -> Markup | None:
    say = speaker(language)
    if isinstance(samples, Table):
        several = len(run.names) > 1
        counts = {
            f"{dataset} · {run.names.get(folder, folder)}" if several else dataset: own
            for (dataset, folder), own in outcomes(dashboard.store, samples).items()
        }
    else:
        counts = {title: result.outcomes for title, result in titled(run.results).items()}
    words = {name: say(phrase) for name, phrase in CLASSES.items()}
    return outcome_chart(counts, say("How samples ended"), words) if any(map(any, counts.values())) else None


def _spread_chart(name: str) -> Callable[[Dashboard, Overview, Table | Building, str], Markup | None]:
    column, title = SPREADS[name]

    def draw(dashboard: Dashboard, run: Overview, samples: Table | Building, language: str) -> Markup | None:
        if isinstance(samples, Building):
            return None
        say = speaker(language)
        spread = histogram(dashboard.store, samples, column)
        return histogram_chart(spread, say(title), say("median")) if spread else None

    return draw


CHARTS: Mapping[str, Callable[[Dashboard, Overview, Table | Building, str], Markup | None]] = {
    "scores": _scores_chart,
    "treemap": _treemap,
    "heat": _heat_map,
    "outcomes": _outcome_chart,
    **{name: _spread_chart(name) for name in SPREADS},
}
"""What can be drawn of a run, in the order of the page."""
