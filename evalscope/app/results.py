"""The reports of a run below the outputs folder."""

from pathlib import Path

from evalscope.app.outputs import NotThere, Outputs
from evalscope.reports.results import Result, read_result
from evalscope.runs.folder import RunFolder


def read_results(outputs: Outputs, folder: RunFolder) -> tuple[tuple[Result, ...], tuple[Path, ...]]:
    """The reports of a run, and the files among them that are none."""
    results, unreadable = [], []
    for path in outputs.files(folder.root / "reports", "*/*.json"):
        try:
            result = read_result(outputs.file(path))
        except (OSError, NotThere):
            continue  # gone since, or replaced at this moment
        if result is None:
            unreadable.append(path)
        else:
            results.append(result)
    return tuple(results), tuple(unreadable)
