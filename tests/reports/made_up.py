"""Reports of our own making."""

from typing import Any

from evalscope.core.report import Report, ReportRow

NAN = float("nan")


def make_row(subset: str = "main", **changed: Any) -> ReportRow:
    """A row of ten samples, four of them right."""
    settings: dict[str, Any] = {
        "metric": "AverageAccuracy",
        "subset": subset,
        "categories": ("default",),
        "num": 10,
        "score": 0.4,
        "stderr": 0.1633,
        "ci_low": 0.168,
        "ci_high": 0.687,
    }
    return ReportRow(**settings | changed)


def make_report(*rows: ReportRow, **changed: Any) -> Report:
    """A report of one data set as a run leaves it."""
    settings: dict[str, Any] = {
        "model": "Qwen3-0.6B",
        "dataset": "gsm8k",
        "score": 0.4,
        "num": 10,
        "rows": rows or (make_row(),),
        "outcomes": {"correct": 4, "wrong": 6},
        "missing": 0,
        "asked": {
            "few_shot_num": 4,
            "template": "Question: {question}",
            "template_digest": "0123456789abcdef",
            "system_prompt": "",
            "split": "test",
            "generation": {"temperature": 0.0, "max_tokens": 2048},
            "answered_by": "service",
            "repeats": 1,
            "seed": 42,
            "notes": [],
        },
        "usage": {"input_tokens": 100, "output_tokens": 200, "truncated": 0},
        "timing": {"seconds": 1.5, "asked": 10, "mean_latency_s": 0.25, "mean_first_token_s": None},
        "config_digest": "c0ffee",
        "data_fingerprint": "da7a",
        "versions": {"evalscope": "0.1.0"},
    }
    return Report(**settings | changed)


def asked(**changed: Any) -> dict[str, Any]:
    """How the made-up report was asked, with changes."""
    return {**make_report().asked, **changed}
