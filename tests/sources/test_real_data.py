"""The real data sets, whole, where EVALSCOPE_TEST_DATA says that they lie."""

import os
import re
from pathlib import Path

import pytest
from source_builders import load_from, quiz, sums

from evalscope.sources.records import RecordFile, format_of, read_records

pytestmark = pytest.mark.realdata

FOLDER = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
if "EVALSCOPE_TEST_DATA" not in os.environ:
    pytest.skip("EVALSCOPE_TEST_DATA is not set", allow_module_level=True)


def test_gsm8k_is_whole():
    loaded = load_from(FOLDER / "gsm8k", sums(num_shots=4, num_records={"main": 1319}))
    samples = list(loaded.subsets[0].samples)
    assert (len(samples), loaded.few_shot_num, loaded.notes) == (1319, 4, ())
    assert sum("," in sample.target for sample in samples) == 14
    assert sum(sample.target.startswith("-") for sample in samples) == 2


def test_arc_is_whole():
    nums = {"ARC-Easy": 2376, "ARC-Challenge": 1172}
    loaded = load_from(FOLDER / "arc", quiz(subsets=tuple(nums), num_records=nums))
    assert {one.name: sum(1 for _ in one.samples) for one in loaded.subsets} == nums
    assert loaded.notes == ()
    assert {len(sample.choices) for one in loaded.subsets for sample in one.samples} == {3, 4, 5}


def test_every_csv_and_parquet_file_can_be_read():
    without_header = re.compile(r"/mmlu/.*_(dev|val|test)\.csv$")
    for path in sorted(FOLDER.rglob("*")):
        if format_of(path.name) in (".csv", ".parquet"):
            columns = ("question", "A", "B", "C", "D", "answer") if without_header.search(str(path)) else None
            assert sum(1 for _ in read_records(RecordFile(path), columns)), path
