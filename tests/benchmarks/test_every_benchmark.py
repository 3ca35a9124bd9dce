"""One test over the whole shelf: a new file is found by itself."""

import dataclasses

import pytest

from evalscope.core.sample import LETTERS
from evalscope.extractors.free_text import short_answer
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import built_in_names, golden_path, golden_prompt, samples_of


def credit(benchmark, reply, sample):
    """What a reply earns in the benchmark's headline value."""
    return next(iter(benchmark.scorer(benchmark.extract(reply, sample), sample).values.values()))


pytestmark = pytest.mark.parametrize("name", built_in_names())


def test_it_is_found_by_its_file_name_and_its_aliases(name):
    benchmark = find_benchmark(name)
    assert benchmark.name == name
    assert all(find_benchmark(alias) is benchmark for alias in benchmark.aliases)


def test_the_first_record_is_asked_in_exactly_the_golden_words(name):
    assert golden_prompt(name) == golden_path(name).read_text(encoding="utf-8")


def test_its_wording_has_every_placeholder_it_needs(name):
    benchmark = find_benchmark(name)
    benchmark.prompt.check("the prompt", needs_examples=benchmark.few_shot is not None)


def test_a_reply_in_the_asked_form_is_right_and_another_is_wrong(name):
    benchmark = find_benchmark(name)
    assert benchmark.few_shot is not None
    samples = samples_of(benchmark)
    for sample in samples:
        assert credit(benchmark, benchmark.few_shot.answer(sample), sample) == 1.0
    first = samples[0]
    other = next(sample for sample in samples if sample.target != first.target)
    assert credit(benchmark, benchmark.few_shot.answer(other), first) == 0.0


@pytest.mark.parametrize("reply", ["", " \n", "I cannot help with that."], ids=["empty", "blank", "refusal"])
def test_a_reply_without_an_answer_gives_none_and_no_credit(name, reply):
    benchmark = find_benchmark(name)
    takes_any_line = benchmark.extract is short_answer  # then a refusal is an answer, and wrong
    for sample in samples_of(benchmark):
        assert benchmark.extract(reply, sample) is None or (takes_any_line and reply.strip())
        assert credit(benchmark, reply, sample) == 0.0


def test_the_target_of_a_multiple_choice_sample_is_one_of_its_letters(name):
    for sample in samples_of(find_benchmark(name)):
        if sample.choices:
            assert set(sample.targets) <= set(LETTERS[: len(sample.choices)])


def test_it_is_frozen(name):
    with pytest.raises(dataclasses.FrozenInstanceError):
        find_benchmark(name).name = "other"
