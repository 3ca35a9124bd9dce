"""evalscope compare: whether runs differ, and on which samples."""

import math
from argparse import Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from evalscope.arguments import Parser
from evalscope.comparison.compare import Comparison, compare
from evalscope.comparison.gate import Check, checks_of_floors, checks_of_losses
from evalscope.comparison.junit import format_junit
from evalscope.comparison.markdown import format_markdown
from evalscope.comparison.plan import format_plan, plan_of_runs, plan_of_share
from evalscope.comparison.read import Entrant, read_entrants
from evalscope.comparison.terminal import format_terminal
from evalscope.errors import ConfigError
from evalscope.reports.files import dump
from evalscope.reports.table import print_text

FORMATS = ("table", "json", "markdown", "junit")

USUAL_SHARES = (0.05, 0.1, 0.2, 0.3)
"""Of samples that one run has right and the other wrong: two checkpoints of one training, …, two unlike models."""

EXIT_CODES = """\
exit codes:
  0  compared, and what was asked for holds
  1  --fail-if-worse: a run is worse than the first; or --min-score: a score is too low
  2  the runs cannot be compared, or the command is wrong"""


def main(argv: Sequence[str]) -> int:
    """Compares runs, checks them, or plans how many samples it takes."""
    parser = _make_parser()
    flags = parser.read(argv)
    floors = _floors(flags.min_score)
    _refuse_idle(parser, flags, floors)
    return _plan(flags) if flags.plan else _compare(flags, floors)


def _make_parser() -> Parser:
    parser = Parser(
        prog="evalscope compare",
        description="Say of each later run whether it is better or worse than the first, and on which samples. Several "
        "models in one run's folder count as runs of their own.",
        epilog=EXIT_CODES,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("runs", metavar="RUN", nargs="*", help="folder of a run; the first is the baseline")
    parser.add_argument(
        "--unpaired",
        action="store_true",
        help="compare data sets that were asked otherwise too, as two samples; without it they are refused",
    )
    parser.add_argument(
        "--fail-if-worse",
        action="store_true",
        help="exit with 1 where a later run is significantly worse than the first (adjusted p below 0.05)",
    )
    parser.add_argument(
        "--by", metavar="X", type=_number, default=0.0, help="with --fail-if-worse: losses below this pass"
    )
    parser.add_argument(
        "--min-score",
        metavar="NAME=X",
        action="append",
        default=[],
        help="exit with 1 where a later run (or the only one) scores less on this data set; may be given again",
    )
    parser.add_argument(
        "--flips", metavar="N", type=int, default=3, help="samples shown for each data set and way (default: 3)"
    )
    parser.add_argument("--output-format", choices=FORMATS, default="table", help="what is printed (default: table)")
    parser.add_argument("--plan", action="store_true", help="say how many samples it takes to see an effect")
    parser.add_argument("--effect", metavar="X", type=_number, help="with --plan: the difference to be seen")
    parser.add_argument(
        "--power", metavar="X", type=_number, default=0.8, help="with --plan: the chance of seeing it (default: 0.8)"
    )
    parser.add_argument(
        "--discordant",
        metavar="X",
        type=_number,
        help="with --plan and no runs: the share of samples that one run has right and the other wrong; without it "
        "usual ones are tried",
    )
    return parser


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _floors(written: Sequence[str]) -> dict[str, float]:
    floors = {}
    for pair in written:
        name, equals, floor = pair.rpartition("=")
        try:
            floors[name] = _number(floor)
        except ValueError:
            equals = ""
        if not equals or not name:
            raise ConfigError(f"--min-score: {pair!r} is no NAME=NUMBER, such as gsm8k=0.6")
    return floors


def _refuse_idle(parser: Parser, flags: Namespace, floors: Mapping[str, float]) -> None:
    """Refuses flags that would do nothing, and numbers that mean nothing."""
    if flags.plan:
        _refuse_odd_plan(parser, flags, floors)
    elif flags.effect is not None or flags.discordant is not None:
        parser.error("--effect and --discordant are for --plan")
    elif not flags.runs:
        parser.error("folders of runs are needed: evalscope compare RUN_A RUN_B")
    if flags.by < 0 or flags.flips < 0:
        parser.error("--by and --flips are numbers from 0 on")
    if flags.by and not flags.fail_if_worse:
        parser.error("--by is for --fail-if-worse")


def _refuse_odd_plan(parser: Parser, flags: Namespace, floors: Mapping[str, float]) -> None:
    if flags.effect is None or not 0 < flags.effect < 1:
        parser.error("--plan needs --effect, a difference between 0 and 1, such as --effect 0.02")
    if not 0.5 < flags.power < 1:
        parser.error(f"--power is {flags.power:g}; a chance above 0.5 and below 1 is needed")
    if flags.runs and flags.discordant is not None:
        parser.error("--discordant is measured on the runs that are given; leave one of them out")
    if flags.discordant is not None and not flags.effect <= flags.discordant <= 1:
        parser.error(
            f"--discordant is {flags.discordant:g}; a share from the effect, {flags.effect:g}, to 1 is needed: runs "
            "that disagree on fewer samples cannot differ by more"
        )
    if floors or flags.fail_if_worse or flags.output_format not in {"table", "json"}:
        parser.error("--plan checks nothing, and is printed as table or json")


def _compare(flags: Namespace, floors: Mapping[str, float]) -> int:
    entrants = _entrants(flags, least=1 if floors and not flags.fail_if_worse else 2)
    comparisons = list(compare(entrants, takes_unpaired=flags.unpaired))
    checks = [
        *checks_of_losses(comparisons, fails=flags.fail_if_worse, by=flags.by),
        *checks_of_floors(entrants[1:] or entrants, floors, {name for one in entrants for name in one.reports}),
    ]
    print_text(_shown(comparisons, checks, flags))
    return 0 if all(check.is_passed for check in checks) else 1


def _shown(comparisons: Sequence[Comparison], checks: Sequence[Check], flags: Namespace) -> str:
    if flags.output_format == "json":
        whole = {"comparisons": list(map(asdict, comparisons)), "checks": list(map(asdict, checks))}
        return dump(whole).decode().rstrip()
    if flags.output_format == "markdown":
        return format_markdown(comparisons, checks, most_flips=flags.flips)
    if flags.output_format == "junit":
        return format_junit(checks, format_terminal(comparisons, checks, most_flips=flags.flips))
    return format_terminal(comparisons, checks, most_flips=flags.flips)


def _plan(flags: Namespace) -> int:
    if flags.runs:
        comparisons = list(compare(_entrants(flags, least=2), takes_unpaired=flags.unpaired))
        needed = list(plan_of_runs(comparisons, flags.effect, flags.power))
    else:
        shares = [share for share in USUAL_SHARES if share >= flags.effect] or [1.0]
        shares = shares if flags.discordant is None else [flags.discordant]
        needed = [plan_of_share(share, flags.effect, flags.power) for share in shares]
    is_json = flags.output_format == "json"
    print_text(dump(list(map(asdict, needed))).decode().rstrip() if is_json else format_plan(needed))
    return 0


def _entrants(flags: Namespace, *, least: int) -> tuple[Entrant, ...]:
    entrants = read_entrants([Path(run) for run in flags.runs])
    if len(entrants) < least:
        raise ConfigError(f"{entrants[0].label} is the only run; name another one to compare it with")
    return entrants
