"""What the page of a run tells of one data set."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from evalscope.core.score import Outcome
from evalscope.reports.charts.histogram import histogram_chart, histogram_of
from evalscope.reports.figures import Figures
from evalscope.reports.results import Line, Result
from evalscope.reports.samples import ShownSample
from evalscope.reports.table import CROSSED, describe_agreement, describe_asking, describe_judging, warnings_of
from evalscope.reports.words import CHINESE
from evalscope.runs.lenient import count_of, number_of

COUNTS = {"failed": "Failed", "unparsed": "no answer found", "cut_off": "cut off by length"}
"""The columns of counts, which are there where one of them is not 0."""

HIDDEN = frozenset({"template", "system_prompt", "template_digest", "examples_digests", "generation"})
"""What `asked` holds that has a place of its own, or is a digest."""


class Told(NamedTuple):
    """One data set: its report, the figures of its answers, and some of its samples."""

    result: Result
    figures: Figures
    samples: Sequence[ShownSample]


def values_of(told: Told) -> dict[str, Any]:
    """What the template shows of one data set."""
    result = told.result
    outcomes = {name: result.outcomes.get(name, 0) for name in Outcome} | dict(result.outcomes)
    head = result.headline
    bounds = result.bounds
    return {
        **{name: getattr(result, name) for name in ("dataset", "model", "headline", "is_known", "missing", "asked")},
        "num": head.num if head else 0,
        "total": sum(result.outcomes.values()) + result.missing,
        "asking": describe_asking(result.asked) if result.is_known else "",
        "warnings": list(warnings_of(result.outcomes)),
        "classes": list(outcomes.items()),
        "bounds": bounds if bounds.get("low") != bounds.get("high") else None,
        "counts": {name: words for name, words in COUNTS.items() if any(getattr(line, name) for line in result.lines)},
        "tables": _tables(result.lines),
        "spreads": list(_spreads(told.figures)),
        "facts": dict(_facts(result)),
        "settings": list(_settings(result)),
        "judging": _judging(result),
        "judges": list(_judges(result)),
        "origins": [("configuration", result.config_digest), ("data", result.fingerprint), *result.versions.items()],
        "samples": told.samples,
    }


def _tables(lines: Sequence[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {"Overall": [], "By category": [], "By subset": []}
    for line in (line for line in lines if len(line.categories) < CROSSED):  # those that are crossed are drawn
        kind = "By subset" if line.is_of_subset else "By category" if line.categories else "Overall"
        found[kind].append(line)
    return {title: rows for title, rows in found.items() if rows}


def _spreads(figures: Figures) -> Iterator[Mapping[str, Markup]]:
    titles = {
        "Answer length, in characters": figures.length,
        "Tokens of answers": figures.tokens,
        "Latency, in seconds": figures.latency,
    }
    return (_spread(title, values) for title, values in titles.items() if values)


def _spread(title: str, values: Sequence[float]) -> Mapping[str, Markup]:
    spread = histogram_of(values)
    return in_both_languages(lambda say: histogram_chart(spread, say(title), say("median")))


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    """Tokens and seconds: of all answers, and of one on average."""
    usage, timing, num = result.usage, result.timing, sum(result.outcomes.values())
    for name, words, mean_words in (
        ("input_tokens", "tokens in", "tokens in, mean"),
        ("output_tokens", "tokens out", "tokens out, mean"),
    ):
        if (total := count_of(usage.get(name))) and num:
            yield words, tally(total)
            yield mean_words, f"{total / num:.1f}"
    for name, words in (("mean_latency_s", "latency, mean"), ("mean_first_token_s", "first token, mean")):
        if (mean := number_of(timing.get(name))) is not None:
            yield words, f"{mean:.3f} s"
    if (seconds := number_of(timing.get("seconds"))) is not None:
        yield "seconds", f"{seconds:.1f}"
    for name, words in (("truncated", "answers ended by the limit"), ("shared", "answers shared by equal questions")):
        if count := count_of(usage.get(name)):
            yield words, tally(count)


def _settings(result: Result) -> Iterator[tuple[str, str]]:
    generation = result.asked.get("generation")
    own = {name: value for name, value in result.asked.items() if name not in HIDDEN and value not in ("", None, [])}
    for name, value in {**own, **(generation if isinstance(generation, dict) else {})}.items():
        yield name, "; ".join(map(str, value)) if name == "notes" and isinstance(value, list) else str(value)


def _judging(result: Result) -> str:
    if not result.judged or not result.is_known:
        return ""
    said = describe_judging(result.judged)
    return f"{said}; {describe_agreement(result.judged['agreement'])}" if "agreement" in result.judged else said


def _judges(result: Result) -> Iterator[tuple[str, str]]:
    if not result.judged or not result.is_known:
        return
    for name in result.judged["judges"]:
        spent = result.judged["usage"][name]
        said = f"{spent['replies']} replies, {spent['input_tokens']} tokens in, {spent['output_tokens']} out"
        yield name, f"{said}; rubric {result.judged['rubric_digests'][name]}"
    if check := result.judged.get("check"):
        right, wrong = (f"{check[f'num_{kind}_found']} of {check[f'num_{kind}']} {kind}" for kind in ("right", "wrong"))
        yield "its check", f"{right} and {wrong} answers seen as people see them"


def in_both_languages(draw: Callable[[Callable[[str], str]], Markup]) -> Mapping[str, Markup]:
    """The chart in English and in Chinese; `draw` is told how to say a phrase."""
    return {"en": draw(str), "zh": draw(CHINESE.__getitem__)}


def tally(value: int | None) -> str:
    """A count with narrow spaces between thousands; a dash for none."""
    return "–" if value is None else f"{value:,}".replace(",", "\u202f")
