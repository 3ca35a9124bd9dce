"""Report files: whole or not there, and read back as they were."""

import json

from evalscope.reports.files import read_reports, write_reports
from tests.reports.made_up import NAN, make_report, make_row


def test_each_data_set_has_a_file_of_its_own_and_nothing_else_lies_there(tmp_path):
    write_reports([make_report(), make_report(dataset="a/b")], tmp_path / "new" / "m")
    names = sorted(path.name for path in (tmp_path / "new" / "m").iterdir())
    assert len(names) == 2
    assert names[1] == "gsm8k.json"
    assert [report["dataset"] for report in read_reports(tmp_path / "new" / "m")] == ["a/b", "gsm8k"]


def test_a_report_is_replaced_and_others_stay(tmp_path):
    write_reports([make_report(), make_report(dataset="arc")], tmp_path)
    write_reports([make_report(num=20)], tmp_path)
    assert [(report["dataset"], report["num"]) for report in read_reports(tmp_path)] == [("arc", 10), ("gsm8k", 20)]


def test_no_number_is_null(tmp_path):
    write_reports([make_report(make_row(score=NAN, ci_low=NAN), score=NAN)], tmp_path)
    text = (tmp_path / "gsm8k.json").read_text()
    assert "NaN" not in text
    assert json.loads(text)["score"] is None


def test_files_that_are_no_reports_are_passed_over(tmp_path):
    write_reports([make_report()], tmp_path)
    (tmp_path / "torn.json").write_text('{"rows": [')
    (tmp_path / "other.json").write_text("[]")
    (tmp_path / "more.json").write_text('{"model": "m"}')
    (tmp_path / "folder.json").mkdir()
    assert [report["dataset"] for report in read_reports(tmp_path)] == ["gsm8k"]
    assert read_reports(tmp_path / "nowhere") == ()
