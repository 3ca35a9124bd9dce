"""Rows of a run, looked up by sample."""

import pytest

from evalscope.runs.stored import StoredRows
from tests.own_data import write_jsonl


def row(sample_id: str, repeat: int = 0, **more: object) -> dict[str, object]:
    return {"sample_id": sample_id, "repeat": repeat, **more}


@pytest.mark.parametrize("order", ["012", "210", "102"])
def test_rows_are_found_in_whatever_order_they_lie(order, tmp_path):
    rows = StoredRows(write_jsonl(tmp_path / "a.jsonl", [row(name, text=name) for name in order]))
    assert [rows.find(name)["text"] for name in "012"] == ["0", "1", "2"]


def test_further_repeats_are_passed_over(tmp_path):
    rows = StoredRows(write_jsonl(tmp_path / "a.jsonl", [row("0", 1), row("0", 0, is_first=True), row("1", 1)]))
    assert rows.find("0") == row("0", 0, is_first=True)
    assert rows.find("1") is None


def test_a_row_that_is_not_there_costs_the_others_nothing(tmp_path):
    rows = StoredRows(write_jsonl(tmp_path / "a.jsonl", [row("0"), {"odd": True}, row("2")]))
    assert rows.find("1") is None
    assert (rows.find("2"), rows.find("0")) == (row("2"), row("0"))


def test_no_file_is_no_rows(tmp_path):
    assert StoredRows(tmp_path / "a.jsonl").find("0") is None
    assert not list(tmp_path.iterdir())
