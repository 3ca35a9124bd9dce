"""Stored answers are found by row, and only where they answer the very same request."""

import json

import pytest

from evalscope.core.message import Message
from evalscope.core.response import Completion, Usage
from evalscope.runs.answers import completion_of, is_answer, messages_of, prediction_row
from evalscope.runs.kept import KeptRows

MESSAGES = (Message("system", "Be brief."), Message("user", "1+1?"))
ANSWER = Completion(text="2", reasoning="…", stop_reason="length", usage=Usage(input_tokens=3), latency_s=0.5)


def row(sample_id: str, key: str, answer: Completion | str = ANSWER, repeat: int = 0) -> dict:
    name = {"dataset": "d", "subset": "s", "sample_id": sample_id, "repeat": repeat}
    return prediction_row(key, name, MESSAGES, answer)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "answers.jsonl"


def test_an_answer_comes_back_as_it_was_given(path):
    file = KeptRows(path, 1, is_answer)
    stored = file.read(file.append(row("a", "k1"), 0))
    assert completion_of(stored) == ANSWER
    assert messages_of(stored) == MESSAGES
    file.close()


def test_a_stored_answer_is_found_once_by_its_row_and_request(path):
    first = KeptRows(path, 2, is_answer)
    first.append(row("a", "k1"), 0)
    first.append(row("b", "k2"), 1)
    first.close()
    again = KeptRows(path, 2, is_answer)
    assert sorted(key for key, _ in again.stored_requests()) == ["k1", "k2"]
    assert again.find("a", 0, "another request", 0) is None
    assert again.find("a", 1, "k1", 0) is None
    found = again.find("a", 0, "k1", 0)
    assert found is not None
    assert found["sample_id"] == "a"
    assert again.find("a", 0, "k1", 0) is None
    again.close()


@pytest.mark.parametrize(
    "bad",
    [
        row("a", "k1", "it failed"),
        {"sample_id": "a", "repeat": 0, "key": "k1", "messages": [], "completion": {"text": 3}},
        {"sample_id": "a", "repeat": 0, "key": "k1", "messages": [], "completion": {"text": "2", "mood": "good"}},
        {"sample_id": "a", "repeat": 0, "messages": [], "completion": {"text": "2"}},
        {"completion": None},
    ],
    ids=["a failure", "no text", "a field of another version", "no key", "nothing"],
)
def test_a_row_that_holds_no_answer_is_asked_again(bad, path):
    file = KeptRows(path, 1, is_answer)
    file.append(bad, 0)
    file.close()
    again = KeptRows(path, 1, is_answer)
    assert again.find("a", 0, "k1", 0) is None
    again.close()


def test_at_the_end_rows_stand_in_sample_order_with_uncalled_answers_behind(path):
    first = KeptRows(path, 3, is_answer)
    for place, name in enumerate("dcb"):
        first.append(row(name, name), place)
    first.append(row("x", "x", "it failed"), 0)
    first.close()
    again = KeptRows(path, 3, is_answer)
    again.append(row("c", "c2"), 2)
    assert again.find("b", 0, "b", 1) is not None
    again.append(row("a", "a"), 0)
    again.finish(keeps_uncalled=True)
    again.close()
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(row["sample_id"], row["key"]) for row in rows] == [
        ("a", "a"),
        ("b", "b"),
        ("c", "c2"),
        ("d", "d"),
        ("c", "c"),
    ]
