"""evalscope verify: whether data, prompts and versions are still those of a run."""

from argparse import RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalscope.arguments import Parser, add_settings, read_settings
from evalscope.config import load_task_config

if TYPE_CHECKING:
    from evalscope.engine.verifying import Finding

SETTINGS = ("dataset_args", "dataset_dir", "dataset_hub", "offline", "output_format", "quiet", "debug")

EXIT_CODES = """\
exit codes:
  0  data, prompts and versions are those of the run
  1  something differs; the first record and the first prompt that do are named
  2  something cannot be told, such as where the data is, and nothing differs; or the command is wrong"""

WORDS = {True: "same", False: "DIFFERS", None: "unknown"}


def main(argv: Sequence[str]) -> int:
    """Lays the run beside the data, benchmarks and packages of today; writes nothing and asks nobody."""
    parser = Parser(
        prog="evalscope verify",
        description="Say whether data, prompts and versions of today are those of a run, and name the first record or "
        "prompt that differs. Nothing is asked, and nothing is written into the run's folder.",
        epilog=EXIT_CODES,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("run", metavar="RUN", help="folder of the run")
    add_settings(parser, SETTINGS)
    if {"-h", "--help"} & set(argv):
        parser.print_help()
        return 0
    written = {name: value for name, value in vars(parser.read(argv)).items() if value is not None}
    return _verify(Path(written.pop("run")), read_settings(written))


def _verify(root: Path, changes: Mapping[str, Any]) -> int:
    from dataclasses import asdict

    from evalscope.constants import OutputFormat
    from evalscope.engine.console import Screen, logging_to
    from evalscope.engine.verifying import verify
    from evalscope.reports.files import dump
    from evalscope.reports.table import print_text
    from evalscope.runs.folder import open_run_folder

    shown = load_task_config({name: value for name, value in changes.items() if name in {"output_format", "quiet"}})
    where = {name: value for name, value in changes.items() if name not in {"output_format", "quiet", "debug"}}
    with logging_to(Screen(), quiet=shown.quiet, debug=bool(changes.get("debug"))):
        findings = list(verify(open_run_folder(root), where))
    if shown.output_format is OutputFormat.JSON:
        print_text(dump([asdict(finding) for finding in findings]).decode().rstrip())
    else:
        print_text("\n".join(map(_line, findings)))
    return _exit_code([finding.is_same for finding in findings])


def _line(finding: "Finding") -> str:
    of = f" of {finding.dataset}" if finding.dataset else ""
    return f"{WORDS[finding.is_same]:8}{finding.what}{of}: {finding.said}"


def _exit_code(found: Sequence[bool | None]) -> int:
    if False in found:
        return 1
    return 2 if None in found else 0
