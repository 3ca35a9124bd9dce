"""evalscope judge-check: a judge measured on answers that people have labelled."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalscope.arguments import Parser, add_settings, read_settings
from evalscope.config import TaskConfig, load_task_config
from evalscope.errors import ConfigError, EvalscopeError

SETTINGS = (
    "judge_model_args",
    "judge_worker_num",
    "seed",
    "timeout",
    "max_retries",
    "output_format",
    "quiet",
    "debug",
)
WORK_DIR = Path("outputs/judge_check")
RESULT = "judge_check.json"


def main(argv: Sequence[str]) -> int:
    """Asks the judge about every labelled answer, and shows how far it sees them as people do.

    Returns:
        0: a verdict on every answer; 1: the judge failed on some; 130: interrupted.
    """
    parser = _make_parser()
    if {"-h", "--help"} & set(argv):
        parser.print_help()
        return 0
    written = {name: value for name, value in vars(parser.read(argv)).items() if value is not None}
    labels, dataset = Path(written.pop("labels")), written.pop("dataset", None)
    if "judge_model_args" not in written:
        raise ConfigError('the judge is not named; --judge-model-args \'{"model_id": "…", "api_url": "…/v1"}\'')
    root = Path(written.pop("work_dir", WORK_DIR)).expanduser()
    config = load_task_config({**read_settings(written), "judge_strategy": "llm"})
    try:
        return _check(labels, dataset, config, root)
    except OSError as error:
        raise EvalscopeError(
            f"{error.filename or root} cannot be written: {error.strerror or error}; what was stored before is safe, "
            "and the same command continues"
        ) from error
    except KeyboardInterrupt:
        print("stopped; what was replied is stored, and the same command continues", file=sys.stderr)
        return 130


def _make_parser() -> Parser:
    parser = Parser(
        prog="evalscope judge-check",
        description="Measure a judge on answers that people have labelled: confusion, agreement, kappa, sensitivity, "
        "specificity and constancy, each with its 95 % interval. The result, judge_check.json, corrects the scores of "
        "a run when judge_model_args names it as check.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--labels",
        metavar="FILE",
        required=True,
        help="JSON lines with question, answer, target and label (a grade of the rubric, correct or incorrect, true or "
        "false, 1 or 0); for rubric pairwise question, answer, other and label (A: answer is better, B: other, TIE)",
    )
    parser.add_argument(
        "--dataset",
        metavar="NAME",
        help="benchmark whose own rubric the judge follows, such as simple_qa; otherwise the one in judge_model_args, "
        "correctness unless given",
    )
    parser.add_argument(
        "--repeats", metavar="N", help="how often the judge is asked about each answer (default: 1); the first counts"
    )
    parser.add_argument(
        "--work-dir",
        metavar="DIR",
        help="folder of the judge's replies and of judge_check.json; what was replied there is not asked again "
        f"(default: {WORK_DIR})",
    )
    add_settings(parser, SETTINGS)
    return parser


def _check(labels: Path, dataset: str | None, config: TaskConfig, root: Path) -> int:
    from evalscope.constants import OutputFormat
    from evalscope.engine.checking import check_judge, plan_check
    from evalscope.engine.console import Screen, logging_to
    from evalscope.engine.labels import read_labels
    from evalscope.reports.check import describe_check
    from evalscope.reports.files import dump
    from evalscope.reports.table import print_text
    from evalscope.runs.folder import RunFolder
    from evalscope.runs.lock import locked

    screen = Screen()
    with logging_to(screen, quiet=config.quiet, debug=config.debug):
        judging = plan_check(config, dataset)
        labelled = read_labels(labels, judging.rubric)
        root.mkdir(parents=True, exist_ok=True)
        with locked(RunFolder(root, is_new=False)):
            result: Mapping[str, Any] = check_judge(judging, labelled, config, root)
            fresh = root / f".{RESULT}.new"
            fresh.write_bytes(dump(result))
            fresh.replace(root / RESULT)
    is_json = config.output_format is OutputFormat.JSON
    print_text(dump(result).decode().rstrip() if is_json else describe_check(result))
    if not config.quiet:
        screen.print(f"written to {root / RESULT}")
    return 1 if result["failed"] else 0
