"""The run as one self-contained page: no script, no network."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalscope.reports.files import read_reports
from evalscope.reports.table import describe_agreement, describe_asking, describe_judging, format_number, warnings_of
from evalscope.runs.folder import RunFolder

OUTCOME_WORDS = {
    "correct": "correct",
    "partial": "partly correct",
    "wrong": "wrong",
    "unparsed": "no answer found",
    "cut_off": "cut off by the limit on tokens",
    "refused": "refused by the service",
    "request_failed": "request failed",
    "scoring_failed": "scoring failed",
    "judge_failed": "judge failed",
}


def write_page(folder: RunFolder) -> None:
    """Writes the page over all reports that lie in the run, replacing the old one all at once."""
    page = folder.html_report
    page.parent.mkdir(parents=True, exist_ok=True)
    reports = [report for model in sorted(page.parent.iterdir()) if model.is_dir() for report in read_reports(model)]
    fresh = page.with_name(f".{page.name}.new")
    fresh.write_text(render_page(folder.root.name, reports), encoding="utf-8")
    fresh.replace(page)


def render_page(run: str, reports: list[dict[str, Any]]) -> str:
    """The page's HTML; every text in it is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "share": _share, "asking": describe_asking}
    environment.filters |= {"judging": describe_judging, "agreement": describe_agreement, "warnings": warnings_of}
    template = environment.from_string(Path(__file__).with_name("page.html.jinja").read_text(encoding="utf-8"))
    return template.render(run=run, reports=[_prepared(report) for report in reports])


def _prepared(report: dict[str, Any]) -> dict[str, Any]:
    """The report with its classes in words, their total, and whether the metric needs a column on a narrow screen."""
    counts: Mapping[str, int] = report["outcomes"]
    total = sum(counts.values()) + report["missing"]
    named = [(name, words, counts[name]) for name, words in OUTCOME_WORDS.items() if counts.get(name)]
    if report["missing"]:
        named.append(("missing", "no answer given", report["missing"]))
    has_one_metric = len({row["metric"] for row in report["rows"]}) == 1
    return report | {"classes": named, "total": total, "has_one_metric": has_one_metric}


def _number(value: float | None) -> str:
    return format_number(math.nan if value is None else value)


def _share(value: float | None) -> str:
    """A number in [0, 1] as a length on the page; what lies outside stays at the end of the scale."""
    return f"{100 * min(1.0, max(0.0, value or 0.0)):.2f}%"
