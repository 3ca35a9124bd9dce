"""Folders of runs of our own making, without a model."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from evalscope.reports.files import report_json
from evalscope.runs.folder import RunFolder
from tests.reports.made_up import asked, make_report, make_row


class Ended(NamedTuple):
    """How one answer ended."""

    sample_id: str
    value: float | None  # None: it failed
    text: str = "said"
    group: str = ""
    repeat: int = 0
    subset: str = "main"


def right(*values: float | None) -> list[Ended]:
    """Samples 0, 1, … with these values."""
    return [Ended(str(index), value) for index, value in enumerate(values)]


def write_run(root: Path, datasets: Mapping[str, Iterable[Ended]], *, model: str = "m", **changed: Any) -> Path:
    """A run folder with a report, reviews and predictions for each data set; `changed` goes over the reports."""
    folder = RunFolder(root, is_new=True)
    folder.task_config.parent.mkdir(parents=True, exist_ok=True)
    folder.task_config.write_text("asking: {}\n")
    folder.reports(model).mkdir(parents=True)
    for dataset, ends in datasets.items():
        ends = list(ends)
        values = [end.value for end in ends if end.value is not None]
        score = sum(values) / len(values) if values else float("nan")
        row = make_row(score=score, num=len(values), **changed.get("row", {}))
        report = make_report(
            row, model=model, dataset=dataset, score=score, num=len(values), asked=asked(**changed.get("asked", {}))
        )
        written = report_json(report) | changed.get("report", {})
        (folder.reports(model) / f"{dataset}.json").write_bytes(orjson.dumps(written))
        for end in ends:
            _append(folder.predictions(model, dataset, end.subset), _prediction(dataset, end))
            _append(folder.reviews(model, dataset, end.subset), _review(dataset, end))
    return root


def _append(path: Path, row: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(orjson.dumps(row) + b"\n")


def _name(dataset: str, end: Ended) -> dict[str, Any]:
    return {
        "key": "k",
        "dataset": dataset,
        "subset": end.subset,
        "sample_id": end.sample_id,
        "repeat": end.repeat,
    }


def _prediction(dataset: str, end: Ended) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"question {end.sample_id}?"}]
    completion = {"text": end.text, "reasoning": None, "stop_reason": "stop", "usage": {}}
    return {**_name(dataset, end), "messages": messages, "completion": completion}


def _review(dataset: str, end: Ended) -> dict[str, Any]:
    row = {**_name(dataset, end), "answer": end.text, "target": "right", "explanation": ""}
    if end.group:
        row["group"] = end.group
    if end.value is None:
        return {**row, "outcome": "request_failed", "answer": None, "scores": {}, "error": "gone"}
    outcome = {1.0: "correct", 0.0: "wrong"}.get(end.value, "partial")
    return {**row, "outcome": outcome, "scores": {"acc": end.value}, "error": None}
