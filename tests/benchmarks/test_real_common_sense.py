"""All of the sets of common sense and short reading. Needs EVALSCOPE_TEST_DATA."""

import os
from pathlib import Path

import pytest

from evalscope.benchmarks._multiple_choice import LOGLIKELIHOOD
from evalscope.core.likelihood import write_logprobs
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import find_way
from tests.sources.source_builders import load_from

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
if "EVALSCOPE_TEST_DATA" not in os.environ:
    pytest.skip("EVALSCOPE_TEST_DATA is not set", allow_module_level=True)

NUM_SAMPLES = {
    "winogrande": (1267, {}),
    "piqa": (1838, {}),
    "boolq": (3270, {}),
    "social_i_qa": (1954, {}),
    "openbookqa": (500, {"eval_split": "validation"}),
    "commonsense_qa": (1221, {}),
    "sciq": (1000, {"eval_split": "validation"}),
}


def loaded_samples(name, way=""):
    num, args = NUM_SAMPLES[name]
    loaded = load_from(DATA / name, find_way(name, way), **args)
    assert loaded.notes == ()
    samples = [sample for subset in loaded.subsets for sample in subset.samples]
    assert len(samples) == num
    return samples


@pytest.mark.parametrize("name", NUM_SAMPLES)
def test_it_is_whole_and_the_right_reply_alone_is_right(name):
    benchmark = find_benchmark(name)
    for sample in loaded_samples(name):
        for letter in sample.letters:
            score = benchmark.scorer(benchmark.extract(f"ANSWER: {letter}", sample), sample)
            assert score.values == {"acc": float(letter == sample.target)}


@pytest.mark.parametrize("name", NUM_SAMPLES)
def test_every_option_is_ranked_and_the_likeliest_decides(name):
    variant = find_way(name, LOGLIKELIHOOD)
    for sample in loaded_samples(name, LOGLIKELIHOOD):
        continuations = variant.continuations(sample)
        assert len(continuations) == len(sample.choices)
        assert all(len(one) > 1 and one[0] == " " and one[1] != " " for one in continuations)
        for place, letter in enumerate(sample.letters):
            logprobs = tuple(-1.0 if other == place else -999.0 for other in range(len(continuations)))
            assert variant.scorer(write_logprobs(logprobs), sample).values["acc"] == float(letter == sample.target)


def test_both_files_of_winogrande_hold_the_same_samples():
    seen = []
    for name in ("dev.jsonl", "winogrande_xl_validation.jsonl"):
        (subset,) = load_from(DATA / "winogrande" / name, find_benchmark("winogrande")).subsets
        seen.append([(s.question, s.choices, s.target) for s in subset.samples])
    assert seen[0] == seen[1]


def test_every_answer_of_nq_open_is_right_and_survives_extraction():
    benchmark = find_benchmark("nq_open")
    (subset,) = load_from(DATA / "nq_open", benchmark).subsets
    assert subset.num == 3610
    lost = [
        answer
        for sample in subset.samples
        for answer in sample.targets
        if not benchmark.scorer(benchmark.extract(f"ANSWER: {answer}", sample), sample).values["acc"]
    ]
    assert lost == ["*"]  # which is taken for the bold around an answer
