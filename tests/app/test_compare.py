"""Runs side by side: differences of the very samples, and those that came out otherwise."""

import csv
import io

import pytest

from evalscope.comparison.compare import compare
from evalscope.comparison.mcnemar import mcnemar
from evalscope.comparison.read import read_entrants
from tests.app.made_up import make_run, plain_run, prediction, review
from tests.app.page import Page
from tests.reports.made_up import asked, make_report, make_row


def table(client, path: str) -> list[dict[str, str]]:
    reply = client.get(path)
    assert reply.status_code == 200
    return list(csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"))))


@pytest.fixture
def runs(root):
    plain_run(root / "a", 40, wrong=range(10), model="base")
    plain_run(root / "b", 40, wrong=[0, 1, 20], model="tuned")
    plain_run(root / "c", 40, wrong=[], model="other")


def test_the_difference_is_that_of_paired_samples(client, runs):
    first, second = table(client, "/csv/differences?run=a&run=b&run=c")
    assert (first["first"], first["later"], first["num"], first["better"], first["worse"]) == (
        "base",
        "tuned",
        "40",
        "8",
        "1",
    )
    assert float(first["difference"]) == pytest.approx(7 / 40)
    assert float(first["p"]) == pytest.approx(mcnemar(8, 1).exact)
    assert (second["later"], second["better"], second["worse"]) == ("other", "10", "0")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20} - {0, 1}),
        ("&way=better", {2, 3, 4, 5, 6, 7, 8, 9}),
        ("&way=worse", {20}),
        ("&against=2", set(range(10))),
        ("&against=2&way=worse", set()),
        ("&against=9&way=worse", {20}),
        ("&dataset=none", set()),
    ],
)
def test_flipped_samples_are_those_with_another_score(client, runs, query, found):
    assert {int(row["sample_id"]) for row in table(client, f"/csv/flips?run=a&run=b&run=c{query}")} == found


def test_both_answers_are_side_by_side(client, runs):
    page = Page(client.get("/compare?run=a&run=b&way=worse").text)
    text = " ".join(page.text.split())
    assert "right in base, wrong in tuned" in text
    assert "ANSWER: 4" in text
    assert "ANSWER: 5" in text
    assert page.tags.count("svg") == 1


def test_runs_asked_otherwise_are_not_compared_sample_by_sample(client, root):
    plain_run(root / "a", 10)
    plain_run(root / "b", 10, reports=[make_report(make_row(), asked=asked(few_shot_num=0))])
    (row,) = table(client, "/csv/differences?run=a&run=b")
    assert row["difference"] == ""
    assert "number of examples" in row["differs"]
    assert "number of examples" in client.get("/compare?run=a&run=b").text


def test_repeats_are_averaged_before_they_are_paired(client, root):
    def rows(good):
        return [review(0, "correct" if repeat in good else "wrong") | {"repeat": repeat} for repeat in range(4)]

    make_run(root / "a", [prediction(0)], rows({0}))
    make_run(root / "b", [prediction(0)], rows({0, 1, 2}))
    (row,) = table(client, "/csv/differences?run=a&run=b")
    assert (row["num"], row["difference"]) == ("1", "0.5")


def test_failures_are_no_zeros_in_a_comparison(client, root):
    make_run(root / "a", [prediction(i) for i in range(3)], [review(0), review(1), review(2, "request_failed")])
    make_run(root / "b", [prediction(i) for i in range(3)], [review(0), review(1, "scoring_failed"), review(2)])
    (row,) = table(client, "/csv/differences?run=a&run=b")
    assert (row["num"], row["difference"]) == ("1", "0.0")


def test_three_data_sets_make_a_radar(client, root):
    for name in ("a", "b"):
        make_run(root / name, reports=[make_report(make_row(), dataset=dataset) for dataset in ("x", "y", "z")])
    page = Page(client.get("/compare?run=a&run=b").text)
    assert page.tags.count("svg") == 2
    assert client.get("/charts/radar.svg?run=a&run=b").status_code == 200


def test_all_data_sets_together_are_compared_as_the_command_does(client, root):
    for name, missed in (("a", range(10)), ("b", [])):
        rows = [
            review(i, "wrong" if i in missed and dataset == "x" else "correct", dataset=dataset)
            for dataset in ("x", "y")
            for i in range(20)
        ]
        reports = [make_report(make_row(), dataset=dataset, model=name) for dataset in ("x", "y")]
        make_run(root / name, [], rows, model=name, reports=reports)
    found = table(client, "/csv/differences?run=a&run=b")
    assert [(row["dataset"], row["num"]) for row in found] == [("x", "20"), ("y", "20"), ("OVERALL", "40")]
    command = next(compare(read_entrants([root / "a", root / "b"]))).datasets
    assert [float(row["p_holm"]) for row in found] == [pytest.approx(one.p_holm) for one in command]
    assert [float(row["ci_low"]) for row in found] == [pytest.approx(one.difference.ci_low) for one in command]


@pytest.mark.parametrize("query", ["", "?run=a", "?run=a&run=a"])
def test_fewer_than_two_runs_are_sent_back_to_the_list(client, runs, query):
    assert "Choose at least two runs" in client.get(f"/compare{query}").text


def test_runs_that_have_nothing_in_common_are_shown_all_the_same(client, root):
    plain_run(root / "a")
    make_run(root / "b", reports=[make_report(make_row(), dataset="other")])
    assert client.get("/compare?run=a&run=b").status_code == 200
    assert table(client, "/csv/differences?run=a&run=b") == []


def test_a_collection_is_compared_by_its_weights_as_the_command_does(client, root):
    for name, missed in (("a", range(10)), ("b", [])):
        rows = [
            review(i, "wrong" if i in missed and dataset == "x" else "correct", dataset=dataset)
            for dataset in ("x", "y")
            for i in range(20)
        ]
        reports = [make_report(make_row(), dataset=dataset, model=name) for dataset in ("x", "y")]
        weighted = asked(weights={"x": 3.0, "y": 1.0})
        collection = make_report(make_row(), dataset="mine", model=name, asked=weighted, outcomes={"correct": 40})
        make_run(root / name, [], rows, model=name, reports=[*reports, collection])
    found = table(client, "/csv/differences?run=a&run=b")
    assert [row["dataset"] for row in found] == ["x", "y", "mine", "OVERALL"]
    assert float(found[2]["difference"]) == pytest.approx(0.75 * 0.5)
    command = next(compare(read_entrants([root / "a", root / "b"]))).datasets
    assert [float(row["p_holm"]) for row in found] == [pytest.approx(one.p_holm) for one in command]
