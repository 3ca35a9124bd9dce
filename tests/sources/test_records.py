import gzip
import json
import re
import sys
import tracemalloc

import pytest
from source_builders import MORE_SUMS, SUMS, as_bytes, as_jsonl, as_parquet, lay_out

from evalscope.errors import DatasetError
from evalscope.sources.records import RecordFile, format_of, read_records

FORMATS = ("parquet", "jsonl", "json", "csv", "tsv")


def read(path, columns=None):
    return [
        dict(record) for record, _ in read_records(path if isinstance(path, RecordFile) else RecordFile(path), columns)
    ]


def places(path):
    return [str(place) for _, place in read_records(RecordFile(path))]


def made(tmp_path, name, content):
    lay_out(tmp_path, {name: content})
    return tmp_path / name


@pytest.mark.parametrize("packing", ["", ".gz"], ids=["plain", "gz"])
@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_gives_the_same_records(tmp_path, ending, packing):
    assert read(made(tmp_path, f"test.{ending}{packing}", SUMS)) == list(SUMS)


@pytest.mark.parametrize("packing", ["", ".gz"], ids=["plain", "gz"])
@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_is_read_inside_a_zip(tmp_path, ending, packing):
    member = f"deep/test.{ending}{packing}"
    lay_out(tmp_path, {"data.zip": {member: SUMS}})
    assert read(RecordFile(tmp_path / "data.zip", member)) == list(SUMS)


def test_nothing_is_written_beside_the_data(tmp_path):
    lay_out(tmp_path, {"data.zip": {"test.jsonl.gz": SUMS, "test.parquet": SUMS}})
    for member in ("test.jsonl.gz", "test.parquet"):
        read(RecordFile(tmp_path / "data.zip", member))
    assert [path.name for path in tmp_path.rglob("*")] == ["data.zip"]


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("test.jsonl", ".jsonl"),
        ("a/b/test.jsonl.gz", ".jsonl"),
        ("TEST.JSONL", ".jsonl"),
        ("test.json", ".json"),
        ("data.tar.gz", ""),
        ("README.md", ""),
        ("jsonl", ""),
    ],
)
def test_format_is_told_by_the_ending(name, ending):
    assert format_of(name) == ending


def test_unknown_ending_names_the_known_ones(tmp_path):
    with pytest.raises(DatasetError, match=r"data\.tar\.gz is no file of records; .*\.parquet, \.jsonl"):
        read(made(tmp_path, "data.tar.gz", b"x"))


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.parquet", "a.jsonl.gz"])
@pytest.mark.parametrize("mark", ["\u2028", "\u0085", "\x0b", "\x1e"], ids=["U+2028", "U+0085", "VT", "RS"])
def test_line_separators_inside_a_text_do_not_tear_the_row(tmp_path, name, mark):
    records = [{"text": f"left{mark}right"}, {"text": "next"}]
    assert read(made(tmp_path, name, records)) == records


@pytest.mark.parametrize("name", ["test.jsonl", "test.json", "test.csv"])
def test_byte_order_mark_is_no_part_of_the_first_column(tmp_path, name):
    assert read(made(tmp_path, name, b"\xef\xbb\xbf" + as_bytes(name, SUMS))) == list(SUMS)


def test_blank_lines_and_a_missing_last_line_end_are_passed_over(tmp_path):
    path = made(tmp_path, "test.jsonl", b'{"n": 1}\r\n\n  \n{"n": 2}')
    assert read(path) == [{"n": 1}, {"n": 2}]
    assert places(path) == [f"{path}:1", f"{path}:4"]


def test_nan_and_infinity_are_read(tmp_path):
    (record,) = read(made(tmp_path, "test.jsonl", b'{"a": NaN, "b": Infinity, "c": "x"}\n'))
    assert record["a"] != record["a"]
    assert (record["b"], record["c"]) == (float("inf"), "x")


def test_integers_of_more_than_64_bits_stay_exact(tmp_path):
    assert read(made(tmp_path, "test.jsonl", b'{"answer": 123456789012345678901}')) == [
        {"answer": 123456789012345678901}
    ]


def test_torn_line_is_named(tmp_path):
    path = made(tmp_path, "test.jsonl", b'{"a": 1}\n{"a": "to\n{"a": 3}\n')
    with pytest.raises(
        DatasetError, match=rf"{re.escape(str(path))}:2: not JSON, torn or cut off\?.*begins '{{\"a\": \"to'"
    ):
        read(path)


def test_records_before_a_torn_line_are_given(tmp_path):
    path = made(tmp_path, "test.jsonl", b'{"a": 1}\n{"a": "to\n')
    assert next(read_records(RecordFile(path)))[0] == {"a": 1}


@pytest.mark.parametrize("packing", ["", ".gz"], ids=["plain", "gz"])
@pytest.mark.parametrize(
    ("name", "rows", "byte"),
    [
        ("a.jsonl", '{"a": 1}\n{"a": "中"}\n', 8),
        ("a.json", '[{"a": 1},\n{"a": "中"}]', 8),
        ("a.csv", "a\n中\n", 1),
        ("a.csv", "a\n" + "x,中\n", 3),
    ],
    ids=["jsonl", "json", "csv", "csv, later"],
)
def test_wrong_encoding_names_line_and_byte(tmp_path, name, rows, byte, packing):
    content = rows.encode("gb18030")
    path = made(tmp_path, name + packing, gzip.compress(content) if packing else content)
    with pytest.raises(DatasetError, match=rf":2: byte {byte} of the line \(0xd6\) is not UTF-8.*iconv"):
        read(path)


def test_half_a_surrogate_pair_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r":1: not JSON.*half of a surrogate pair"):
        read(made(tmp_path, "test.jsonl", b'{"a": "\\ud83d"}\n'))


@pytest.mark.parametrize(
    ("row", "kind"),
    [(b"[1, 2]", "a list"), (b'"text"', "a text"), (b"7", "a number"), (b"null", "null"), (b"true", "a truth value")],
)
def test_a_row_that_is_no_object_is_named(tmp_path, row, kind):
    with pytest.raises(DatasetError, match=rf":2: a record is an object .*found {kind}"):
        read(made(tmp_path, "test.jsonl", b'{"a": 1}\n' + row))


@pytest.mark.parametrize(
    ("content", "records"),
    [
        pytest.param([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 2}], id="list"),
        pytest.param({"canary": "x", "examples": [{"a": 1}]}, [{"a": 1}], id="one list beside scalars"),
        pytest.param({"problem": "p", "level": 5}, [{"problem": "p", "level": 5}], id="one record"),
        pytest.param(
            {"question": "q", "choices": ["x", "y"]}, [{"question": "q", "choices": ["x", "y"]}], id="with texts"
        ),
        pytest.param([], [], id="empty"),
    ],
)
def test_json_holds_a_list_or_an_object_with_one(tmp_path, content, records):
    assert read(made(tmp_path, "test.json", json.dumps(content))) == records


def test_json_lines_are_read_under_the_json_ending(tmp_path):
    assert read(made(tmp_path, "test.json", as_jsonl(SUMS))) == list(SUMS)


def test_json_object_with_two_lists_is_unclear(tmp_path):
    with pytest.raises(DatasetError, match="'train', 'test'; which of them are the records is unclear"):
        read(made(tmp_path, "a.json", '{"train": [{"a": 1}], "test": [{"a": 2}]}'))


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a"', '"text"'], ids=["cut off", "no list"])
def test_json_that_holds_no_records_is_refused(tmp_path, text):
    with pytest.raises(DatasetError, match=r"a\.json"):
        read(made(tmp_path, "a.json", text))


def test_a_row_of_a_json_list_is_named_by_its_number_from_0(tmp_path):
    path = made(tmp_path, "a.json", '[{"a": 1}, 2]')
    with pytest.raises(DatasetError, match=rf"{re.escape(str(path))}, row 1: a record is an object"):
        read(path)


def test_csv_cells_stay_as_written(tmp_path):
    rows = 'question,A,B\r\n"say ""no"",\r\nthen go",007,None\n  spaced  ,0.50,\n'
    assert read(made(tmp_path, "a.csv", rows)) == [
        {"question": 'say "no",\r\nthen go', "A": "007", "B": "None"},
        {"question": "  spaced  ", "A": "0.50", "B": ""},
    ]


def test_csv_places_are_the_lines_that_rows_begin_in(tmp_path):
    path = made(tmp_path, "a.csv", 'a,b\n"over\ntwo lines",1\nlast,2\n')
    assert places(path) == [f"{path}:2", f"{path}:4"]


def test_headerless_csv_takes_its_column_names_from_the_caller(tmp_path):
    path = made(tmp_path, "a.csv", "two plus two?,3,4,B\n")
    assert read(path, ("question", "A", "B", "answer")) == [
        {"question": "two plus two?", "A": "3", "B": "4", "answer": "B"}
    ]


def test_headerless_csv_may_have_a_header_after_all(tmp_path):
    path = made(tmp_path, "a.csv", "id,answer,question\n7,B,two plus two?\n")
    assert read(path, ("question", "answer")) == [{"id": "7", "answer": "B", "question": "two plus two?"}]
    assert places(path) == [f"{path}:2"]


@pytest.mark.parametrize(("row", "cells"), [("1", 1), ("1,2,3", 3)], ids=["too few", "too many"])
def test_csv_row_of_another_width_is_named(tmp_path, row, cells):
    with pytest.raises(DatasetError, match=rf"a\.csv:3: the row has {cells} cells, but there are 2 columns \(a, b\)"):
        read(made(tmp_path, "a.csv", f"a,b\n1,2\n{row}\n"))


@pytest.mark.parametrize("rows", ['a,b\n1,2\n"open,3\n4,5\n', 'a,b\n1,2\n"x"y,3\n'], ids=["unclosed", "after a quote"])
def test_csv_with_stray_quotes_is_refused_rather_than_swallowed(tmp_path, rows):
    with pytest.raises(DatasetError, match=r"a\.csv:3: .*quote"):
        read(made(tmp_path, "a.csv", rows))


def test_csv_header_naming_a_column_twice_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"a\.csv:1: the header names 'a' more than once"):
        read(made(tmp_path, "a.csv", "a,b,a\n1,2,3\n"))


def test_csv_index_column_may_be_nameless(tmp_path):
    assert read(made(tmp_path, "a.csv", ",Question\n0,why?\n")) == [{"": "0", "Question": "why?"}]


def test_a_cell_may_be_longer_than_the_librarys_limit(tmp_path):
    assert len(read(made(tmp_path, "a.csv", "a\n" + "x" * 200_000 + "\n"))[0]["a"]) == 200_000


def test_nested_parquet_columns_become_lists_and_objects(tmp_path):
    records = [{"choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answer": 0, "none": None}]
    assert read(made(tmp_path, "a.parquet", as_parquet(records))) == records


def test_parquet_places_are_rows(tmp_path):
    path = made(tmp_path, "a.parquet", SUMS)
    assert places(path)[2] == f"{path}, row 2"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.parquet", b"PAR1 no parquet PAR1", id="broken parquet"),
        pytest.param("a.parquet", b"", id="empty parquet"),
        pytest.param("a.jsonl.gz", b"no gzip", id="no gzip"),
        pytest.param("a.jsonl.gz", gzip.compress(as_jsonl(MORE_SUMS))[:-20], id="cut gzip"),
        pytest.param("a.jsonl.gz", gzip.compress(as_jsonl(SUMS))[:12] + b"\xff" * 90, id="torn gzip"),
    ],
)
def test_broken_file_is_named(tmp_path, name, content):
    with pytest.raises(DatasetError, match=rf"{name} cannot be read"):
        read(made(tmp_path, name, content))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"gone\.jsonl cannot be read"):
        read(tmp_path / "gone.jsonl")


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.jsonl"])
def test_pointer_left_by_git_lfs_is_recognised(tmp_path, name):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"
    with pytest.raises(DatasetError, match="git lfs pull"):
        read(made(tmp_path, name, pointer))


def test_memory_stays_flat_over_many_records(tmp_path):
    path = made(tmp_path, "big.jsonl.gz", as_jsonl({"text": "word " * 200, "n": n} for n in range(5000)))
    path.write_bytes(gzip.compress(path.read_bytes(), 1))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_records(RecordFile(path))) == 5000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_pyarrow_is_imported_only_for_parquet(tmp_path):
    import subprocess

    path = made(tmp_path, "a.jsonl", SUMS)
    code = (
        "import sys; from pathlib import Path; from evalscope.sources.records import *; "
        f"list(read_records(RecordFile(Path({str(path)!r})))); print('pyarrow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_file_without_a_header_may_be_tab_separated_under_the_ending_csv(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'Who, and why?\t"say ""x"", y"\nWhom?\tz, z\n')
    assert read(path, ("question", "answers")) == [
        {"question": "Who, and why?", "answers": 'say "x", y'},
        {"question": "Whom?", "answers": "z, z"},
    ]


def test_a_comma_separated_file_without_a_header_may_hold_tabs(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\tb,c,d\n")
    assert read(path, ("x", "y", "z")) == [{"x": "a\tb", "y": "c", "z": "d"}]
