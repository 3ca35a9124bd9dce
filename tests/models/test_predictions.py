"""Answers made elsewhere find their samples, and none is scored by accident."""

import json
import logging
from pathlib import Path

import pytest

from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.errors import DatasetError
from evalscope.models.predictions import Predictions, read_predictions
from evalscope.sources.records import RecordFile, read_records

SAMPLES = (
    ("easy", Sample(id="0", subset="easy", input="1+1?", target="2")),
    ("easy", Sample(id="1", subset="easy", input=" 2+2?\n", target="4")),
    ("easy", Sample(id="2", subset="easy", input="again?", target="5")),
    ("easy", Sample(id="3", subset="easy", input="again?", target="5")),
    ("hard", Sample(id="0", subset="hard", input="9*9?", target="81")),
    ("hard", Sample(id="h", subset="hard", input="1+1?", target="2")),
    ("hard", Sample(id="talk", subset="hard", input=(Message("system", "Hi"), Message("user", "why?")), target="x")),
)


def read(*rows: dict) -> Predictions:
    return read_predictions((row, f"answers.jsonl:{number}") for number, row in enumerate(rows, start=1))


def matched(*rows: dict, names: tuple[str, ...] = ("sums",)) -> tuple[dict[tuple[str, str], str], list[str]]:
    """The first answer of each sample that has one, and the sentences about the rest."""
    predictions = read(*({"dataset": "sums", **row} for row in rows))
    notes = predictions.match("sums", names, SAMPLES)
    found = {
        (subset, sample.id): answer
        for subset, sample in SAMPLES
        if (answer := predictions.find("sums", subset, sample.id, 0)) is not None
    }
    return found, notes


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ({"subset": "easy", "id": "0"}, ("easy", "0")),
        ({"subset": "hard", "id": 0}, ("hard", "0")),
        ({"id": 3}, ("easy", "3")),
        ({"id": "h", "question": "2+2?"}, ("hard", "h")),
        ({"question": "2+2?"}, ("easy", "1")),
        ({"question": "\n2+2?  "}, ("easy", "1")),
        ({"question": "1+1?", "subset": "hard"}, ("hard", "h")),
        ({"question": "why?"}, ("hard", "talk")),
        ({"question": "9*9?", "id": None}, ("hard", "0")),
        ({"id": "1", "model": "x", "score": 3}, ("easy", "1")),
    ],
    ids=[
        "id and subset",
        "a number as id",
        "id found in one subset only",
        "the id goes before the question",
        "question",
        "white space at the ends",
        "question and subset",
        "question of a conversation",
        "null id",
        "further fields",
    ],
)
def test_an_answer_finds_its_sample(row, place):
    found, notes = matched({**row, "prediction": "it"})
    assert found == {place: "it"}
    assert not notes


@pytest.mark.parametrize("written", ["sums", "SUMS", "all-sums", "All_Sums"])
def test_the_data_set_is_named_in_any_spelling_that_users_type(written):
    found, notes = matched({"dataset": written, "id": "1", "prediction": "4"}, names=("sums", "all_sums"))
    assert found == {("easy", "1"): "4"}
    assert not notes


def test_a_question_that_stands_twice_takes_two_answers_in_order():
    found, notes = matched({"question": "again?", "prediction": "a"}, {"question": "again? ", "prediction": "b"})
    assert found == {("easy", "2"): "a", ("easy", "3"): "b"}
    assert not notes


@pytest.mark.parametrize("num", [1, 3])
def test_any_other_number_of_answers_is_ambiguous_and_none_is_taken(num):
    found, notes = matched(*({"question": "again?", "prediction": str(n)} for n in range(num)))
    assert not found
    (note,) = notes
    assert note.startswith(f"{num} answers for a question that stands 2 times in 'easy' are ambiguous and not scored")
    assert "answers.jsonl:1" in note


def test_a_question_of_two_subsets_answers_both_where_no_subset_is_named():
    found, notes = matched({"question": "1+1?", "prediction": "2"})
    assert found == {("easy", "0"): "2", ("hard", "h"): "2"}
    assert not notes


def test_an_id_of_two_subsets_needs_the_subset():
    with pytest.raises(DatasetError, match=r"answers\.jsonl:1: id '0' stands in several subsets \(easy, hard\)"):
        matched({"id": "0", "prediction": "2"})


@pytest.mark.parametrize(
    ("first", "second"),
    [({"id": "1"}, {"id": "1"}), ({"id": "1"}, {"question": "2+2?"})],
    ids=["twice by id", "by id and by question"],
)
def test_a_second_answer_to_one_sample_is_refused_with_both_places(first, second):
    with pytest.raises(
        DatasetError, match=r"answers\.jsonl:2 answers sample '1' of sums / easy a second time"
    ) as caught:
        matched({**first, "prediction": "4"}, {**second, "prediction": "4"})
    assert "(first: answers.jsonl:1)" in str(caught.value)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"id": "99"}, "answers.jsonl:1 (id '99')"),
        ({"question": "3+3?"}, "answers.jsonl:1 ('3+3?')"),
        ({"id": "1", "subset": "nowhere"}, "answers.jsonl:1 (id '1')"),
        ({"question": "2+2?", "subset": "hard"}, "answers.jsonl:1 ('2+2?')"),
        ({"id": "0", "subset": 7}, "answers.jsonl:1 (id '0')"),
    ],
    ids=["unknown id", "unknown question", "unknown subset", "question of another subset", "a number as subset"],
)
def test_an_answer_to_no_sample_is_named(row, named, caplog):
    with caplog.at_level(logging.WARNING, logger="evalscope"):
        found, notes = matched({**row, "prediction": "x"})
    assert not found
    assert notes == [f"1 answers match no sample that is scored: {named}"]
    assert notes[0] in caplog.text


def test_many_answers_to_no_sample_are_counted():
    _, (note,) = matched(*({"id": f"x{number}", "prediction": ""} for number in range(9)))
    assert note.startswith("9 answers match no sample")
    assert note.count("answers.jsonl") == 5
    assert note.endswith(", …")


def test_a_file_for_another_data_set_says_so():
    found, notes = matched(
        {"dataset": "smus", "id": "1", "prediction": "4"}, {"dataset": "b", "id": "1", "prediction": ""}
    )
    assert not found
    assert notes == ["the file holds no answer for this data set; those in it are for: b, smus"]


def test_repeats_are_a_list_and_fewer_are_missing():
    predictions = read(
        {"dataset": "sums", "id": "1", "prediction": ["a", "b", ""]},
        {"dataset": "sums", "id": "2", "prediction": "c"},
    )
    assert predictions.match("sums", ["sums"], SAMPLES) == []
    assert predictions.num_repeats(["sums"]) == 3
    assert predictions.num_repeats(["other"]) == 1
    assert [predictions.find("sums", "easy", "1", repeat) for repeat in range(4)] == ["a", "b", "", None]
    assert [predictions.find("sums", "easy", "2", repeat) for repeat in range(2)] == ["c", None]


def test_null_is_an_answer_missing():
    found, notes = matched({"id": "1", "prediction": None}, {"id": "2", "prediction": "x"})
    assert found == {("easy", "2"): "x"}
    assert not notes


def test_no_answers_at_all_are_one_repeat_and_a_note():
    predictions = read()
    assert predictions.num_repeats(["sums"]) == 1
    assert predictions.match("sums", ["sums"], SAMPLES) == [
        "the file holds no answer for this data set; those in it are for: none at all"
    ]


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ({"id": "1", "prediction": "x"}, '"dataset" is missing; found id, prediction'),
        ({"dataset": None, "id": "1", "prediction": "x"}, '"dataset" is missing'),
        ({"dataset": "sums", "prediction": "x"}, 'neither "id" nor "question"'),
        ({"dataset": "sums", "question": 3, "prediction": "x"}, 'neither "id" nor "question"'),
        ({"dataset": "sums", "id": "1"}, '"prediction" is a text or a list of texts; found None'),
        ({"dataset": "sums", "id": "1", "prediction": 42}, '"prediction" is a text or a list of texts; found 42'),
        ({"dataset": "sums", "id": "1", "prediction": []}, '"prediction" is a text or a list of texts; found []'),
        ({"dataset": "sums", "id": "1", "prediction": ["a", None]}, '"prediction" is a text or a list of texts'),
    ],
    ids=[
        "no data set",
        "null data set",
        "no sample",
        "a number as question",
        "no prediction",
        "a number as prediction",
        "an empty list",
        "null in a list",
    ],
)
def test_a_row_that_says_too_little_is_refused_with_its_place(row, named):
    with pytest.raises(DatasetError) as caught:
        read({"dataset": "sums", "id": "0", "prediction": "ok"}, row)
    assert str(caught.value).startswith("answers.jsonl:2: ")
    assert named in str(caught.value)


def test_further_fields_are_named_once(caplog):
    with caplog.at_level(logging.WARNING, logger="evalscope"):
        read(*({"dataset": "sums", "id": n, "prediction": "", "zeta": 1, "alpha": 2} for n in range(3)))
    assert [record.getMessage() for record in caplog.records] == [
        "the file of answers has further fields, which are not read: alpha, zeta"
    ]


def test_the_identity_is_the_content_and_not_the_place():
    row = {"dataset": "sums", "id": "1", "prediction": "4"}
    assert read(row).identity == read({"dataset": "sums", "id": "9", "prediction": None}, row).identity
    assert read(row).identity != read({**row, "prediction": "5"}).identity


def test_a_real_file_is_read_with_its_lines_as_places(tmp_path: Path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"dataset": "sums", "id": 1, "prediction": "四"}\n\n{"dataset": "sums"}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"answers\.jsonl:3: neither"):
        read_predictions(read_records(RecordFile(path)))
    path.write_text(json.dumps({"dataset": "sums", "id": 1, "prediction": "四"}) + "\n", encoding="utf-8")
    assert read_predictions(read_records(RecordFile(path))).answers[0].texts == ("四",)
