"""Predictions and reviews of a run, side by side: one flat row a sample."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from evalscope.app.outputs import Outputs
from evalscope.runs.folder import RunFolder
from evalscope.runs.lenient import count_of, list_of, mapping_of, number_of, read_line, text_of

UNREADABLE = "unreadable"
"""The class of a line that holds no row."""

NOT_SCORED = "not_scored"
"""The class of an answer that has no review yet."""

MOST_OF_A_BAD_LINE = 2000

NAMES = ("sample_id", "repeat", "subset", "dataset")
"""What names a sample within the two files of a subset."""


class Placed(NamedTuple):
    """A line and where it begins, in bytes; `row` is None where the line holds none."""

    offset: int
    row: Mapping[str, Any] | None
    raw: bytes


class Files(NamedTuple):
    """The two files of one subset, of which one may be missing."""

    model: str
    predictions: Path | None
    reviews: Path | None


class Flat(NamedTuple):
    """One sample as the index holds it; offsets are -1 where there is no such line."""

    model: str
    dataset: str
    subset: str
    sample_id: str
    repeat: int
    outcome: str
    answer: str | None
    target: str
    score: float | None
    error: str
    grp: str
    prompt: str
    reply: str
    stop_reason: str
    input_tokens: int | None
    output_tokens: int | None
    latency_s: float | None
    num_chars: int | None
    file: int
    prediction_at: int
    review_at: int


def files_of(outputs: Outputs, folder: RunFolder) -> tuple[Files, ...]:
    """The files of a run, those of one subset together, in the order of their names."""
    found: dict[tuple[str, str], dict[str, Path]] = {}
    for part in ("predictions", "reviews"):
        for path in outputs.files(folder.root / part, "*/*.jsonl"):
            if not path.name.startswith("."):
                found.setdefault((path.parent.name, path.name), {})[part] = path
    return tuple(
        Files(model, paths.get("predictions"), paths.get("reviews")) for (model, _), paths in sorted(found.items())
    )


def flat_rows(files: Files, index: int) -> Iterator[Flat]:
    """Every sample of one subset's files; `index` is their place among those of the run."""
    for prediction, review in _joined(_lines(files.predictions), _lines(files.reviews)):
        yield flat_row(files, index, prediction, review)


def flat_row(files: Files, index: int, prediction: Placed | None, review: Placed | None) -> Flat:
    """One sample out of its two lines, of which one may be missing or hold nothing."""
    asked = (prediction.row if prediction else None) or {}
    judged = (review.row if review else None) or {}
    named = judged or asked
    completion = mapping_of(asked.get("completion"))
    usage = mapping_of(completion.get("usage"))
    scores = mapping_of(judged.get("scores"))
    answer = judged.get("answer")
    is_bad = not named
    reply = _raw(prediction or review) if is_bad else text_of(completion.get("text"))
    return Flat(
        model=files.model,
        dataset=text_of(named.get("dataset")),
        subset=text_of(named.get("subset")),
        sample_id=text_of(named.get("sample_id")),
        repeat=count_of(named.get("repeat")) or 0,
        outcome=UNREADABLE if is_bad else (text_of(judged.get("outcome")) if judged else _unjudged(asked)),
        answer=None if answer is None else text_of(answer),
        target=text_of(judged.get("target")),
        score=number_of(next(iter(scores.values()), None)),
        error=text_of(judged.get("error")) or text_of(asked.get("error")),
        grp=text_of(judged.get("group")),
        prompt="\n\n".join([text_of(mapping_of(one).get("content")) for one in list_of(asked.get("messages"))]),
        reply=reply,
        stop_reason=text_of(completion.get("stop_reason")),
        input_tokens=count_of(usage.get("input_tokens")),
        output_tokens=count_of(usage.get("output_tokens")),
        latency_s=number_of(completion.get("latency_s")),
        num_chars=len(reply) if completion else None,
        file=index,
        prediction_at=prediction.offset if prediction else -1,
        review_at=review.offset if review else -1,
    )


def _raw(line: Placed | None) -> str:
    return text_of(line.raw[:MOST_OF_A_BAD_LINE].decode("utf-8", "replace")) if line else ""


def _unjudged(asked: Mapping[str, Any]) -> str:
    return "request_failed" if asked.get("error") else NOT_SCORED


def read_at(path: Path | None, offset: int) -> Mapping[str, Any] | None:
    """The row that begins there; None where there is none."""
    if path is None or offset < 0:
        return None
    with path.open("rb") as file:
        file.seek(offset)
        return read_line(file.readline())


def _lines(path: Path | None) -> Iterator[Placed]:
    """The lines of a file; the last is left out where it is torn, for it may be in the making."""
    if path is None:
        return
    with path.open("rb") as file:
        offset = 0
        for line in file:
            row = read_line(line)
            if row is not None or (line.endswith(b"\n") and line.strip()):
                yield Placed(offset, row, line)
            offset += len(line)


def _joined(predictions: Iterator[Placed], reviews: Iterator[Placed]) -> Iterator[tuple[Placed | None, Placed | None]]:
    """Both lines of each sample; files of a finished run have the same order, so few have to wait for their like."""
    asked: dict[object, Placed] = {}
    judged: dict[object, Placed] = {}
    for prediction, review in zip_longest(predictions, reviews):
        if prediction and review and _are_of_one(prediction.row, review.row):
            yield prediction, review
            continue
        if prediction is not None:
            yield from _matched(prediction, judged, asked, is_prediction=True)
        if review is not None:
            yield from _matched(review, asked, judged, is_prediction=False)
    for prediction in asked.values():
        yield prediction, None
    for review in judged.values():
        yield None, review


def _matched(
    line: Placed, others: dict[object, Placed], own: dict[object, Placed], *, is_prediction: bool
) -> Iterator[tuple[Placed | None, Placed | None]]:
    name = _name(line)
    other = None if name is None else others.pop(name, None)
    if name is None or other is not None:
        yield (line, other) if is_prediction else (other, line)
    else:
        own[name] = line  # of two rows of one name the later holds


def _are_of_one(asked: Mapping[str, Any] | None, judged: Mapping[str, Any] | None) -> bool:
    """Whether two rows stand side by side as a finished run leaves them."""
    if asked is None or judged is None:
        return False
    for part in NAMES:
        if asked.get(part) != judged.get(part):
            return False
    return "sample_id" in asked


def _name(line: Placed) -> object:
    row = line.row
    if row is None:
        return None
    return tuple(str(row.get(part)) for part in NAMES)
