"""The page: everything escaped, nothing fetched, whatever was evaluated."""

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest

from evalscope.core.report import OVERALL, Bounds, Interval
from evalscope.reports.files import write_reports
from evalscope.reports.html import write_page
from evalscope.reports.words import CLASSES
from evalscope.runs.folder import RunFolder
from tests.own_data import write_jsonl
from tests.reports.made_up import NAN, asked, make_report, make_row

EVIL = '<script>alert("1")</script>\'" onload=x &amp; {{ 7919*7907 }} {% raw %}'
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Tags, attributes and English text of a page, with the tags that were left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.open: list[str] = []
        self.silent = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
            self.silent += bool(self.silent or tag in {"style", "script"} or ("lang", "zh-CN") in attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.silent = max(0, self.silent - 1)

    def handle_data(self, data):
        self.text += "" if self.silent else data


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
    assert page.tags.count("script") == 1
    assert html.count("<script>") == 1
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert not page.open
    assert str(7919 * 7907) not in html


def test_hostile_texts_are_shown_as_they_are(run):
    text = Page(page_of(run, make_report(make_row(EVIL), model=EVIL, asked=asked(notes=[EVIL], template=EVIL)))).text
    assert text.count(EVIL) >= 4


def test_the_page_needs_no_network_and_runs_only_its_own_script(run):
    html = page_of(run, make_report(asked=asked(template="see https://example.org/x.js")))
    page = Page(html)
    assert not {"link", "img", "iframe", "object", "base"} & set(page.tags)
    assert not [name for name, value in page.attributes if name in {"src", "action"} or "url(" in value]
    links = {value for name, value in page.attributes if name == "href"}
    assert {link for link in links if not link.startswith("#")} == {"http://127.0.0.1:7860/samples?run=run"}
    assert "@import" not in html
    assert "url(" not in html
    (script,) = re.findall(r"<script>(.*)</script>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}';" in html


def test_the_page_shows_every_model_and_data_set_of_the_run(run):
    reports = [make_report(model=model, dataset=data) for model in ("first", "second") for data in ("arc", "gsm8k")]
    text = Page(page_of(run, *reports)).text
    names = ("arc · first", "gsm8k · first", "arc · second", "gsm8k · second")
    assert [text.count(name) for name in names] == [text.count(names[0])] * 4
    assert text.count(names[0]) >= 3  # scores, classes, its own part


def test_a_data_set_where_nothing_was_scored_has_a_dash(run):
    row = make_row(num=0, score=NAN, stderr=NAN, ci_low=NAN, ci_high=NAN, failed=10)
    report = make_report(row, score=NAN, num=0, outcomes={"request_failed": 10})
    text = " ".join(Page(page_of(run, report)).text.split())
    assert "–" in text
    assert "nan" not in text.casefold()
    assert "0 of 10 samples scored" in text
    assert "request failed 10" in text


def test_missing_answers_are_counted_among_the_samples(run):
    text = " ".join(Page(page_of(run, make_report(missing=5))).text.split())
    assert "10 of 15 samples scored" in text
    assert "missing 5" in text


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
    text = " ".join(Page(page_of(run, make_report(make_row(num=9)))).text.split())
    assert "9 of 10 samples scored" in text
    assert sorted(path.name for path in run.html_report.parent.iterdir()) == ["Qwen3-0.6B", "report.html"]


def test_the_page_tells_of_bounds_warnings_and_intervals(run):
    row = make_row(interval=Interval.WILSON_GROUPED, num_groups=3)
    outcomes = {"correct": 4, "wrong": 3, "cut_off": 1, "refused": 2}
    page = page_of(run, make_report(row, outcomes=outcomes, bounds=Bounds(low=0.4, high=0.6)))
    assert "The score would be 0.4 were all failures wrong, 0.6 were all right." in Page(page).text
    assert "1 of 8 answers (12.5%) were cut off" in page
    assert 'title="wilson, grouped"' in page


def test_every_class_is_counted_and_lines_stand_under_category_and_subset(run):
    rows = (
        make_row("law", categories=("Humanities",)),
        make_row("physics", categories=("STEM",), failed=3),
        make_row(OVERALL, categories=("STEM",)),
        make_row(OVERALL, categories=()),
    )
    text = " ".join(Page(page_of(run, make_report(*rows))).text.split())
    for words in CLASSES.values():
        assert (words in text) is (words not in {"not scored yet", "unreadable line"})
    assert re.search(r"OverallOVERALL .* By categorySTEM .* By subsetlaw Humanities .* physics STEM", text)


def test_a_report_of_another_version_is_shown_and_what_is_none_is_named(run):
    page_of(run, make_report())
    path = run.reports("Qwen3-0.6B") / "gsm8k.json"
    path.write_bytes(orjson.dumps({"rows": [{"subset": "main", "score": 0.75, "num": 4}], "schema_version": 99}))
    (path.parent / "torn.json").write_text('{"rows": [')
    write_page(run)
    text = Page(run.html_report.read_text(encoding="utf-8")).text
    assert "written by another version" in text
    assert "0.75" in text
    assert "Qwen3-0.6B/torn.json" in text


def write_samples(run: RunFolder, ends: Mapping[str, Sequence[str]], text: str = "It is 2 + 2. ANSWER: 4") -> None:
    """Rows of a gsm8k run: the classes of each subset's samples, in order."""
    for subset, outcomes in ends.items():
        named = {"dataset": "gsm8k", "subset": subset, "repeat": 0}
        completion = {"text": text, "reasoning": "thinking", "usage": {"output_tokens": 7}, "latency_s": 0.25}
        asked = [
            {**named, "sample_id": str(i), "messages": [{"role": "user", "content": f"asked {subset} {i}"}]}
            | {"completion": completion}
            for i in range(len(outcomes))
        ]
        judged = [
            {**named, "sample_id": str(i), "outcome": outcome, "answer": "4", "target": text, "scores": {"acc": 1.0}}
            for i, outcome in enumerate(outcomes)
        ]
        write_jsonl(run.predictions("Qwen3-0.6B", "gsm8k", subset), asked)
        write_jsonl(run.reviews("Qwen3-0.6B", "gsm8k", subset), judged)


def samples_of(html: str) -> list[tuple[str, str]]:
    """Class and question of each sample on the page."""
    found = re.findall(r'data-outcome="(\w+)".*?asked (\w+ \d+)', html, re.DOTALL)
    return [(outcome, question) for outcome, question in found]


def test_all_samples_of_a_small_run_are_there_with_answer_and_figures(run):
    write_samples(run, {"main": ["correct", "wrong", "wrong"]})
    html = page_of(run, make_report(outcomes={"correct": 1, "wrong": 2}))
    assert samples_of(html) == [("correct", "main 0"), ("wrong", "main 1"), ("wrong", "main 2")]
    text = Page(html).text
    assert "All samples of the run are shown here." in text
    assert "thinking" in text
    assert "ANSWER: <mark>4</mark>" in html
    for title in ("Answer length, in characters", "Tokens of answers", "Latency, in seconds"):
        assert title in text
    assert "latency, mean" in text


def test_of_a_large_run_some_of_each_class_and_subset_are_shown_and_the_rest_is_pointed_to(run, monkeypatch):
    monkeypatch.setattr("evalscope.reports.html.MOST_SAMPLES", 8)
    ends = {"a": ["correct"] * 500 + ["refused"], "b": ["correct"] * 300 + ["wrong"] * 200}
    write_samples(run, ends)
    outcomes = {"correct": 800, "wrong": 200, "refused": 1}
    html = page_of(run, make_report(make_row("a"), make_row("b"), outcomes=outcomes))
    shown = samples_of(html)
    assert len(shown) == 8
    assert ("refused", "a 500") in shown
    assert ("wrong", "b 300") in shown
    assert {("correct", "a 0"), ("correct", "b 0")} <= set(shown)
    text = " ".join(Page(html).text.split())
    assert "8 of 1 001" in text
    assert "evalscope app --outputs" in text


def test_predictions_in_another_order_are_found_by_name(run):
    write_samples(run, {"main": ["correct", "wrong"]})
    path = run.predictions("Qwen3-0.6B", "gsm8k", "main")
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    assert samples_of(page_of(run, make_report())) == [("correct", "main 0"), ("wrong", "main 1")]


@pytest.mark.parametrize("part", ["predictions", "reviews"])
def test_a_run_that_lost_files_has_a_page_all_the_same(run, part):
    write_samples(run, {"main": ["correct", "wrong"]})
    shutil.rmtree(run.root / part)
    assert Page(page_of(run, make_report())).text.count("Target") == (4 if part == "predictions" else 0)


def test_long_texts_lose_their_middle_and_hidden_signs_have_names(run):
    write_samples(run, {"main": ["wrong"] * 3}, text=f"begin \x1b[31m \u202e{'<b>' * 50_000} end")
    html = page_of(run, make_report())
    assert len(html) < 1_000_000
    text = Page(html).text
    assert "begin ⟦U+001B⟧[31m ⟦U+202E⟧<b>" in text
    assert "[… 144017 …]" in text
    assert "<b> end" in text


def test_the_page_holds_both_languages(run):
    html = page_of(run, make_report())
    english, chinese = re.findall(r'<span lang="en">', html), re.findall(r'<span lang="zh-CN">', html)
    assert len(english) == len(chinese) > 30
    assert "样本结果分布" in html
