"""What pages want to know of a run's samples, asked of its table."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from evalscope.app.filters import PER_PAGE, Choice, Filters, order_of
from evalscope.app.joined import Files, Flat, flat_rows
from evalscope.app.store import Store, Table
from evalscope.reports.charts.histogram import NUM_BARS, Histogram
from evalscope.reports.results import Result

SHOWN_CHARS = 400
"""So much of a text goes into a table."""


class Place(NamedTuple):
    """Where one sample's lines lie: which files of the run, and the bytes at which they begin."""

    name: tuple[str, str, str, str, int]
    file: int
    prediction_at: int
    review_at: int


CUT = {
    **{name: f"left({name}, {SHOWN_CHARS})" for name in ("answer", "target", "error", "reply")},
    "prompt": f"right(prompt, {SHOWN_CHARS})",
}
LISTED = ", ".join(CUT.get(name, name) for name in Flat._fields)
"""The columns of a table's line, long texts cut."""


def subsets_of(results: Sequence[Result]) -> dict[str, tuple[tuple[str, str], ...]]:
    """The (data set, subset) pairs of each category, by its name."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for result in results:
        for line in result.subset_lines():
            for category in line.categories:
                found.setdefault(category, {})[result.dataset, line.subset] = None
    return {name: tuple(pairs) for name, pairs in sorted(found.items())}


def count(store: Store, table: Table, choice: Choice) -> int:
    """How many samples are chosen."""
    return int(store.ask(f"SELECT count(*) FROM {table.name} WHERE {choice.where}", choice.values)[0][0])


def page(store: Store, table: Table, filters: Filters, choice: Choice) -> list[Flat]:
    """One page of the chosen samples."""
    start = (filters.page - 1) * PER_PAGE
    # texts are read of the few rows that are shown, not of all that are sorted
    chosen = f"SELECT place FROM {table.name} WHERE {choice.where} ORDER BY {order_of(filters)} LIMIT ? OFFSET ?"
    rows = store.ask(
        f"SELECT {LISTED} FROM {table.name} WHERE place IN ({chosen}) ORDER BY {order_of(filters)}",
        (*choice.values, PER_PAGE, start),
    )
    return [Flat(*row) for row in rows]


def page_of_files(files: Sequence[Files], number: int) -> list[Flat]:
    """One page of a run's samples straight from its files, while there is no table of them; those before are read too.

    Args:
        files: of the run.
        number: of the page, from 1.
    """
    rows = (row for index, one in enumerate(files) for row in flat_rows(one, index))
    start = (number - 1) * PER_PAGE
    return list(islice(rows, start, start + PER_PAGE))


def place_at(store: Store, table: Table, filters: Filters, choice: Choice, index: int) -> Place | None:
    """The chosen sample at that place of the list, from 0."""
    return _place(
        store, table, f"{choice.where} ORDER BY {order_of(filters)} LIMIT 1 OFFSET ?", (*choice.values, index)
    )


def place_of(store: Store, table: Table, name: tuple[str, str, str, str, int]) -> Place | None:
    """The sample of that model, data set, subset, id and repeat."""
    where = "model = ? AND dataset = ? AND subset = ? AND sample_id = ? AND repeat = ? LIMIT 1"
    return _place(store, table, where, name)


def _place(store: Store, table: Table, where: str, values: Sequence[Any]) -> Place | None:
    columns = "model, dataset, subset, sample_id, repeat, file, prediction_at, review_at"
    rows = store.ask(f"SELECT {columns} FROM {table.name} WHERE {where}", values)
    return Place(tuple(rows[0][:5]), *rows[0][5:]) if rows else None


def choices(store: Store, table: Table) -> dict[str, tuple[str, ...]]:
    """The models, data sets, subsets and classes that there are."""
    rows = store.ask(f"SELECT DISTINCT model, dataset, subset, outcome FROM {table.name}")
    names = ("model", "dataset", "subset", "outcome")
    return {name: tuple(sorted({row[at] for row in rows if row[at]})) for at, name in enumerate(names)}


def outcomes(store: Store, table: Table) -> Mapping[tuple[str, str], Mapping[str, int]]:
    """How many samples ended in each class, by data set and model."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    question = f"SELECT dataset, model, outcome, count(*) FROM {table.name} GROUP BY ALL ORDER BY ALL"
    for dataset, model, outcome, num in store.ask(question):
        found.setdefault((dataset, model), {})[outcome] = num
    return found


def histogram(store: Store, table: Table, column: str) -> Histogram | None:
    """How a number is spread over all samples; the largest hundredth is gathered at the end.

    Args:
        store: of tables.
        table: of the run.
        column: latency_s, output_tokens or num_chars.
    """
    low, high, most, median = store.ask(
        f"SELECT min({column}), quantile_cont({column}, 0.99), max({column}), median({column}) FROM {table.name}"
    )[0]
    if low is None:
        return None
    width = (float(high) - float(low)) / NUM_BARS or 1.0
    rows = store.ask(
        f"SELECT greatest(0, least({NUM_BARS - 1}, CAST(floor(({column} - ?) / ?) AS BIGINT))) AS bar, count(*) "
        f"FROM {table.name} WHERE {column} IS NOT NULL GROUP BY bar",
        (low, width),
    )
    counts = dict(rows)
    return Histogram(
        float(low), width, tuple(int(counts.get(bar, 0)) for bar in range(NUM_BARS)), float(most), float(median)
    )
