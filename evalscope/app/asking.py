"""What pages want to know of a run's samples, asked of its table."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from evalscope.app.filters import PER_PAGE, Choice, Filters, order_of
from evalscope.app.joined import Files, flat_rows
from evalscope.app.results import Result
from evalscope.app.store import Store, Table

SHOWN_CHARS = 400
"""So much of a text goes into a table."""

NUM_BARS = 24


class Listed(NamedTuple):
    """One line of the table of samples."""

    model: str
    dataset: str
    subset: str
    sample_id: str
    repeat: int
    outcome: str
    answer: str | None
    target: str
    score: float | None
    prompt: str
    reply: str
    error: str
    output_tokens: int | None
    latency_s: float | None


class Place(NamedTuple):
    """Where one sample's lines lie: which files of the run, and the bytes at which they begin."""

    name: tuple[str, str, str, str, int]
    file: int
    prediction_at: int
    review_at: int


class Histogram(NamedTuple):
    """Counts between equally distant limits; what lies above the last is in the last count."""

    low: float
    width: float
    counts: tuple[int, ...]
    most: float
    median: float


LISTED = (
    f"model, dataset, subset, sample_id, repeat, outcome, left(answer, {SHOWN_CHARS}), left(target, {SHOWN_CHARS}), "
    f"score, right(prompt, {SHOWN_CHARS}), left(reply, {SHOWN_CHARS}), left(error, {SHOWN_CHARS}), "
    "output_tokens, latency_s"
)


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


def page(store: Store, table: Table, filters: Filters, choice: Choice) -> list[Listed]:
    """One page of the chosen samples."""
    start = (filters.page - 1) * PER_PAGE
    # texts are read of the few rows that are shown, not of all that are sorted
    chosen = f"SELECT place FROM {table.name} WHERE {choice.where} ORDER BY {order_of(filters)} LIMIT ? OFFSET ?"
    rows = store.ask(
        f"SELECT {LISTED} FROM {table.name} WHERE place IN ({chosen}) ORDER BY {order_of(filters)}",
        (*choice.values, PER_PAGE, start),
    )
    return [Listed(*row) for row in rows]


def first_page(files: Sequence[Files]) -> list[Listed]:
    """The first samples of a run straight from its files, while there is no table of them."""
    rows = (row for index, one in enumerate(files) for row in flat_rows(one, index))
    return [
        Listed(
            row.model,
            row.dataset,
            row.subset,
            row.sample_id,
            row.repeat,
            row.outcome,
            row.answer and row.answer[:SHOWN_CHARS],
            row.target[:SHOWN_CHARS],
            row.score,
            row.prompt[-SHOWN_CHARS:],
            row.reply[:SHOWN_CHARS],
            row.error[:SHOWN_CHARS],
            row.output_tokens,
            row.latency_s,
        )
        for row in islice(rows, PER_PAGE)
    ]


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


def outcomes(store: Store, table: Table) -> Mapping[str, Mapping[str, int]]:
    """How many samples ended in each class, by data set."""
    found: dict[str, dict[str, int]] = {}
    for dataset, outcome, num in store.ask(
        f"SELECT dataset, outcome, count(*) FROM {table.name} GROUP BY ALL ORDER BY ALL"
    ):
        found.setdefault(dataset, {})[outcome] = num
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
