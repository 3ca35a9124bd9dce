"""Run folders of our own making, also such as no run of ours would leave."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evalscope.reports.files import write_reports
from tests.own_data import write_jsonl
from tests.reports.made_up import make_report, make_row

Row = Mapping[str, Any]

HOSTILE = (
    "<script>window.pwned = 1</script>",
    '<img src="http://evil.invalid/x.png" onerror="window.pwned = 1">',
    "[click](javascript:window.pwned=1) and ![x](http://evil.invalid/y.png)",
    '<svg onload="window.pwned = 1"><script>window.pwned = 1</script></svg>',
    "\x1b[31mred\x1b[0m \x07",
    '=HYPERLINK("http://evil.invalid", "x")',
    "a" * 100_000,
    "\u202egnp.exe\u202c and \u2066isolated\u2069",
    "NUL \x00 inside",
    "$\\text{<script>window.pwned = 1</script>}$ and \\(\\href{javascript:window.pwned=1}{x}\\)",
    "{{ 7 * 7 }} {% raw %} </textarea></pre></title>",
    "[data](data:text/html;base64,PHNjcmlwdD4=) <a href='//evil.invalid'>x</a> [rel](/csv/runs) <javascript:alert(1)>",
)


def name_of(index: int, *, dataset: str = "gsm8k", subset: str = "main") -> dict[str, Any]:
    return {"key": f"k{index}", "dataset": dataset, "subset": subset, "sample_id": str(index), "repeat": 0}


def prediction(index: int, text: str = "ANSWER: 4", *, prompt: str = "2 + 2 = ?", **name: str) -> dict[str, Any]:
    completion = {
        "text": text,
        "reasoning": None,
        "stop_reason": "stop",
        "usage": {"input_tokens": 10, "output_tokens": 5 + index},
        "latency_s": 0.5 + index,
        "first_token_s": None,
    }
    return {**name_of(index, **name), "messages": [{"role": "user", "content": prompt}], "completion": completion}


def review(index: int, outcome: str = "correct", answer: str | None = "4", **name: str) -> dict[str, Any]:
    scores = {} if outcome.endswith("failed") else {"acc": float(outcome == "correct")}
    error = "no reply" if outcome.endswith("failed") else None
    return {
        **name_of(index, **name),
        "outcome": outcome,
        "answer": answer,
        "target": "4",
        "scores": scores,
        "explanation": "",
        "error": error,
    }


def make_run(
    root: Path,
    predictions: Iterable[Row] = (),
    reviews: Iterable[Row] = (),
    *,
    model: str = "m",
    started: str = "2026-11-23T11:50:12",
    reports: Iterable[Any] | None = None,
) -> Path:
    """A run of one model and one subset."""
    (root / "configs").mkdir(parents=True)
    record = {"started": started, "asking": {"name in reports": model, "datasets": {"gsm8k": {}}}, "task": {}}
    (root / "configs" / "task_config.yaml").write_text(json.dumps(record))
    write_jsonl(root / "predictions" / model / "gsm8k_main.jsonl", predictions)
    end(root)
    write_jsonl(root / "reviews" / model / "gsm8k_main.jsonl", reviews)
    write_reports(
        [make_report(make_row(), model=model)] if reports is None else list(reports), root / "reports" / model
    )
    return root


def end(root: Path) -> None:
    """Lets the rows of a run be old, so that it is not taken to go on."""
    for path in (root / "predictions").glob("*/*.jsonl"):
        os.utime(path, (1, 1))


def plain_run(root: Path, num: int = 10, *, wrong: Iterable[int] = (3, 7), **settings: Any) -> Path:
    """A run of so many samples, all right but a few."""
    missed = set(wrong)
    reviews = [review(i, "wrong", "5") if i in missed else review(i) for i in range(num)]
    return make_run(
        root,
        [prediction(i, f"It is 2 + 2. ANSWER: {5 if i in missed else 4}") for i in range(num)],
        reviews,
        **settings,
    )


def hostile_run(root: Path) -> Path:
    """A run in which everything a model or data set may say is hostile."""
    rows = list(enumerate(HOSTILE))
    asked = [prediction(i, text, prompt=f"say: {text}", subset=text[:50]) for i, text in rows]
    judged = [review(i, "wrong", text, subset=text[:50]) | {"explanation": text, "target": text} for i, text in rows]
    bad = make_report(make_row(HOSTILE[0], metric=HOSTILE[1], categories=(HOSTILE[3],)), dataset=HOSTILE[0])
    return make_run(root, asked, judged, reports=[bad])
