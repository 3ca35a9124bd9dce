"""Reports as files for other programs."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from evalscope.core.report import Report
from evalscope.runs.folder import file_name


def report_json(report: Report) -> dict[str, Any]:
    """The report as JSON holds it."""
    return asdict(report)


def dump(value: Any) -> bytes:
    """Indented JSON; nan becomes null."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_reports(reports: Sequence[Report], folder: Path) -> None:
    """One JSON file a data set, each replaced all at once."""
    folder.mkdir(parents=True, exist_ok=True)
    for report in reports:
        path = folder / f"{file_name(report.dataset)}.json"
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(dump(report_json(report)))
        fresh.replace(path)


def read_reports(folder: Path) -> tuple[dict[str, Any], ...]:
    """The reports in a folder as JSON, by name; files that are none are passed over."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            value = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            continue
        if isinstance(value, dict) and "rows" in value:
            found.append(value)
    return tuple(found)
