"""The table at the end of a run, and the lines below it."""

import contextlib
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from evalscope.constants import OutputFormat
from evalscope.core.hidden import harmless, harmless_lines
from evalscope.core.report import MEAN_OF_SUBSETS, Interval, Report, ReportRow
from evalscope.core.score import FAILURES
from evalscope.metrics.bootstrap import FEW_UNITS
from evalscope.reports.files import dump, report_json

NOTHING = "–"

CROSSED = 3
"""So many names has a category that says where, by what and by what else: a square of a heat map."""

MOST_UNREAD = 0.02
"""A larger share of answers in which nothing was found is warned of: the score is then not only the model's."""

ADVICE: Mapping[str, str] = {
    "unparsed": "hold no answer that could be read; the reviews show how they are worded",
    "cut_off": "were cut off by the limit on tokens before an answer was found; raise max_tokens in generation_config",
}
"""What is wrong with the answers of a class, and what to do."""


def print_reports(reports: Sequence[Report], form: OutputFormat) -> None:
    """Writes the table, or the reports as JSON by data set, neither cut nor wrapped."""
    if form is OutputFormat.JSON:
        print_text(dump({report.dataset: report_json(report) for report in reports}).decode().rstrip())
    else:
        print_text(format_table(reports))


def print_text(text: str, file: TextIO | None = None) -> None:
    """Writes a text and a newline, signs that would act on a terminal or that the stream cannot hold as escapes.

    A reader that has gone away ends the output, not the program.
    """
    stream = file or sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    with contextlib.suppress(BrokenPipeError):
        print(harmless_lines(text).encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def format_table(reports: Sequence[Report]) -> str:
    """One line a row of each report; columns of counts appear only where one of them is not 0."""
    from tabulate import tabulate

    # categories that are crossed are as many as their product: they are drawn, and stand in the files
    rows = [(report, row) for report in reports for row in report.rows if len(row.categories) < CROSSED]
    num_categories = max([1, *(len(row.categories) for _, row in rows)])
    columns: dict[str, Callable[[Report, ReportRow], Any]] = {
        "Model": lambda report, row: harmless(report.model),
        "Dataset": lambda report, row: harmless(report.dataset),
        "Metric": lambda report, row: harmless(row.metric),
        "Subset": lambda report, row: harmless(row.subset),
        "Num": lambda report, row: row.num,
        "Score": lambda report, row: format_number(row.score),
        **{f"Cat.{level}": _category(level) for level in range(num_categories)},
        "95% CI": lambda report, row: format_interval(row),
    }
    counts: dict[str, Callable[[Report, ReportRow], int]] = {
        "Failed": lambda report, row: row.failed,
        "Unparsed": lambda report, row: row.unparsed,
        "Cut off": lambda report, row: row.cut_off,
        "Missing": lambda report, row: report.missing if row is _headline(report) else 0,
    }
    columns |= {name: count for name, count in counts.items() if any(count(*pair) for pair in rows)}
    right = {"Num", "Score", *counts}
    return tabulate(
        [[column(*pair) for column in columns.values()] for pair in rows],
        headers=list(columns),
        tablefmt="grid",
        disable_numparse=True,
        colalign=["right" if name in right else "left" for name in columns],
    )


def format_number(number: float) -> str:
    """At most four decimals, none that say nothing; a dash where there is no number."""
    return NOTHING if math.isnan(number) else f"{round(number, 4) + 0.0:.4f}".rstrip("0").rstrip(".")


def format_interval(row: ReportRow) -> str:
    """Both ends of the 95 % interval."""
    if math.isnan(row.ci_low):
        return NOTHING
    return f"{row.ci_low:.3f} – {row.ci_high:.3f}"


def notes(report: Report) -> Iterator[str]:
    """How it was asked, and what a reader of the score must know, one sentence a line.

    What was odd about the data is no part of it: that was warned of before the first question. Signs that would act on
    a terminal are escapes.
    """
    return map(harmless, _notes(report))


def _notes(report: Report) -> Iterator[str]:
    yield f"{report.dataset}: {describe_asking(report.asked)}"
    if intervals := describe_intervals(_headline(report)):
        yield f"{report.dataset}: {intervals}"
    if report.judged:
        yield f"{report.dataset}: {describe_judging(report.judged)}"
        if "agreement" in report.judged:
            yield f"{report.dataset}: {describe_agreement(report.judged['agreement'])}"
    if failed := {name: count for name, count in report.outcomes.items() if name in FAILURES}:
        counted = ", ".join(f"{count} {name}" for name, count in failed.items())
        yield f"{report.dataset}: {sum(failed.values())} samples have no score ({counted}); the reviews say why"
        if report.bounds is not None:
            low, high = (format_number(end) for end in (report.bounds.low, report.bounds.high))
            yield f"{report.dataset}: the score would be {low} were all of these wrong, {high} were all right"
    for warning in warnings_of(report.outcomes):
        yield f"warning: {report.dataset}: {warning}"
    if truncated := report.usage.get("truncated", 0):
        yield f"{report.dataset}: {truncated} answers were ended by the limit on tokens (generation_config max_tokens)"
    if shared := report.usage.get("shared", 0):
        yield f"{report.dataset}: {shared} answers are those of equal questions, which were asked once"
    if report.missing:
        yield f"{report.dataset}: {report.missing} samples have no answer and are not scored"


def warnings_of(outcomes: Mapping[str, int]) -> Iterator[str]:
    """What casts doubt on a score: too many answers in which nothing was found, of those that got a score."""
    num = sum(count for name, count in outcomes.items() if name not in FAILURES)
    for name, advice in ADVICE.items():
        count = outcomes.get(name, 0)
        if count > MOST_UNREAD * num:
            yield f"{count} of {num} answers ({count / num:.1%}) {advice}"


def describe_intervals(row: ReportRow) -> str:
    """How the intervals were found, where it is not Wilson's way over samples on their own; empty there."""
    if row.interval in {Interval.WILSON, Interval.OTHER}:
        return ""
    parts = [f"95 % intervals: {row.interval}"]
    if row.num_groups:
        parts.append(f"{row.num} samples in {row.num_groups} groups")
    is_drawn = row.interval in {Interval.BOOTSTRAP, Interval.BOOTSTRAP_GROUPED}
    if is_drawn and (row.num_groups or row.num) < FEW_UNITS:
        parts.append(f"fewer than {FEW_UNITS} to draw from, so the interval is rather too narrow")
    return "; ".join(parts)


def describe_judging(judged: Mapping[str, Any]) -> str:
    """Who judged and what it took: "judged by gpt (correctness): 20 replies, 3100 + 240 tokens"."""
    usage = judged["usage"].values()
    replies, asked, said = (
        sum(judge[name] for judge in usage) for name in ("replies", "input_tokens", "output_tokens")
    )
    first = "wrong answers looked at again" if judged["strategy"] == "llm_recall" else "judged"
    return (
        f"{first} by {', '.join(judged['judges'])} ({judged['rubric']}): {replies} replies, "
        f"{asked} + {said} tokens beside those of the model"
    )


def describe_agreement(agreement: Mapping[str, Any]) -> str:
    """How far judges agree: "judges differ on 0.12 (0.05 – 0.2) of 50 answers; Cohen's kappa 0.71 (0.6 – 0.82)"."""
    disagreement = agreement["disagreement"]
    said = f"judges differ on {_with_interval(disagreement)} of {disagreement['num']} answers"
    kappa = agreement.get("kappa")
    return f"{said}; {kappa['of']} kappa {_with_interval(kappa)}" if kappa else said


def _with_interval(estimate: Mapping[str, Any]) -> str:
    """The value and, in brackets, its interval; read from a file, what is no number is None."""
    value, low, high = (
        math.nan if estimate[name] is None else estimate[name] for name in ("value", "ci_low", "ci_high")
    )
    return format_number(value) if math.isnan(low) else f"{format_number(value)} ({low:.3f} – {high:.3f})"


def describe_asking(asked: Mapping[str, Any]) -> str:
    """Shots, temperature and the limit on tokens in a few words: "4-shot, temperature 0, at most 2048 tokens"."""
    if asked.get("answered_by") == "predictions":
        return "answers made elsewhere, read from a file"
    if "collection" in asked:
        return f"a collection of {len(asked['collection'])} data sets, each asked as its own report says"
    generation = asked["generation"]
    temperature = generation.get("temperature")
    limit = generation.get("max_tokens")
    if asked.get("scoring"):
        return f"{asked['few_shot_num']}-shot, scoring {asked['scoring']}"
    parts = [
        f"{asked['few_shot_num']}-shot",
        "temperature left to the model" if temperature is None else f"temperature {temperature:g}",
        "tokens not limited" if limit is None else f"at most {limit} tokens",
    ]
    parts += [f"{asked['repeats']} repeats"] if asked.get("repeats", 1) > 1 else []
    rest = {name: value for name, value in generation.items() if name not in {"temperature", "max_tokens"}}
    return ", ".join(parts + [f"{name} {value}" for name, value in rest.items()])


def _headline(report: Report) -> ReportRow:
    candidates = [row for row in report.rows if row.metric == report.rows[0].metric and row.subset != MEAN_OF_SUBSETS]
    return candidates[-1]


def _category(level: int) -> Callable[[Report, ReportRow], str]:
    return lambda report, row: harmless(row.categories[level]) if level < len(row.categories) else NOTHING
