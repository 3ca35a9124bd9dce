"""evalscope score: the stored answers of a run, graded once more."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalscope.arguments import Parser, add_settings, read_settings

SETTINGS = (
    "judge_strategy",
    "judge_model_args",
    "judge_worker_num",
    "sandbox",
    "dataset_dir",
    "offline",
    "timeout",
    "max_retries",
    "output_format",
    "quiet",
    "debug",
)


def main(argv: Sequence[str]) -> int:
    """Grades a run again, in place, and shows what changed; the model is not asked."""
    parser = Parser(
        prog="evalscope score",
        description="Grade the stored answers of a run once more, with the extraction, comparison and judges of today. "
        "The model is not asked; reviews and reports in the run's folder are made anew.",
        allow_abbrev=False,
    )
    parser.add_argument("run", metavar="DIR", help="folder of the run")
    add_settings(parser, SETTINGS)
    if {"-h", "--help"} & set(argv):
        parser.print_help()
        return 0
    written = {name: value for name, value in vars(parser.read(argv)).items() if value is not None}
    return _score(Path(written.pop("run")), read_settings(written))


def _score(root: Path, changes: Mapping[str, Any]) -> int:
    from evalscope.reports.changes import describe_changes
    from evalscope.reports.files import read_reports, report_json
    from evalscope.reports.table import print_text
    from evalscope.run import score_again
    from evalscope.runs.folder import open_run_folder
    from evalscope.runs.outcomes import read_outcomes

    folder = open_run_folder(root)
    before = {report["dataset"]: report for path in folder.all_reports() for report in read_reports(path)}
    was = read_outcomes(folder)
    finished = score_again(root, changes)
    if changes.get("output_format") != "json":
        after = {name: report_json(report) for name, report in finished.reports.items()}
        print_text(describe_changes(before, after, was, read_outcomes(folder)))
    return 1 if finished.num_failed else 0
