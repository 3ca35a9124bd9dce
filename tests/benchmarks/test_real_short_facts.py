"""All of simple_qa and chinese_simpleqa. Needs EVALSCOPE_TEST_DATA."""

import os
from collections import Counter
from pathlib import Path

import pytest

from evalscope.registry import find_benchmark
from tests.full_splits.splits import SPLITS
from tests.sources.source_builders import load_from

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
if "EVALSCOPE_TEST_DATA" not in os.environ:
    pytest.skip("EVALSCOPE_TEST_DATA is not set", allow_module_level=True)

NAMES = ("simple_qa", "chinese_simpleqa")


def loaded_samples(name):
    loaded = load_from(DATA / name, find_benchmark(name))
    return loaded, [sample for subset in loaded.subsets for sample in subset.samples]


@pytest.mark.parametrize("name", NAMES)
def test_every_record_is_asked_in_its_subset_with_its_target(name):
    loaded, samples = loaded_samples(name)
    rows = list(SPLITS[name].read(DATA / name))
    assert len(loaded.subsets) == SPLITS[name].num_subsets
    assert len(samples) == len(rows) == SPLITS[name].num_records
    assert not loaded.notes
    expected = Counter((row.subset, row.question.strip()) for row in rows)
    assert Counter((sample.subset, sample.question) for sample in samples) == expected
    replies = {row.question.strip(): row.right for row in rows}
    assert all(sample.target in replies[sample.question] for sample in samples)


def test_topics_and_types_of_answer_are_those_of_the_paper():
    _, samples = loaded_samples("simple_qa")
    assert len({sample.categories[0] for sample in samples}) == 10
    types = Counter(sample.categories[1].removeprefix("answer type: ") for sample in samples)
    assert types == {"Date": 1418, "Person": 1041, "Other": 777, "Number": 663, "Place": 427}


def test_there_are_99_categories_in_six_fields():
    _, samples = loaded_samples("chinese_simpleqa")
    assert len({sample.category for sample in samples}) == 99
    assert len({sample.id for sample in samples}) == 3000
