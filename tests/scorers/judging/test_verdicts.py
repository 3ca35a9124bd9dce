"""The verdict in a judge's reply."""

from dataclasses import replace

import pytest

from evalscope.engine.rubrics import QUALITY, RIGHT_OR_WRONG
from evalscope.scorers.judging.verdicts import read_verdict, values_of


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("Both say Paris.\nGRADE: CORRECT", "CORRECT"),
        ("GRADE: INCORRECT", "INCORRECT"),
        ("grade: incorrect", "INCORRECT"),
        ("**GRADE: CORRECT**", "CORRECT"),
        ("**GRADE:** CORRECT", "CORRECT"),
        ("- GRADE: CORRECT.", "CORRECT"),
        ("`GRADE: CORRECT`", "CORRECT"),
        ("GRADE：CORRECT。", "CORRECT"),
        ("GRADE: CORRECT\r\n", "CORRECT"),
        ("GRADE: INCORRECT\nNo, wait.\nGRADE: CORRECT", "CORRECT"),
        ("GRADE: CORRECT\nGRADE: MAYBE", "CORRECT"),
        ("GRADE: CORRECT\nGRADE:", "CORRECT"),
        ("GRADE: NOT ATTEMPTED", None),
        ("I would say GRADE: CORRECT", None),
        ("GRADE: CORRECT or INCORRECT", None),
        ("GRADE: CORRECTISH", None),
        ("SCORE: 1", None),
        ("CORRECT", None),
        ("", None),
    ],
)
def test_the_last_complete_line_is_the_verdict(reply, verdict):
    assert read_verdict(reply, RIGHT_OR_WRONG) == verdict


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("SCORE: 7", "7"),
        ("SCORE: 7.5", "7.5"),
        ("SCORE: 10.", "10"),
        ("**SCORE: 3**", "3"),
        ("SCORE: 2\nSCORE: 11", "2"),
        ("SCORE: 0", None),
        ("SCORE: -3", None),
        ("SCORE: 7/10", None),
        ("SCORE: seven", None),
        ("SCORE: 1e1", None),
        ("SCORE: nan", None),
        ("SCORE: <number>", None),
        ("GRADE: CORRECT", None),
    ],
)
def test_a_number_counts_within_its_scale(reply, verdict):
    assert read_verdict(reply, QUALITY) == verdict


@pytest.mark.parametrize("said", ["NOT_ATTEMPTED", "NOT ATTEMPTED", "not-attempted", "**NOT ATTEMPTED**"])
def test_a_grade_of_two_words_is_read_however_they_are_joined(said):
    rubric = replace(RIGHT_OR_WRONG, grades={"CORRECT": {"a": 1.0}, "NOT_ATTEMPTED": {"a": 0.0}})
    assert read_verdict(f"GRADE: {said}", rubric) == "NOT_ATTEMPTED"


def test_a_pattern_replaces_the_line():
    rubric = replace(RIGHT_OR_WRONG, pattern=r"\[\[(\w+)\]\]")
    assert read_verdict("GRADE: INCORRECT … [[correct]]", rubric) == "CORRECT"
    assert read_verdict("GRADE: INCORRECT", rubric) is None


def test_a_verdict_becomes_values():
    assert values_of("CORRECT", RIGHT_OR_WRONG) == {"acc": 1.0}
    assert values_of("1", QUALITY) == {"score": 0.0}
    assert values_of("10", QUALITY) == {"score": 1.0}
    assert values_of("5.5", QUALITY) == {"score": 0.5}
