"""Several judges of one run: how far they agree, and where that is shown."""

import math

import pytest

from evalscope.engine.judged import agreement_of
from evalscope.metrics.agreement import cohen_kappa, fleiss_kappa
from evalscope.reports.table import notes
from tests.judges import ObedientJudge
from tests.servers.scripted import completion
from tests.test_judging import judged, knows


def says(*numbers):
    """A judge that calls the answers with these numbers right."""
    return ObedientJudge(lambda answer, _: f"GRADE: {'CORRECT' if answer[-1] in numbers else 'INCORRECT'}")


async def test_answers_on_which_two_judges_differ_count_though_they_have_no_score(tmp_path):
    report = await judged(tmp_path, knows(1), says(*"012"), says(*"123"))
    assert report.outcomes == {"correct": 2, "wrong": 2, "judge_failed": 2}
    agreement = report.judged["agreement"]
    assert (agreement["disagreement"]["value"], agreement["disagreement"]["num"]) == (pytest.approx(2 / 6), 6)
    assert (agreement["kappa"]["of"], agreement["kappa"]["value"]) == ("Cohen's", pytest.approx(1 / 3))


async def test_each_judge_has_a_row_over_all_that_it_gave_a_verdict_on(tmp_path):
    silent = ObedientJudge(lambda answer, _: "hm" if answer.endswith("-0") else "GRADE: CORRECT")
    report = await judged(tmp_path, knows(1), says(*"0"), silent)
    rows = {row.metric: (row.score, row.num, row.failed) for row in report.rows}
    assert math.isnan(rows["AverageAccuracy"][0])
    assert rows["AverageAccuracy (judge-0)"] == (1 / 6, 6, 0)
    assert rows["AverageAccuracy (judge-1)"] == (1, 5, 1)


async def test_an_empty_answer_counts_in_the_row_of_each_judge(tmp_path):
    def model(method, body):
        return completion("") if "number 5" in str(body) else knows(1)(method, body)

    report = await judged(tmp_path, model, says(*"01234"), says(*"01234"))
    assert {row.metric: (row.score, row.num, row.unparsed) for row in report.rows} == {
        metric: (5 / 6, 6, 1)
        for metric in ("AverageAccuracy", "AverageAccuracy (judge-0)", "AverageAccuracy (judge-1)")
    }


async def test_of_three_judges_the_kappa_is_fleiss(tmp_path):
    report = await judged(tmp_path, knows(1), says(*"012"), says(*"123"), says(*"0123"))
    ratings = [(1, 0, 1), (1, 1, 1), (1, 1, 1), (0, 1, 1), (0, 0, 0), (0, 0, 0)]
    kappa = report.judged["agreement"]["kappa"]
    assert (kappa["of"], kappa["value"]) == ("Fleiss'", fleiss_kappa(ratings).value)


async def test_an_answer_without_all_verdicts_is_left_out(tmp_path):
    silent = ObedientJudge(lambda answer, _: "hm" if answer.endswith("-0") else "GRADE: CORRECT")
    report = await judged(tmp_path, knows(1), says(*"012345"), says(*"12345"), silent)
    assert report.judged["agreement"]["disagreement"]["num"] == 5
    assert report.judged["agreement"]["disagreement"]["value"] == 0


async def test_it_is_the_same_when_a_run_is_continued(tmp_path):
    judges = says(*"012"), says(*"123")
    first = await judged(tmp_path, knows(1), *judges, run_name="one")
    second = await judged(tmp_path, knows(1), *judges, use_cache=str(tmp_path / "out" / "one"))
    assert second.judged == first.judged
    assert len(judges[0].asked) == 6


async def test_it_is_told_below_the_table_and_on_the_page(tmp_path):
    report = await judged(tmp_path, knows(1), says(*"012"), says(*"123"))
    told = "judges differ on 0.3333 (0.097 – 0.700) of 6 answers; Cohen's kappa 0.3333"
    assert any(told in line for line in notes(report))
    (page,) = (tmp_path / "out").glob("2*/reports/report.html")
    html = page.read_text(encoding="utf-8")
    assert told.replace("'", "&#39;") in html
    assert "<dt>judge-1</dt><dd>6 replies, 18 tokens in, 6 out" in html


async def test_numbers_have_no_kappa(tmp_path):
    low, high = (ObedientJudge(lambda answer, _, n=n: f"SCORE: {n}") for n in (1, 10))
    report = await judged(tmp_path, knows(1), low, high, args={"rubric": "quality"})
    assert report.judged["agreement"].keys() == {"disagreement"}
    assert report.judged["agreement"]["disagreement"]["value"] == 1


def test_it_does_not_matter_in_which_order_answers_came():
    votes = {("A", "B"): 7, ("A", "A"): 30, ("B", "B"): 11, ("B", "A"): 3, ("A", None): 2}
    backwards = dict(reversed(votes.items()))
    assert agreement_of(votes, are_words=True) == agreement_of(backwards, are_words=True)
    pairs = [pair for pair, num in votes.items() for _ in range(num) if None not in pair]
    expected = cohen_kappa(*zip(*pairs, strict=True)).value
    assert agreement_of(votes, are_words=True)["kappa"]["value"] == pytest.approx(expected)


def test_of_no_answer_with_all_verdicts_nothing_is_said():
    agreement = agreement_of({("A", None): 2}, are_words=True)
    assert math.isnan(agreement["kappa"]["value"])
    assert math.isnan(agreement["disagreement"]["value"])
