"""The page: everything escaped, nothing fetched, whatever was evaluated."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from evalscope.core.report import Bounds, Interval
from evalscope.reports.files import write_reports
from evalscope.reports.html import write_page
from evalscope.runs.folder import RunFolder
from tests.reports.made_up import NAN, asked, make_report, make_row

EVIL = '<script>alert("1")</script>\'" onload=x &amp; {{ 7*7 }} {% raw %}'
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Tags, attributes and text of a page, with the tags that were left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    (tmp_path / "run").mkdir()
    return RunFolder(tmp_path / "run", is_new=True)


def page_of(run: RunFolder, *reports) -> str:
    for report in reports:
        write_reports([report], run.reports(report.model))
    write_page(run)
    return run.html_report.read_text(encoding="utf-8")


def hostile() -> Iterator[tuple[str, object]]:
    yield "model", make_report(model=EVIL)
    yield "data set", make_report(dataset=EVIL)
    yield "subset", make_report(make_row(EVIL))
    yield "metric", make_report(make_row(metric=EVIL))
    yield "category", make_report(make_row(categories=(EVIL,)))
    yield "note", make_report(asked=asked(notes=[EVIL]))
    yield "template", make_report(asked=asked(template=EVIL, system_prompt=EVIL))
    yield "setting", make_report(asked=asked(generation={"stop": [EVIL], EVIL: EVIL}))
    yield "version", make_report(versions={EVIL: EVIL})
    yield "outcome", make_report(outcomes={EVIL: 1, "correct": 4})


@pytest.mark.parametrize("report", [pytest.param(report, id=name) for name, report in hostile()])
def test_no_text_becomes_markup(report, run):
    html = page_of(run, report)
    page = Page(html)
    assert "script" not in page.tags
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert not page.open
    assert "49" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


def test_hostile_texts_are_shown_as_they_are(run):
    text = Page(page_of(run, make_report(make_row(EVIL), model=EVIL, asked=asked(notes=[EVIL], template=EVIL)))).text
    assert text.count(EVIL) >= 4


def test_the_page_needs_no_network_and_runs_nothing(run):
    html = page_of(run, make_report(asked=asked(template="see https://example.org/x.js")))
    page = Page(html)
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(page.tags)
    assert not [name for name, value in page.attributes if name in {"src", "href", "action"} or "url(" in value]
    assert "@import" not in html
    assert "url(" not in html


def test_the_page_shows_every_model_and_data_set_of_the_run(run):
    reports = [make_report(model=model, dataset=data) for model in ("first", "second") for data in ("arc", "gsm8k")]
    text = Page(page_of(run, *reports)).text
    assert [text.count(name) for name in ("arc · first", "gsm8k · first", "arc · second", "gsm8k · second")] == [1] * 4


def test_a_data_set_where_nothing_was_scored_has_a_dash(run):
    row = make_row(num=0, score=NAN, stderr=NAN, ci_low=NAN, ci_high=NAN, failed=10)
    report = make_report(row, score=NAN, num=0, outcomes={"request_failed": 10})
    text = Page(page_of(run, report)).text
    assert "–" in text
    assert "nan" not in text.casefold()
    assert "0 of 10 samples scored" in text
    assert "10 request failed" in text


def test_missing_answers_are_counted_among_the_samples(run):
    text = Page(page_of(run, make_report(missing=5))).text
    assert "10 of 15 samples scored" in text
    assert "5 no answer given" in text


@pytest.mark.parametrize("score", [-0.5, 1.7, 64.0])
def test_a_score_outside_0_and_1_stays_on_its_scale(score, run):
    html = page_of(run, make_report(make_row(score=score, ci_low=score - 1, ci_high=score + 1), score=score))
    widths = [
        float(width)
        for width in re.findall(r"(?:width|left): ([-\d.]+)%", re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL))
    ]
    assert widths
    assert all(0 <= width <= 100 for width in widths)


def test_a_run_without_reports_has_a_page_all_the_same(run):
    assert "run" in Page(page_of(run)).text


def test_the_page_is_replaced_whole(run):
    page_of(run, make_report(num=10))
    text = Page(page_of(run, make_report(num=9))).text
    assert "9 of 10 samples scored" in text
    assert sorted(path.name for path in run.html_report.parent.iterdir()) == ["Qwen3-0.6B", "report.html"]


def test_the_page_tells_of_bounds_warnings_and_intervals(run):
    row = make_row(interval=Interval.WILSON_GROUPED, num_groups=3)
    outcomes = {"correct": 4, "wrong": 3, "cut_off": 1, "refused": 2}
    page = page_of(run, make_report(row, outcomes=outcomes, bounds=Bounds(low=0.4, high=0.6)))
    assert "The score would be 0.4 were all failures wrong, 0.6 were all right." in page
    assert "1 of 8 answers (12.5%) were cut off" in page
    assert 'title="wilson, grouped"' in page
