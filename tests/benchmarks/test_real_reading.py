"""All of race, trivia_qa, bbh, hellaswag, truthful_qa and general_mcq. Needs EVALSCOPE_TEST_DATA."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from evalscope.benchmarks._multiple_choice import LOGLIKELIHOOD
from evalscope.core.likelihood import write_logprobs
from evalscope.registry import find_benchmark
from tests.benchmarks.shelf import find_way
from tests.benchmarks.test_reading import check_layouts
from tests.sources.source_builders import load_from

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("EVALSCOPE_TEST_DATA", ""))
if "EVALSCOPE_TEST_DATA" not in os.environ:
    pytest.skip("EVALSCOPE_TEST_DATA is not set", allow_module_level=True)

NUM_SAMPLES = {
    "race": (1436, {"subset_list": ["middle"]}),
    "trivia_qa": (11313, {}),
    "bbh": (6511, {}),
    "hellaswag": (10042, {}),
    "truthful_qa": (817, {}),
    "general_mcq": (12, {"subset_list": ["example"], "few_shot_num": 2}),
}


def loaded_samples(name, **args):
    loaded = load_from(DATA / name, find_benchmark(name), **{**NUM_SAMPLES[name][1], **args})
    return loaded, [sample for subset in loaded.subsets for sample in subset.samples]


def rows_of(path):
    with path.open(encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def right(benchmark, reply, sample):
    return next(iter(benchmark.scorer(benchmark.extract(reply, sample), sample).values.values())) == 1.0


@pytest.mark.parametrize("name", NUM_SAMPLES)
def test_it_is_whole_and_its_targets_name_choices(name):
    loaded, samples = loaded_samples(name)
    assert len(samples) == NUM_SAMPLES[name][0]
    assert not [note for note in loaded.notes if "officially" in note]
    assert all(target for sample in samples for target in sample.targets)
    assert all(set("".join(sample.targets)) <= set(sample.letters) for sample in samples if sample.choices)
    assert not [sample for sample in samples if "[title]" in sample.question or not sample.question]


@pytest.mark.parametrize("name", NUM_SAMPLES)
def test_the_right_reply_is_right_and_no_reply_never(name):
    benchmark = find_benchmark(name)
    for sample in loaded_samples(name)[1]:
        assert right(benchmark, benchmark.few_shot.answer(sample), sample)
        assert not right(benchmark, "", sample)


RANKED = ("hellaswag", "truthful_qa", "race")


@pytest.mark.parametrize("name", RANKED)
def test_the_likeliest_right_option_earns_credit_and_the_likeliest_wrong_one_none(name):
    variant = find_way(name, LOGLIKELIHOOD)
    args, (num, _) = NUM_SAMPLES[name][1], NUM_SAMPLES[name]
    samples = [s for subset in load_from(DATA / name, variant, **args).subsets for s in subset.samples]
    assert len(samples) == num
    for sample in samples:
        right = sample.letters.index(sample.target)
        continuations = variant.continuations(sample)
        assert len(continuations) == len(sample.choices)
        assert all(len(one) > 1 and one[0] == " " and one[1] != " " for one in continuations)
        for liked, credit in ((right, 1.0), ((right + 1) % len(sample.metadata.get("mc1", sample.choices)), 0.0)):
            logprobs = tuple(-1.0 if place == liked else -9.0 for place in range(len(continuations)))
            values = variant.scorer(write_logprobs(logprobs), sample).values
            assert next(iter(values.values())) == credit


def test_every_option_of_truthful_qa_is_ranked_once_and_has_one_label():
    variant = find_way("truthful_qa", LOGLIKELIHOOD)
    (subset,) = load_from(DATA / "truthful_qa", variant).subsets
    for sample in subset.samples:
        assert len(set(sample.choices)) == len(sample.choices) <= 24
        assert set(sample.metadata["mc1"]) <= set(sample.metadata["mc2"]) == set(sample.choices)
        truth = sample.choices[sample.letters.index(sample.target)]
        assert [option for option in sample.metadata["mc1"] if sample.metadata["mc2"][option]] == [truth]


def test_race_high_has_passages_of_several_questions():
    _, samples = loaded_samples("race", subset_list=["high"], eval_split="validation", few_shot_num=0)
    assert len(samples) == 3451
    assert 2 < len(samples) / len({sample.group for sample in samples}) < 5


def test_every_alias_of_trivia_qa_is_right():
    benchmark = find_benchmark("trivia_qa")
    wrong = [
        (alias, sample.question)
        for sample in loaded_samples("trivia_qa")[1]
        for alias in sample.targets
        if not benchmark.scorer(alias, sample).values["acc"]
    ]
    assert wrong == []


def test_every_alias_of_trivia_qa_survives_extraction():
    benchmark = find_benchmark("trivia_qa")
    lost = Counter(
        right(benchmark, f"ANSWER: {alias}", sample)
        for sample in loaded_samples("trivia_qa")[1]
        for alias in sample.targets
    )
    assert lost[False] == 0


@pytest.mark.parametrize("form", ["So the answer is {}.", "Hence.\nSo the answer is **{}**.", "the answer is: {}"])
def test_every_target_of_bbh_is_found_and_right(form):
    benchmark = find_benchmark("bbh")
    samples = loaded_samples("bbh")[1]
    assert [(s.subset, s.target) for s in samples if not right(benchmark, form.format(s.target), s)] == []


def test_every_lettered_target_of_bbh_is_right_without_its_brackets():
    benchmark = find_benchmark("bbh")
    lettered = [
        sample for sample in loaded_samples("bbh")[1] if sample.target.startswith("(") and len(sample.target) == 3
    ]
    lettered = [sample for sample in lettered if sample.target[1].isalpha()]
    assert len({sample.subset for sample in lettered}) == 17
    assert all(right(benchmark, f"So the answer is {sample.target[1]}.", sample) for sample in lettered)


def test_every_task_of_bbh_has_three_examples_that_reason():
    loaded, _ = loaded_samples("bbh")
    assert (len(loaded.subsets), loaded.few_shot_num, loaded.notes) == (27, 3, ())
    benchmark = find_benchmark("bbh")
    for example in (example for subset in loaded.subsets for example in subset.examples):
        assert "canary" not in example.question
        assert len(example.metadata["solution"]) > 40
        assert benchmark.extract(benchmark.few_shot.answer(example), example) == example.target


def test_the_right_choice_of_truthful_qa_stands_in_every_place():
    _, samples = loaded_samples("truthful_qa")
    assert {len(sample.choices) for sample in samples} == set(range(2, 14))
    assert set(Counter(sample.target for sample in samples)) >= set("ABCDEFG")
    assert sum(sample.target == "A" for sample in samples) < 817 * 0.3


@pytest.mark.parametrize("way", ["", LOGLIKELIHOOD], ids=["letter", "likelihood"])
def test_truthful_qa_is_the_same_in_the_authors_file_and_on_the_hub(way):
    asked = []
    for name in ("multiple_choice/validation.jsonl", "mc_task.json"):
        (subset,) = load_from(DATA / "truthful_qa" / name, find_way("truthful_qa", way)).subsets
        asked.append({s.id: (s.question, s.choices, s.target, dict(s.metadata)) for s in subset.samples})
    assert len(asked[0]) == 817
    assert asked[0] == asked[1]


REAL = {
    "race": ("race/middle/validation.jsonl", {}),
    "trivia_qa": ("trivia_qa/unfiltered.nocontext/validation.jsonl", {}),
    "hellaswag": ("hellaswag/hellaswag_val_genuine_1000.jsonl", {}),
    "truthful_qa": ("truthful_qa/multiple_choice/validation.jsonl", {}),
}


@pytest.mark.parametrize("name", REAL)
def test_every_layout_gives_the_same_prompts_and_targets(name, tmp_path):
    check_layouts(tmp_path, name, rows_of(DATA / REAL[name][0]))


@pytest.mark.parametrize("name", RANKED)
def test_every_layout_ranks_the_same_options(name, tmp_path):
    check_layouts(tmp_path, name, rows_of(DATA / REAL[name][0])[:200], LOGLIKELIHOOD)


def test_every_layout_of_bbh_gives_the_same_prompts_and_targets(tmp_path):
    rows = json.loads((DATA / "bbh/date_understanding.json").read_text(encoding="utf-8"))["examples"]
    check_layouts(tmp_path, "bbh", rows, subset_list=["snarks"])
