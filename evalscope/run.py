"""run_task: any form of a task in, reports out; and the script form, python evalscope/run.py."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # Python put this file's own folder first, where our packages would hide others of the same name
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from evalscope.arguments import make_parser, parse_task, resume_command
from evalscope.config import TaskConfig, load_task_config
from evalscope.core.report import Report
from evalscope.core.score import FAILURES
from evalscope.engine.ask import Asker, AskModel, StoredOnly
from evalscope.engine.console import LogTo, Screen, logging_to
from evalscope.engine.missing import refuse_missing
from evalscope.engine.plan import Plan, find_benchmarks, make_plan
from evalscope.engine.preview import describe_size, preview
from evalscope.engine.record import (
    drop_outdated_reviews,
    read_record,
    refuse_another_way,
    task_of,
    versions,
    write_record,
)
from evalscope.engine.session import Session
from evalscope.engine.sync import terminating_like_ctrl_c
from evalscope.engine.who import answers_made_elsewhere, who_answered, who_answers, who_judges
from evalscope.errors import EndpointError, EvalscopeError, RunInterrupted
from evalscope.models.build import report_name
from evalscope.models.predictions import Predictions
from evalscope.reports.files import write_reports
from evalscope.reports.html import write_page
from evalscope.reports.table import notes, print_reports, print_text
from evalscope.runs.folder import RunFolder, make_run_folder, open_run_folder, point_latest
from evalscope.runs.lock import locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a run ends with.

    Attributes:
        reports: by data set; empty after a dry run.
        folder: where it lies; None after a dry run.
        stopped_by: the flag whose budget ended it before all was asked; empty where none did.
    """

    reports: Mapping[str, Report]
    folder: Path | None
    stopped_by: str = ""

    @property
    def num_failed(self) -> int:
        """Samples without a score, over all data sets."""
        return sum(report.outcomes.get(outcome, 0) for report in self.reports.values() for outcome in FAILURES)


def run_task(task_cfg: "TaskConfig | Mapping[str, Any] | str | Path") -> dict[str, Report]:
    """Runs a task, prints the table, and returns the reports by data set.

    Args:
        task_cfg: a TaskConfig, a dict, or the path of a YAML or JSON file.

    Raises:
        ConfigError: the task cannot be run as written.
        DatasetError: its data is absent or torn.
        EndpointError: no question could be asked.
        RunInterrupted: Ctrl-C; what was answered is stored, and `use_cache` continues.
    """
    return dict(execute(load_task_config(task_cfg)).reports)


def execute(config: TaskConfig) -> Finished:
    """Runs a task; the result goes to standard output, all else to standard error."""
    screen = Screen()
    with logging_to(screen, quiet=config.quiet, debug=config.debug) as log_to:
        # what costs little to find wrong is looked at before models are fetched and data is read
        benchmarks = find_benchmarks(config)
        if config.use_cache:
            open_run_folder(config.use_cache)
        predictions = answers_made_elsewhere(config)
        if predictions is not None and config.repeats is None and config.generation_config.n is None:
            names = [name for benchmark in benchmarks for name in (benchmark.name, *benchmark.aliases)]
            config = config.model_copy(update={"repeats": predictions.num_repeats(names)})
        refuse_missing(config, benchmarks)
        asker, answerer = who_answers(config, predictions)
        plan = make_plan(config, benchmarks, answerer, who_judges(config, benchmarks))
        if predictions is not None:
            plan = _match(plan, predictions)
        if config.dry_run:
            print_text(preview(plan))
            return Finished(reports={}, folder=None)
        return _run(config, plan, asker, screen, log_to)


def score_again(root: Path, changes: Mapping[str, Any]) -> Finished:
    """Grades the stored answers of an earlier run once more; whoever answered is not asked.

    Args:
        root: the run's folder, whose reviews and reports are made anew.
        changes: settings that go over those of the run.

    Raises:
        ConfigError: it is no run, or the settings would ask another way.
    """
    folder = open_run_folder(root)
    record = read_record(folder.task_config)
    config = task_of(record, {**changes, "use_cache": str(folder.root)})
    screen = Screen()
    with logging_to(screen, quiet=config.quiet, debug=config.debug) as log_to:
        benchmarks = find_benchmarks(config)
        refuse_missing(config, benchmarks, asks_model=False)
        judges = who_judges(config, benchmarks, are_expected="judge_model_args" in changes)
        plan = make_plan(config, benchmarks, who_answered(record, config), judges)
        return _run(config, plan, StoredOnly(), screen, log_to)


def run_command(prog: str, argv: Sequence[str]) -> int:
    """Runs the task of a command line, and turns its end into an exit code.

    Returns:
        0 all scored, 1 some samples failed or the budget was spent, 2 nothing could be asked or the command is wrong,
        130 interrupted.
    """
    debug = "--debug" in argv
    try:
        with terminating_like_ctrl_c():
            finished = execute(parse_task(make_parser(prog), argv))
    except RunInterrupted as stop:
        print_text(f"stopped; to continue:\n  {resume_command(prog, argv, stop.run_folder)}", file=sys.stderr)
        return 130
    except KeyboardInterrupt:
        print_text("stopped before the first question", file=sys.stderr)
        return 130
    except EvalscopeError as error:
        if debug:
            traceback.print_exc()
        print_text(f"error: {error}", file=sys.stderr)
        return 2
    if finished.stopped_by and finished.folder is not None:
        command = resume_command(prog, argv, finished.folder)
        print_text(f"stopped by {finished.stopped_by}; to continue:\n  {command}", file=sys.stderr)
    return 1 if finished.num_failed or finished.stopped_by else 0


def main(argv: Sequence[str] | None = None) -> int:
    """The script form: the same flags and exit codes as `evalscope eval`."""
    return run_command("python evalscope/run.py", sys.argv[1:] if argv is None else argv)


def _run(config: TaskConfig, plan: Plan, asker: Asker, screen: Screen, log_to: LogTo) -> Finished:
    started = datetime.now()
    if config.use_cache:
        folder = open_run_folder(config.use_cache)
    else:
        folder = make_run_folder(config.work_dir, config.run_name, started)
    try:
        with locked(folder):
            earlier = read_record(folder.task_config) if config.use_cache else {}
            if earlier:
                refuse_another_way(earlier, config, plan, folder.root)
                drop_outdated_reviews(earlier, plan, folder, report_name(config))
            log_to(folder.log)
            write_record(folder, config, plan, started=started, earlier=earlier)
            point_latest(folder)
            if isinstance(asker, AskModel) and not config.quiet:
                screen.print(f"asking {describe_size(plan)}")
            session = Session(
                plan=plan,
                asker=asker,
                folder=folder,
                model=report_name(config),
                screen=None if config.quiet else screen,
                versions=versions(),
                max_tokens=config.max_tokens_total,
                max_time_s=config.max_time,
                give_up_after_s=config.give_up_after,
                judged_at_once=config.judge_worker_num,
            )
            reports, stopped_by = session.run()
            write_reports(list(reports.values()), folder.reports(session.model))
            write_page(folder)
    except OSError as error:
        folder.remove_if_worthless()
        advice = f"; what was stored before is safe, and --use-cache {folder.root} continues" * folder.root.exists()
        raise EvalscopeError(
            f"{error.filename or folder.root} cannot be written: {error.strerror or error}{advice}"
        ) from error
    except EndpointError as error:
        folder.remove_if_worthless()
        if not folder.root.exists():
            raise
        raise EndpointError(f"{error}; what was answered is safe, and --use-cache {folder.root} continues") from error
    except BaseException as error:
        folder.remove_if_worthless()
        if isinstance(error, KeyboardInterrupt) and folder.root.exists():
            raise RunInterrupted(folder.root) from None
        raise
    _show(reports, config, folder, screen)
    return Finished(reports=reports, folder=folder.root, stopped_by=stopped_by)


def _show(reports: Mapping[str, Report], config: TaskConfig, folder: RunFolder, screen: Screen) -> None:
    print_reports(list(reports.values()), config.output_format)
    if not config.quiet:
        for report in reports.values():
            for line in notes(report):
                screen.print(line)
        screen.print(f"written to {folder.root}")
    missing = sum(report.missing for report in reports.values() if "collection" not in report.asked)
    if config.strict and missing:
        raise EvalscopeError(f"{missing} samples have no answer, which --strict does not allow")


def _match(plan: Plan, predictions: Predictions) -> Plan:
    """Finds the sample of each answer; what could not be matched becomes a note of the report."""
    datasets = []
    for dataset in plan.datasets:
        names = (dataset.name, *dataset.benchmark.aliases)
        samples = ((subset.name, sample) for subset in dataset.loaded.subsets for sample in subset.samples)
        found = tuple(predictions.match(dataset.name, names, samples))
        loaded = replace(dataset.loaded, notes=(*dataset.loaded.notes, *found))
        datasets.append(replace(dataset, loaded=loaded))
    return replace(plan, datasets=tuple(datasets))


if __name__ == "__main__":
    sys.exit(main())
