"""The pages of all benchmarks: current, whole, in both languages."""

from pathlib import Path

import pytest

from evalscope.cli.chinese import LABELS as LABELS_ZH
from evalscope.cli.chinese import SCORED_HOW, TAGS
from evalscope.cli.pages import page
from evalscope.cli.shelf import LABELS, example_prompt
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import built_in_names

ROOT = Path(__file__).parents[2]
SHELF = [find_benchmark(name) for name in built_in_names()]


@pytest.mark.parametrize(("language", "name"), [("en", "benchmarks.md"), ("zh", "benchmarks_zh.md")])
def test_the_page_is_what_make_docs_writes(language, name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == page(SHELF, language) + "\n"


@pytest.mark.parametrize("benchmark", SHELF, ids=lambda benchmark: benchmark.name)
def test_everything_about_a_benchmark_is_said_in_chinese_too(benchmark):
    assert benchmark.about_zh.endswith("。")
    assert set(benchmark.tags) <= TAGS.keys()
    assert benchmark.extract.__name__ in SCORED_HOW
    assert benchmark.scorer is None or type(benchmark.scorer).__name__ in SCORED_HOW


@pytest.mark.parametrize("benchmark", SHELF, ids=lambda benchmark: benchmark.name)
def test_every_benchmark_has_an_example_and_where_it_comes_from(benchmark):
    assert example_prompt(benchmark)
    assert benchmark.source.licence or not benchmark.source.id


def test_both_languages_have_the_same_labels():
    assert LABELS.keys() == LABELS_ZH.keys()
