"""The page of a run out of its template: every text in it is escaped, and hidden signs in it are shown by name."""

import base64
import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from evalscope.core.hidden import named
from evalscope.reports.charts.heat_map import heat_maps
from evalscope.reports.charts.intervals import groups_of, interval_chart
from evalscope.reports.charts.outcomes import outcome_chart
from evalscope.reports.charts.svg import shade
from evalscope.reports.charts.treemap import areas_of, treemap
from evalscope.reports.kept import kept_templates
from evalscope.reports.marked import mark_raw
from evalscope.reports.results import Result, titled
from evalscope.reports.table import format_number
from evalscope.reports.told import Told, in_both_languages, tally, values_of
from evalscope.reports.words import CHINESE, CLASSES

HERE = Path(__file__).parent

DASHBOARD = "http://127.0.0.1:7860"
"""Where `evalscope app` is found unless told otherwise."""

SCORES, AREAS, ENDS = "Scores with 95 % intervals", "By data set, category and subset", "How samples ended"
"""The titles of charts."""

FEWEST_AREAS = 4
"""With fewer of them, areas say no more than the table."""


def render_page(run: str, outputs: str, told: Sequence[Told], config: str, unreadable: Sequence[str]) -> str:
    """The page's HTML.

    Args:
        run: name of its folder.
        outputs: name of the folder that it lies in.
        told: of each data set.
        config: its record, as text.
        unreadable: names of files that are no reports.
    """
    results = [one.result for one in told]
    script = (HERE / "page" / "page.js").read_text(encoding="utf-8")
    style = "".join((HERE / name).read_text(encoding="utf-8") for name in ("static/look.css", "page/page.css"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return _environment().get_template("page.html.jinja").render(
        run=run,
        outputs=outputs,
        dashboard=f"{DASHBOARD}/samples?{urlencode({'run': run}, errors='replace')}",
        models=sorted({result.model for result in results}),
        results=[values_of(one) for one in told],
        charts=list(_charts(titled(results))),
        config=config,
        unreadable=unreadable,
        num_shown=sum(len(one.samples) for one in told),
        num_all=sum(sum(result.outcomes.values()) for result in results if not result.weights),
        shown_classes=sorted({sample.outcome for one in told for sample in one.samples}),
        script=Markup(script),
        script_digest=f"sha256-{digest}",
        style=Markup(style),
    )  # fmt: skip


def _environment() -> Environment:
    from jinja2 import FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(HERE / "page"),
        bytecode_cache=kept_templates(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: named(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    environment.filters |= {"number": _number, "share": _share, "shade": shade, "tally": tally}
    environment.filters |= {"line": _line, "marked": mark_raw}
    environment.globals |= {"chinese": CHINESE, "classes": CLASSES}
    return environment


def _charts(results: Mapping[str, Result]) -> Iterator[tuple[str, Mapping[str, Markup]]]:
    """What is drawn of the run as a whole, each with its title."""
    if len(results) > 1:
        groups = groups_of(results, with_subsets=False)
        yield SCORES, in_both_languages(lambda say: interval_chart(groups, say(SCORES)))
    areas = areas_of(results)
    if sum(max(1, len(area.parts)) for area in areas) >= FEWEST_AREAS:
        yield AREAS, in_both_languages(lambda say: treemap(areas, say(AREAS)))
    if heat_maps(results, "") is not None:
        yield "Heat map", in_both_languages(lambda say: heat_maps(results, say("Heat map")) or Markup())
    if counts := {name: result.outcomes for name, result in results.items() if result.outcomes and not result.weights}:
        yield ENDS, in_both_languages(lambda say: _ends(counts, say))


def _ends(counts: Mapping[str, Mapping[str, int]], say: Callable[[str], str]) -> Markup:
    return outcome_chart(counts, say(ENDS), {name: say(words) for name, words in CLASSES.items()})


def _number(value: float | None) -> str:
    return format_number(math.nan if value is None else value)


def _share(value: float) -> str:
    """A number in [0, 1] as a length on the page; what lies outside stays at the end of the scale."""
    return f"{100 * min(1.0, max(0.0, value)):.2f}%"


def _line(text: str, most: int) -> str:
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
