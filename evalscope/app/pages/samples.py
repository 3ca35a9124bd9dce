"""The samples of a run as a table, however many there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from evalscope.app.asking import choices, count, page_of_files, subsets_of
from evalscope.app.asking import page as page_of
from evalscope.app.csv_file import csv_file
from evalscope.app.dashboard import Dashboard, dashboard_of, run_of
from evalscope.app.filters import PER_PAGE, SORTS, Choice, Filters, choice_of, order_of, read_filters
from evalscope.app.outputs import NotThere
from evalscope.app.rendering import page
from evalscope.app.store import Building, Table

AT_ONCE = 1_000
"""Rows of a CSV file that are read at a time."""

MOST_PAGES = 400
"""So far one can page through a run without an index: for the last page all before it are read, in half a second."""

EXPORTED = (
    "model", "dataset", "subset", "sample_id", "repeat", "outcome", "answer", "target", "score", "error", "stop_reason",
    "input_tokens", "output_tokens", "latency_s", "prompt", "reply",
)  # fmt: skip


def show_samples(request: Request) -> Response:
    """The page: from the table where there is one, else the first samples straight from the files."""
    run, dashboard = run_of(request), dashboard_of(request)
    filters = read_filters(request.query_params)
    subsets = subsets_of(run.results)
    samples = dashboard.store.samples(run)
    common: dict[str, Any] = {"run": run, "filters": filters, "sorts": tuple(SORTS), "categories": tuple(subsets)}
    if isinstance(samples, Building):
        filters = common["filters"] = Filters(page=min(filters.page, MOST_PAGES))
        rows = page_of_files(samples.files, filters.page)
        num_pages = filters.page + (len(rows) == PER_PAGE and filters.page < MOST_PAGES)
        known: Mapping[str, Sequence[str]] = {name: () for name in ("model", "dataset", "subset", "outcome")}
        return page(
            request, "samples.html", **common, rows=rows, total=None, num_pages=num_pages, known=known, building=samples
        )
    choice = choice_of(filters, subsets)
    total = count(dashboard.store, samples, choice)
    num_pages = max(1, -(-total // PER_PAGE))
    if filters.page > num_pages:
        filters = common["filters"] = replace(filters, page=num_pages)
    rows = page_of(dashboard.store, samples, filters, choice)
    known = choices(dashboard.store, samples)
    return page(
        request, "samples.html", **common, rows=rows, total=total, num_pages=num_pages, known=known, building=None
    )


def samples_csv(request: Request) -> Response:
    """All chosen samples as a file.

    Raises:
        NotThere: the run is still being indexed.
    """
    run, dashboard = run_of(request), dashboard_of(request)
    samples = dashboard.store.samples(run)
    if isinstance(samples, Building):
        raise NotThere("index")
    filters = read_filters(request.query_params)
    choice = choice_of(filters, subsets_of(run.results))
    return csv_file("samples", EXPORTED, _exported(dashboard, samples, filters, choice))


def _exported(dashboard: Dashboard, table: Table, filters: Filters, choice: Choice) -> Iterator[tuple[Any, ...]]:
    ordered = f"SELECT place FROM {table.name} WHERE {choice.where} ORDER BY {order_of(filters)}"
    places = [row[0] for row in dashboard.store.ask(ordered, choice.values)]
    columns = ", ".join(EXPORTED)
    for start in range(0, len(places), AT_ONCE):
        wanted = places[start : start + AT_ONCE]
        rows = dashboard.store.ask(
            f"SELECT place, {columns} FROM {table.name} WHERE place IN (SELECT unnest(?::BIGINT[]))", (wanted,)
        )
        by_place = {row[0]: row[1:] for row in rows}
        yield from (by_place[place] for place in wanted if place in by_place)
