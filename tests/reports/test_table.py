"""The table, to the letter, and the lines below it."""

import io
import json
import subprocess
import sys

import pytest

from evalscope.constants import OutputFormat
from evalscope.core.report import MEAN_OF_SUBSETS, OVERALL, Bounds, Interval
from evalscope.reports.table import (
    describe_asking,
    describe_intervals,
    format_number,
    format_table,
    notes,
    print_reports,
    print_text,
    warnings_of,
)
from tests.reports.made_up import NAN, asked, make_report, make_row

SINGLE = """\
+------------+-----------+-----------------+----------+-------+---------+---------+---------------+
| Model      | Dataset   | Metric          | Subset   |   Num |   Score | Cat.0   | 95% CI        |
+============+===========+=================+==========+=======+=========+=========+===============+
| Qwen3-0.6B | gsm8k     | AverageAccuracy | main     |    10 |     0.4 | default | 0.168 – 0.687 |
+------------+-----------+-----------------+----------+-------+---------+---------+---------------+"""

SEVERAL = """\
+---------+-----------+----------+-----------------+-------+---------+---------+---------------+----------+------------+-----------+-----------+
| Model   | Dataset   | Metric   | Subset          |   Num |   Score | Cat.0   | 95% CI        |   Failed |   Unparsed |   Cut off |   Missing |
+=========+===========+==========+=================+=======+=========+=========+===============+==========+============+===========+===========+
| m       | 算术      | acc      | computer 科学   |     5 |  0.8333 | STEM    | 0.168 – 0.687 |        2 |          1 |         3 |         0 |
+---------+-----------+----------+-----------------+-------+---------+---------+---------------+----------+------------+-----------+-----------+
| m       | 算术      | acc      | law             |     0 |       – | Law     | –             |        0 |          0 |         0 |         0 |
+---------+-----------+----------+-----------------+-------+---------+---------+---------------+----------+------------+-----------+-----------+
| m       | 算术      | acc      | OVERALL         |    10 |     0.4 | –       | 0.168 – 0.687 |        0 |          0 |         0 |         7 |
+---------+-----------+----------+-----------------+-------+---------+---------+---------------+----------+------------+-----------+-----------+
| m       | 算术      | acc      | MEAN OF SUBSETS |    10 |     0.4 | –       | 0.168 – 0.687 |        0 |          0 |         0 |         0 |
+---------+-----------+----------+-----------------+-------+---------+---------+---------------+----------+------------+-----------+-----------+"""  # noqa: E501 - the table is as wide as it is


def test_the_table_of_one_data_set_is_the_tutorials_with_an_interval():
    assert format_table([make_report()]) == SINGLE


def test_counts_have_columns_where_they_are_not_0_and_nothing_is_a_dash():
    report = make_report(
        make_row(
            "computer 科学", metric="acc", num=5, score=5 / 6, categories=("STEM",), failed=2, unparsed=1, cut_off=3
        ),
        make_row("law", num=0, metric="acc", score=NAN, stderr=NAN, ci_low=NAN, ci_high=NAN, categories=("Law",)),
        make_row(OVERALL, metric="acc", categories=()),
        make_row(MEAN_OF_SUBSETS, metric="acc", categories=()),
        model="m",
        dataset="算术",
        missing=7,
    )
    assert format_table([report]) == SEVERAL


@pytest.mark.parametrize(("count", "column"), [("failed", "Failed"), ("unparsed", "Unparsed"), ("cut_off", "Cut off")])
def test_one_count_brings_its_own_column_only(count, column):
    header = format_table([make_report(), make_report(make_row(**{count: 1}))]).splitlines()[1]
    shown = [name for name in ("Failed", "Unparsed", "Cut off", "Missing") if name in header]
    assert shown == [column]


def test_narrower_categories_have_columns_of_their_own():
    report = make_report(make_row("law", categories=("Humanities", "Law")), make_row("physics", categories=("STEM",)))
    header, *lines = (line for line in format_table([report]).splitlines() if line.startswith("|"))
    assert "| Cat.0      | Cat.1   |" in header
    assert "| STEM       | –       |" in lines[1]


def test_long_names_are_neither_cut_nor_wrapped():
    table = format_table([make_report(make_row("s" * 150), model="m" * 150)])
    assert len(table.splitlines()) == 5
    assert "m" * 150 in table
    assert "s" * 150 in table


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.4, "0.4"),
        (1 / 3, "0.3333"),
        (2 / 3, "0.6667"),
        (0.0, "0"),
        (-0.0, "0"),
        (-0.00001, "0"),
        (1.0, "1"),
        (100.0, "100"),
        (1234567.25, "1234567.25"),
        (NAN, "–"),
    ],
    ids=repr,
)
def test_numbers_have_four_decimals_and_none_that_say_nothing(number, expected):
    assert format_number(number) == expected


def test_json_output_parses_and_has_null_where_there_is_no_number(capsys):
    empty = make_report(make_row(num=0, score=NAN, stderr=NAN, ci_low=NAN, ci_high=NAN), score=NAN, num=0)
    print_reports([empty, make_report(dataset="arc")], OutputFormat.JSON)
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["gsm8k", "arc"]
    assert found["gsm8k"]["score"] is None
    assert found["gsm8k"]["rows"][0]["ci_low"] is None
    assert found["arc"]["rows"][0] == {
        "metric": "AverageAccuracy",
        "subset": "main",
        "categories": ["default"],
        "num": 10,
        "score": 0.4,
        "stderr": 0.1633,
        "ci_low": 0.168,
        "ci_high": 0.687,
        "failed": 0,
        "unparsed": 0,
        "cut_off": 0,
        "interval": "",
        "num_groups": 0,
    }


def test_the_table_is_printed_on_standard_output(capsys):
    print_reports([make_report()], OutputFormat.TABLE)
    assert capsys.readouterr() == (SINGLE + "\n", "")


def test_signs_that_the_terminal_cannot_show_are_escaped():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")
    print_text("0.1 – 0.2 \udcff", stream)
    stream.seek(0)
    assert stream.read() == "0.1 \\u2013 0.2 \\udcff\n"


def test_a_reader_that_has_gone_away_ends_the_output_without_a_traceback():
    script = "from evalscope.reports.table import print_text\nfor _ in range(5): print_text('x' * 100_000)"
    done = subprocess.run(
        f'{sys.executable} -c "{script}" | head -c 10', shell=True, capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("x" * 10, "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "4-shot, temperature 0, at most 2048 tokens"),
        ({"generation": {}}, "4-shot, temperature left to the model, tokens not limited"),
        (
            {"few_shot_num": 0, "repeats": 3, "generation": {"temperature": 0.6, "max_tokens": 9, "top_p": 0.9}},
            "0-shot, temperature 0.6, at most 9 tokens, 3 repeats, top_p 0.9",
        ),
        ({"answered_by": "predictions"}, "answers made elsewhere, read from a file"),
    ],
    ids=["plain", "left to the model", "everything", "answers made elsewhere"],
)
def test_how_it_was_asked_is_said_in_a_few_words(changes, expected):
    assert describe_asking(asked(**changes)) == expected


def test_a_reader_of_the_score_is_told_what_is_odd_about_it():
    report = make_report(
        usage={"input_tokens": 0, "output_tokens": 0, "truncated": 3},
        outcomes={"correct": 7, "refused": 1, "request_failed": 2},
        missing=2,
        asked=asked(notes=["odd data"]),
    )
    assert list(notes(report)) == [
        "gsm8k: 4-shot, temperature 0, at most 2048 tokens",
        "gsm8k: 3 samples have no score (1 refused, 2 request_failed); the reviews say why",
        "gsm8k: 3 answers were ended by the limit on tokens (generation_config max_tokens)",
        "gsm8k: 2 samples have no answer and are not scored",
    ]
    assert len(list(notes(make_report()))) == 1


def test_the_score_has_bounds_where_something_failed():
    report = make_report(outcomes={"correct": 4, "wrong": 4, "refused": 2}, bounds=Bounds(low=0.4, high=0.6))
    assert list(notes(report))[2] == "gsm8k: the score would be 0.4 were all of these wrong, 0.6 were all right"


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"correct": 98, "unparsed": 2}, []),
        ({"correct": 97, "unparsed": 3}, ["3 of 100 answers (3.0%) hold no answer"]),
        ({"correct": 90, "wrong": 7, "cut_off": 3}, ["3 of 100 answers (3.0%) were cut off"]),
        ({"correct": 97, "unparsed": 3, "refused": 100}, ["3 of 100 answers (3.0%) hold no answer"]),
        ({"cut_off": 1}, ["1 of 1 answers (100.0%) were cut off"]),
        ({"refused": 9}, []),
        ({}, []),
    ],
    ids=["two in a hundred", "unparsed", "cut off", "failures do not count", "all", "only failures", "nothing"],
)
def test_more_than_two_in_a_hundred_answers_without_a_finding_are_warned_of(outcomes, expected):
    found = list(warnings_of(outcomes))
    assert [warning.startswith(start) for warning, start in zip(found, expected, strict=True)] == [True] * len(expected)
    warned = [line for line in notes(make_report(outcomes=outcomes)) if line.startswith("warning: gsm8k: ")]
    assert len(warned) == len(expected)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"interval": "wilson"}, ""),
        ({"interval": "t"}, "95 % intervals: t"),
        ({"interval": "wilson, grouped", "num": 10, "num_groups": 4}, "wilson, grouped; 10 samples in 4 groups"),
        ({"interval": "bootstrap", "num": 99}, "bootstrap; fewer than 100 to draw from"),
        ({"interval": "bootstrap", "num": 100}, "95 % intervals: bootstrap"),
        ({"interval": "bootstrap, grouped", "num": 400, "num_groups": 99}, "in 99 groups; fewer than 100"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_interval_that_is_not_the_plain_one_is_told_of(changes, expected):
    said = describe_intervals(make_row(**changes | {"interval": Interval(changes["interval"])}))
    assert expected in said
    assert bool(said) == bool(expected)
    assert said.endswith((expected, "too narrow"))
