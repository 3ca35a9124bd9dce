"""One sample: what was asked and said, the answer found in it, the verdict and who gave it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from evalscope.app.asking import Place, count, place_at, place_of, subsets_of
from evalscope.app.dashboard import Dashboard, dashboard_of, run_of
from evalscope.app.filters import PER_PAGE, address, choice_of, read_filters
from evalscope.app.joined import Files, flat_rows, read_at
from evalscope.app.outputs import NotThere
from evalscope.app.overview import Overview
from evalscope.app.rendering import page
from evalscope.app.rich_text import can_be_rendered, render
from evalscope.app.store import Building, Table
from evalscope.reports.marked import mark_raw
from evalscope.runs.lenient import list_of, mapping_of, number_of, read_line, text_of

MOST_SCANNED = 20_000
"""So many samples are looked through for one where there is no index."""

MOST_JUDGEMENTS = 8


@dataclass(frozen=True, slots=True)
class Said:
    """A text, rendered and raw.

    Attributes:
        role: who says it.
        raw: the text, escaped.
        rendered: as HTML; None where it is too long for that.
        num_chars: its length.
    """

    role: str
    raw: Markup
    rendered: Markup | None
    num_chars: int


def show_sample(request: Request) -> Response:
    """The page.

    Raises:
        NotThere: the run has no such sample.
    """
    run, dashboard = run_of(request), dashboard_of(request)
    samples = dashboard.store.samples(run)
    words = request.query_params
    repeat = words.get("repeat", "0")
    name = (
        words.get("of", "") or next(iter(run.names), ""),
        words.get("data", ""),
        words.get("part", ""),
        words.get("id", ""),
        int(repeat) if repeat.isdecimal() and len(repeat) < 10 else 0,
    )
    place = _listed(request, dashboard, run, samples) if not name[3] else _found(dashboard, samples, name)
    files = samples.files[place.file]
    asked = read_at(files.predictions, place.prediction_at) or {}
    judged = read_at(files.reviews, place.review_at) or {}
    completion = mapping_of(asked.get("completion"))
    answer = None if judged.get("answer") is None else text_of(judged.get("answer"))
    reasoning = text_of(completion.get("reasoning"))
    steps = _neighbours(request, dashboard, run, samples)
    return page(
        request,
        "sample.html",
        run=run,
        name=name,
        unreadable=_raw_lines(files, place) if not asked and not judged else (),
        messages=[
            _said(text_of(one.get("role")), text_of(one.get("content")))
            for one in map(mapping_of, list_of(asked.get("messages")))
        ],
        reply=_said("assistant", text_of(completion.get("text")), answer) if completion else None,
        reasoning=_said("assistant", reasoning) if reasoning else None,
        answer=answer,
        target=_target(judged.get("target")),
        outcome=text_of(judged.get("outcome")) or ("request_failed" if asked.get("error") else "not_scored"),
        scores={text_of(key): number_of(value) for key, value in mapping_of(judged.get("scores")).items()},
        explanation=text_of(judged.get("explanation")),
        error=text_of(judged.get("error")) or text_of(asked.get("error")),
        facts=_facts(completion),
        judgements=list(islice(_judgements(dashboard, run, files, name), MOST_JUDGEMENTS)),
        **steps,
    )  # fmt: skip


def _found(dashboard: Dashboard, samples: Table | Building, name: tuple[str, str, str, str, int]) -> Place:
    if isinstance(samples, Table):
        place = place_of(dashboard.store, samples, name)
    else:
        rows = (row for index, one in enumerate(samples.files) for row in flat_rows(one, index))
        own = (row for row in islice(rows, MOST_SCANNED) if row[:5] == name)
        row = next(own, None)
        place = row and Place(name, row.file, row.prediction_at, row.review_at)
    if place is None:
        raise NotThere(name[3])
    return place


def _listed(request: Request, dashboard: Dashboard, run: Overview, samples: Table | Building) -> Place:
    """The sample at a place of the list: a line that cannot be read has no name to be found by."""
    word, filters = request.query_params.get("at", ""), read_filters(request.query_params)
    choice = choice_of(filters, subsets_of(run.results))
    place = None
    if isinstance(samples, Table) and word.isdecimal() and len(word) < 12:
        place = place_at(dashboard.store, samples, filters, choice, int(word))
    if place is None:
        raise NotThere(word)
    return place


def _neighbours(request: Request, dashboard: Dashboard, run: Overview, samples: Table | Building) -> dict[str, Any]:
    """Addresses of the samples before and behind this one in the list that it was opened from, and of that list."""
    filters = read_filters(request.query_params)
    word = request.query_params.get("at", "")
    index = int(word) if word.isdecimal() and len(word) < 12 else None
    number = 1 if index is None else index // PER_PAGE + 1
    found: dict[str, Any] = {
        "list_address": address("/samples", run=run.name, **replace(filters, page=number).query()),
        "before": None,
        "behind": None,
        "index": index,
        "total": None,
    }
    if isinstance(samples, Building) or index is None:
        return found
    choice = choice_of(filters, subsets_of(run.results))
    found["total"] = count(dashboard.store, samples, choice)
    for key, step in (("before", index - 1), ("behind", index + 1)):
        place = place_at(dashboard.store, samples, filters, choice, step) if step >= 0 else None
        if place:
            model, dataset, subset, sample_id, repeat = place.name
            own = {
                "of": model,
                "data": dataset,
                "part": subset,
                "id": sample_id,
                "repeat": str(repeat),
                "at": str(step),
            }
            found[key] = address("/sample", run=run.name, **own, **filters.query(page=1))
    return found


def _said(role: str, text: str, answer: str | None = None) -> Said:
    rendered = render(text, answer) if can_be_rendered(text) else None
    return Said(role, mark_raw(text, answer), rendered, len(text))


def _target(value: Any) -> str:
    """The right answer; several are told apart by lines."""
    return "\n".join(map(text_of, value)) if isinstance(value, list) else text_of(value)


def _facts(completion: Mapping[str, Any]) -> dict[str, str]:
    usage = mapping_of(completion.get("usage"))
    latency, first = number_of(completion.get("latency_s")), number_of(completion.get("first_token_s"))
    values = {
        "tokens in": usage.get("input_tokens"),
        "tokens out": usage.get("output_tokens"),
        "Latency": None if latency is None else f"{latency:.3f} s",
        "first token": None if first is None else f"{first:.3f} s",
        "Stopped by": completion.get("stop_reason"),
    }
    return {name: text_of(value) for name, value in values.items() if value is not None}


def _raw_lines(files: Files, place: Place) -> tuple[str, ...]:
    """The lines that hold no row, as far as they can be shown."""
    found = []
    for path, offset in ((files.predictions, place.prediction_at), (files.reviews, place.review_at)):
        if path is not None and offset >= 0:
            with path.open("rb") as file:
                file.seek(offset)
                found.append(text_of(file.readline(100_000).decode("utf-8", "replace")))
    return tuple(found)


def _judgements(
    dashboard: Dashboard, run: Overview, files: Files, name: tuple[str, str, str, str, int]
) -> Iterator[tuple[str, Said, Said]]:
    """Who judged this sample, with the last thing asked and the reply."""
    own = files.reviews or files.predictions
    for path in dashboard.outputs.files(run.folder.root / "judgements", "*/*.jsonl"):
        if own is None or path.name != own.name:
            continue
        for row in _rows_of(path, name[3]):
            is_of_this = text_of(row.get("sample_id")) == name[3] and row.get("repeat") == name[4]
            if is_of_this and text_of(row.get("subset")) == name[2]:
                messages = [mapping_of(one) for one in list_of(row.get("messages"))]
                prompt = text_of(messages[-1].get("content")) if messages else ""
                reply = text_of(mapping_of(row.get("completion")).get("text")) or text_of(row.get("error"))
                yield path.parent.name, _said("user", prompt), _said("assistant", reply)


def _rows_of(path: Path, sample_id: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a file that may be about that sample; others are not even parsed."""
    sought = sample_id.encode("utf-8", "replace")
    with path.open("rb") as file:
        for line in file:
            if (sought in line or not sample_id.isascii()) and (row := read_line(line)):
                yield row
