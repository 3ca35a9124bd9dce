"""Rows of subsets, categories and all, each by sample and by subset."""

from dataclasses import replace

import pytest

from evalscope.benchmarks.arc import BENCHMARK
from evalscope.core.report import MEAN_OF_SUBSETS, OVERALL
from evalscope.core.score import Outcome, SampleScore, Score
from evalscope.engine.aggregate import _rows
from evalscope.engine.book import Tally
from evalscope.metrics.mean import Mean


def tally(subset: str, *values: float) -> Tally:
    counted = Tally()
    for index, value in enumerate(values):
        outcome = Outcome.CORRECT if value else Outcome.WRONG
        score = Score(values={"acc": value}, answer="A")
        counted.add(SampleScore(sample_id=str(index), subset=subset, repeat=0, outcome=outcome, score=score), ())
    return counted


def rows_of(categories: dict[str, str], **values: tuple[float, ...]):
    tallies = {name: tally(name, *numbers) for name, numbers in values.items()}
    rows = _rows(replace(BENCHMARK, categories=categories), Mean(), tallies)
    return [(row.subset, row.categories, row.num, row.score) for row in rows]


def test_categories_have_rows_of_their_own_by_sample_and_by_subset():
    found = rows_of({"a": "X", "b": "X", "c": "Y"}, a=(1.0,), b=(0.0, 0.0, 0.0), c=(1.0, 1.0))
    assert found == [
        ("a", ("X",), 1, 1.0),
        ("b", ("X",), 3, 0.0),
        ("c", ("Y",), 2, 1.0),
        (OVERALL, ("X",), 4, 0.25),
        (MEAN_OF_SUBSETS, ("X",), 4, 0.5),
        (OVERALL, (), 6, 0.5),
        (MEAN_OF_SUBSETS, (), 6, pytest.approx(2 / 3)),
    ]


def test_one_category_is_not_said_twice():
    found = rows_of({"a": "X", "b": "X"}, a=(1.0,), b=(0.0,))
    assert [row[:2] for row in found] == [("a", ("X",)), ("b", ("X",)), (OVERALL, ()), (MEAN_OF_SUBSETS, ())]


def test_one_subset_needs_no_overall_row():
    assert [row[:2] for row in rows_of({}, a=(1.0, 0.0))] == [("a", ("default",))]


def test_categories_of_samples_cut_across_subsets():
    tallies = {name: Tally() for name in ("Level 1", "Level 2")}
    for index, (level, topic, value) in enumerate(
        [("Level 1", "Algebra", 1.0), ("Level 1", "Geometry", 0.0), ("Level 2", "Algebra", 0.0), ("Level 2", "", 1.0)]
    ):
        score = Score(values={"acc": value}, answer="1")
        ended = SampleScore(
            sample_id=str(index), subset=level, repeat=0, outcome=Outcome.CORRECT, categories=(topic,), score=score
        )
        tallies[level].add(ended, ())
    rows = [(row.subset, row.categories, row.num, row.score) for row in _rows(BENCHMARK, Mean(), tallies)]
    assert rows[2:4] == [(OVERALL, ("Algebra",), 2, 0.5), (OVERALL, ("Geometry",), 1, 0.0)]
    assert [row[0] for row in rows[4:]] == [OVERALL, MEAN_OF_SUBSETS]
