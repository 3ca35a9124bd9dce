"""A mistyped name is answered with the nearest known ones."""

import pytest

from evalscope.constants import EvalType
from evalscope.errors import MissingDependency, RunInterrupted, nearest


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("gsm8kk", ["gsm8k", "arc"], "did you mean 'gsm8k'?"),
        ("GSM-8K", ["gsm8k", "arc"], "did you mean 'gsm8k'?"),
        ("few_shot", ["few-shot-num"], "did you mean 'few-shot-num'?"),
        ("zzz", ["b", "a", "a"], "known: a, b"),
        ("zzz", [], "none is known"),
        ("servce", EvalType, "did you mean 'service'?"),
    ],
    ids=["one letter too many", "case and dash", "dash for underscore", "nothing near", "nothing known", "enum"],
)
def test_the_nearest_names_are_offered(name, known, expected):
    assert nearest(name, known) == expected


def test_a_missing_extra_names_the_pip_line():
    assert str(MissingDependency("a local model", "local")) == (
        "a local model needs packages that are not installed: pip install 'evalscope[local]'"
    )


def test_an_interrupted_run_names_the_folder_to_continue(tmp_path):
    stopped = RunInterrupted(tmp_path)
    assert stopped.run_folder == tmp_path
    assert f"use_cache={str(tmp_path)!r}" in str(stopped)
