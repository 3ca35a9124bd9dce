"""simple_qa and chinese_simpleqa: read from every layout, and what their judge is asked."""

import re

import pytest

from evalscope.errors import DatasetError
from evalscope.registry import find_benchmark
from evalscope.scorers.judging.verdicts import read_verdict
from tests.benchmarks.shelf import records_of
from tests.sources.source_builders import as_csv, as_parquet, lay_out, load_from

NAMES = ("simple_qa", "chinese_simpleqa")


def simple_layouts(records):
    yield {"simple_qa_test_set.csv": b"\xef\xbb\xbf" + as_csv(records)}
    yield {"simple_qa_test_set.csv": records, "README.md": "---\nlicense: mit\n---\n"}
    yield {"data/test-00000-of-00001.parquet": as_parquet(records)}
    yield {"test.jsonl": records}
    yield {"SimpleQA.zip": {"SimpleQA/simple_qa_test_set.csv": records}}


def chinese_layouts(records):
    yield {"chinese_simpleqa.jsonl": records}
    yield {"data/chinese_simpleqa.jsonl": records, "README.md": "# Chinese SimpleQA\n"}
    yield {"data/train-00000-of-00001.parquet": as_parquet(records)}
    yield {"train.jsonl.gz": records}
    by_field = {field: [one for one in records if one["primary_category"] == field] for field in fields_of(records)}
    yield {f"{field}/train.jsonl": rows for field, rows in by_field.items()}


LAYOUTS = {"simple_qa": simple_layouts, "chinese_simpleqa": chinese_layouts}


def fields_of(records):
    return list(dict.fromkeys(record["primary_category"] for record in records))


def asked_from(folder, name, records):
    subsets = {"subset_list": fields_of(records)} if name == "chinese_simpleqa" else {}
    loaded = load_from(folder, find_benchmark(name), **subsets)
    samples = [sample for subset in loaded.subsets for sample in subset.samples]
    return [(one.subset, one.id, one.input, one.target, one.category, dict(one.metadata)) for one in samples]


@pytest.mark.parametrize("name", NAMES)
def test_every_layout_gives_the_same_samples(tmp_path, name):
    records = records_of(name)
    seen = [
        asked_from(lay_out(tmp_path / str(place), files), name, records)
        for place, files in enumerate(LAYOUTS[name](records))
    ]
    assert len(seen[0]) == len(records)
    assert all(asked == seen[0] for asked in seen)


def test_topic_and_type_of_answer_are_read_from_python_text():
    sample = find_benchmark("simple_qa").to_sample(records_of("simple_qa")[2])
    assert sample.target == "21 July 1969"
    assert sample.categories == ("Science and technology", "answer type: Date")


def test_the_fields_are_subsets_and_what_is_narrower_is_the_samples_own():
    sample = find_benchmark("chinese_simpleqa").to_sample(records_of("chinese_simpleqa")[1])
    assert (sample.id, sample.category) == ("own-2", "中国文学")
    assert set(fields_of(records_of("chinese_simpleqa"))) <= set(find_benchmark("chinese_simpleqa").source.subsets)


@pytest.mark.parametrize(
    "metadata",
    [
        "{'topic': 'Art', 'answer_type': __import__('os').getcwd()}",
        "dict(topic='Art', answer_type='Date')",
        "['Art', 'Date']",
        "{'topic': 'Art'}",
        "{'topic': 'Art', 'answer_type': ''}",
        "{'topic': 'Art', 'answer_type': 7}",
        "{'topic': 'Art', 'answer_type'",
        "",
        None,
    ],
    ids=["a call", "a constructor", "a list", "no type", "an empty type", "a number", "cut off", "empty", "none"],
)
def test_metadata_that_is_not_as_expected_is_a_fault_of_the_record(tmp_path, metadata):
    record = {"problem": "Who painted it?", "answer": "Vermeer", "metadata": metadata}
    folder = lay_out(tmp_path, {"test.jsonl": [record]})
    with pytest.raises(DatasetError, match=r"test\.jsonl.*(metadata|answer_type)"):
        load_from(folder, find_benchmark("simple_qa"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("answer", ["", "  ", None], ids=["empty", "blank", "none"])
def test_a_record_without_an_answer_is_refused(tmp_path, name, answer):
    records = [{**records_of(name)[0], "answer": answer}]
    with pytest.raises(DatasetError, match="answer is"):
        asked_from(lay_out(tmp_path, {"test.jsonl": records, "train.jsonl": records}), name, records)


@pytest.mark.parametrize("name", NAMES)
def test_the_grader_shows_examples_of_each_grade(name):
    lines = find_benchmark(name).rubric.template.split("\n")
    for grade in ("CORRECT", "INCORRECT", "NOT_ATTEMPTED"):
        assert sum(bool(re.match(rf"- “.+” {grade}[:：]", line)) for line in lines) >= 3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("grade", "value"),
    [("CORRECT", "is_correct"), ("INCORRECT", "is_incorrect"), ("NOT_ATTEMPTED", "is_not_attempted")],
)
def test_each_grade_can_be_said_and_gives_its_own_value_alone(name, grade, value):
    rubric = find_benchmark(name).rubric
    assert read_verdict(f"They agree.\nGRADE: {grade}", rubric) == grade
    values = rubric.grades[grade]
    assert values[value] == sum(values.values()) == 1.0
    assert next(iter(values)) == "is_correct"
