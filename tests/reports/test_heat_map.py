"""Heat maps: which rows make one, what its squares say, and that names in it are text."""

import re

from evalscope.reports.charts.heat_map import crossings_of, heat_maps
from evalscope.reports.results import Line, Result


def line(*categories, score=1.0, num=1, failed=0, metric="acc"):
    low, high = (None, None) if score is None else (0.2, 0.9)
    return Line(
        metric=metric,
        subset="OVERALL",
        categories=categories,
        num=num,
        score=score,
        ci_low=low,
        ci_high=high,
        interval="",
        failed=failed,
        unparsed=0,
        cut_off=0,
    )


def result(*lines):
    empty = {name: {} for name in ("outcomes", "asked", "usage", "timing", "bounds", "judged", "versions")}
    texts = dict.fromkeys(("folder", "model", "dataset", "fingerprint", "config_digest"), "x")
    return Result(lines=lines, missing=0, schema_version=1, **empty, **texts)


SQUARES = [
    line("english", f"{length} tokens", f"depth {depth} %", score=score)
    for length in (1000, 32000)
    for depth, score in ((0, 1.0), (100, 0.5))
]


def test_categories_of_three_names_are_squares_and_others_are_none():
    (crossed,) = crossings_of(result(line("english"), line("english", "1000 tokens"), *SQUARES))
    assert crossed.name == "english"
    assert crossed.across == ("1000 tokens", "32000 tokens")
    assert crossed.down == ("depth 0 %", "depth 100 %")
    assert len(crossed.lines) == 4
    assert heat_maps({"x": result(line("english"))}, "Heat map") is None
    assert heat_maps({"x": result()}, "Heat map") is None


def test_each_language_has_a_map_of_its_own_and_further_metrics_have_none():
    chinese = [line("chinese", "1000 tokens", f"depth {depth} %") for depth in (0, 100)]
    again = [line("english", "1000 tokens", "depth 0 %", metric="other")]
    assert [one.name for one in crossings_of(result(*SQUARES, *chinese, *again))] == ["english", "chinese"]


def test_a_square_tells_its_score_and_words_that_all_share_stand_once():
    drawn = heat_maps({"needle_haystack": result(*SQUARES)}, "Heat map")
    assert "32000 tokens, depth 100 %: 0.5 (0.200 – 0.900), 1 samples" in drawn
    labels = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert labels[:6] == ["needle_haystack: english", "tokens", "depth %", "1000", "32000", "0"]


def test_a_square_without_a_score_is_no_zero():
    failed = line("english", "1000 tokens", "depth 50 %", score=None, num=0, failed=1)
    drawn = heat_maps({"x": result(*SQUARES, failed)}, "Heat map")
    assert "1000 tokens, depth 50 %: –, 0 samples, 1 failed" in drawn
    assert ">–</text>" in drawn


def test_hostile_names_are_text():
    hostile = [line("<script>", f"<b>{n}</b>", "x'\"") for n in (1, 2)]
    drawn = heat_maps({"<img>": result(*hostile)}, "Heat map")
    assert "<script>" not in drawn
    assert "<img>" not in drawn
    assert "<b>" not in drawn


def test_the_maps_of_a_run_are_one_picture():
    chinese = [line("chinese", "1000 tokens", f"depth {depth} %") for depth in (0, 100)]
    drawn = heat_maps({"one": result(*SQUARES), "two": result(*chinese)}, "Heat map")
    assert drawn.count("<svg") == 1
    assert "one: english" in drawn
    assert "two: chinese" in drawn
