import gc
import tracemalloc
from dataclasses import replace

import pytest
from source_builders import EASY, HARD, MORE_SUMS, SUMS, as_bytes, as_jsonl, lay_out, load_from, quiz, sums

from evalscope.core.benchmark import FewShot
from evalscope.core.likelihood import write_logprobs
from evalscope.errors import ConfigError, DatasetError
from evalscope.registry import find_benchmark
from evalscope.scorers.likelihood import TruthMatch

FILES = {"test.jsonl": SUMS, "train.jsonl": MORE_SUMS}
BOTH = {"Quiz-Easy/test.jsonl": EASY, "Quiz-Hard/test.jsonl": HARD}


def asked(loaded, place=0):
    return [sample.id for sample in loaded.subsets[place].samples]


def shown(loaded):
    return [int(example.id) for example in loaded.subsets[0].examples]


def test_samples_come_with_subset_and_id_and_can_be_read_again(tmp_path):
    (subset,) = load_from(lay_out(tmp_path, FILES)).subsets
    first = list(subset.samples)
    assert first == list(subset.samples)
    assert [(one.subset, one.id) for one in first] == [("main", str(row)) for row in range(7)]
    assert subset.num == 7
    assert subset.files == (f"{tmp_path}/test.jsonl",)


def test_a_records_own_id_is_kept_where_the_benchmark_declares_it_unique(tmp_path):
    assert asked(load_from(lay_out(tmp_path, BOTH), quiz()), 1) == ["hard-0", "hard-1", "hard-2"]


def test_limit_counts_in_each_subset(tmp_path):
    loaded = load_from(lay_out(tmp_path, BOTH), quiz(), limit=2)
    assert [one.num for one in loaded.subsets] == [2, 2]
    assert asked(loaded) == ["easy-0", "easy-1"]


def test_a_share_is_taken_of_each_subset(tmp_path):
    assert [one.num for one in load_from(lay_out(tmp_path, BOTH), quiz(), limit=0.5).subsets] == [3, 2]


def test_max_samples_is_spread_over_the_subsets(tmp_path):
    loaded = load_from(lay_out(tmp_path, BOTH), quiz(), max_samples=5)
    assert [one.num for one in loaded.subsets] == [3, 2]
    assert asked(loaded) == ["easy-0", "easy-1", "easy-2"]


def test_max_samples_smaller_than_the_number_of_subsets_leaves_some_out_and_says_so(tmp_path):
    loaded = load_from(lay_out(tmp_path, BOTH), quiz(), max_samples=1)
    assert [one.name for one in loaded.subsets] == ["Quiz-Easy"]
    assert "leaves nothing for Quiz-Hard" in loaded.notes[0]


def test_limit_and_max_samples_both_hold(tmp_path):
    loaded = load_from(lay_out(tmp_path, BOTH), quiz(), limit=2, max_samples=3)
    assert [one.num for one in loaded.subsets] == [2, 1]


def test_faults_behind_the_limit_are_not_looked_for(tmp_path):
    lay_out(tmp_path, {"test.jsonl": as_jsonl(SUMS) + b"{torn\n", "train.jsonl": MORE_SUMS})
    assert load_from(tmp_path, limit=7).subsets[0].num == 7
    with pytest.raises(DatasetError, match=r"test\.jsonl:8: not JSON"):
        load_from(tmp_path)


def test_shuffle_changes_the_order_but_neither_ids_nor_fingerprint(tmp_path):
    lay_out(tmp_path, FILES)
    plain, mixed = load_from(tmp_path), load_from(tmp_path, shuffle=True)
    assert asked(mixed) != asked(plain)
    assert sorted(mixed.subsets[0].samples, key=lambda one: int(one.id)) == list(plain.subsets[0].samples)
    assert mixed.fingerprint == plain.fingerprint


def test_shuffle_is_drawn_by_seed_and_comes_before_the_limit(tmp_path):
    lay_out(tmp_path, FILES)
    whole = asked(load_from(tmp_path, shuffle=True))
    assert asked(load_from(tmp_path, shuffle=True, limit=3)) == whole[:3]
    assert asked(load_from(tmp_path, shuffle=True, seed=1)) != whole


def test_the_fingerprint_is_of_the_samples_that_are_asked(tmp_path):
    lay_out(tmp_path, FILES)
    prints = {
        load_from(tmp_path, **options).fingerprint
        for options in ({}, {"limit": 6}, {"limit": 6, "shuffle": True}, {"few_shot_num": 0}, {"seed": 43})
    }
    assert len(prints) == 5
    assert load_from(tmp_path, limit=6).fingerprint == load_from(tmp_path, max_samples=6).fingerprint


def test_the_fingerprint_stands_for_texts_and_targets(tmp_path):
    changed = ({**SUMS[0], "answer": "#### 3"}, *SUMS[1:])
    plain = load_from(lay_out(tmp_path / "a", FILES))
    other = load_from(lay_out(tmp_path / "b", {**FILES, "test.jsonl": changed}))
    assert plain.fingerprint != other.fingerprint


def test_subset_list_picks_subsets_in_the_order_of_reports(tmp_path):
    lay_out(tmp_path, BOTH)
    assert [one.name for one in load_from(tmp_path, quiz(), subset_list=["Quiz-Hard"]).subsets] == ["Quiz-Hard"]
    both = load_from(tmp_path, quiz(), subset_list=["Quiz-Hard", "Quiz-Easy"])
    assert both.fingerprint == load_from(tmp_path, quiz()).fingerprint


def test_an_unknown_subset_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(ConfigError, match="quiz has no subset 'quiz-esy'; did you mean 'Quiz-Easy'"):
        load_from(lay_out(tmp_path, BOTH), quiz(), subset_list=["quiz-esy"])


def test_another_split_can_be_asked(tmp_path):
    lay_out(tmp_path, {**FILES, "val.jsonl": SUMS[:3]})
    assert load_from(tmp_path, eval_split="validation").subsets[0].num == 3


def test_examples_are_drawn_without_replacement_and_put_in_file_order(tmp_path):
    lay_out(tmp_path, FILES)
    rows = shown(load_from(tmp_path, few_shot_num=5))
    assert rows == sorted(set(rows))
    assert rows == shown(load_from(tmp_path, few_shot_num=5, limit=1, shuffle=True))
    assert any(shown(load_from(tmp_path, few_shot_num=5, seed=seed)) != rows for seed in range(5))


def test_examples_are_complete_samples_of_the_few_shot_split(tmp_path):
    example = load_from(lay_out(tmp_path, FILES), few_shot_random=False).subsets[0].examples[1]
    assert (example.input, example.target, example.subset, example.id) == ("What is 21 plus one?", "22", "main", "1")
    assert example.metadata == {"reasoning": "Count."}


def test_the_first_examples_are_taken_where_they_are_not_random(tmp_path):
    assert shown(load_from(lay_out(tmp_path, FILES), few_shot_num=3, few_shot_random=False)) == [0, 1, 2]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_as_many_examples_as_there_are_come_in_file_order_whatever_the_seed(tmp_path, seed):
    assert shown(load_from(lay_out(tmp_path, FILES), few_shot_num=12, seed=seed)) == list(range(12))


@pytest.mark.parametrize("is_random", [True, False], ids=["random", "first"])
def test_more_examples_than_there_are_is_told_with_both_numbers(tmp_path, is_random):
    with pytest.raises(
        DatasetError, match=r"13 few-shot examples are asked for, and .* holds 12; set few_shot_num to 12"
    ):
        load_from(lay_out(tmp_path, FILES), few_shot_num=13, few_shot_random=is_random)


def test_a_default_number_of_examples_falls_to_none_where_their_split_is_missing(tmp_path, caplog):
    loaded = load_from(lay_out(tmp_path, {"test.jsonl": SUMS}))
    assert loaded.few_shot_num == 0
    assert loaded.subsets[0].examples == ()
    (note,) = loaded.notes
    assert "no few-shot split 'train'" in note
    assert "0 examples instead of 2" in note
    assert note in caplog.text


def test_a_number_of_examples_that_the_user_gave_needs_their_split(tmp_path):
    with pytest.raises(DatasetError, match=r"no few-shot split 'train' of 'main' beside .*few_shot_num is 2"):
        load_from(lay_out(tmp_path, {"test.jsonl": SUMS}), few_shot_num=2)


def test_no_examples_need_no_split(tmp_path):
    loaded = load_from(lay_out(tmp_path, {"test.jsonl": SUMS}), few_shot_num=0)
    assert (loaded.few_shot_num, loaded.notes) == (0, ())


def test_an_incomplete_few_shot_split_does_not_matter_without_examples(tmp_path):
    lay_out(tmp_path, {"test.jsonl": SUMS, "train-00000-of-00002.parquet": MORE_SUMS})
    assert load_from(tmp_path, few_shot_num=0).subsets[0].num == 7
    with pytest.raises(DatasetError, match=r"train-00001-of-00002\.parquet is missing"):
        load_from(tmp_path)


def test_examples_may_come_from_another_split(tmp_path):
    lay_out(tmp_path, {"test.jsonl": SUMS, "dev.jsonl": MORE_SUMS})
    loaded = load_from(tmp_path, few_shot_split="dev", few_shot_num=1, few_shot_random=False)
    assert loaded.subsets[0].examples[0].target == "21"


@pytest.mark.parametrize(
    "args",
    [{"eval_split": "train"}, {"few_shot_split": "test"}, {"eval_split": "val", "few_shot_split": "validation"}],
    ids=["asks train", "shows test", "synonyms"],
)
def test_examples_never_come_from_the_evaluated_split(tmp_path, args):
    with pytest.raises(ConfigError, match="the split that is asked"):
        load_from(lay_out(tmp_path, FILES), **args)


def test_the_few_shot_split_can_be_asked_without_examples(tmp_path):
    assert load_from(lay_out(tmp_path, FILES), eval_split="train", few_shot_num=0).subsets[0].num == 12


def test_examples_for_a_benchmark_that_knows_none_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="quiz is asked without examples"):
        load_from(lay_out(tmp_path, BOTH), quiz(), few_shot_num=1)


def test_choices_of_examples_keep_their_order(tmp_path):
    bench = replace(quiz(few_shot_split="train"), few_shot=sums().few_shot)
    files = {f"{subset}/{split}.jsonl": EASY for subset in ("Quiz-Easy", "Quiz-Hard") for split in ("test", "train")}
    loaded = load_from(lay_out(tmp_path, files), bench, shuffle_choices=True, few_shot_random=False)
    assert [one.choices[0] for one in loaded.subsets[0].examples] == ["0", "1"]


def test_shuffled_choices_are_refused_where_there_are_none(tmp_path):
    with pytest.raises(ConfigError, match=r"test\.jsonl:1: shuffle_choices is set, but the sample has no choices"):
        load_from(lay_out(tmp_path, FILES), shuffle_choices=True)


@pytest.mark.parametrize(
    ("official", "options", "is_noted"),
    [
        pytest.param(7, {}, False, id="equal"),
        pytest.param(8, {}, True, id="differs"),
        pytest.param(8, {"limit": 3}, True, id="behind the limit"),
        pytest.param(8, {"limit": 0.5}, True, id="share of the whole"),
        pytest.param(8, {"eval_split": "dev"}, False, id="another split"),
    ],
)
def test_another_number_of_records_than_the_official_one_is_noted(tmp_path, caplog, official, options, is_noted):
    lay_out(tmp_path, {**FILES, "dev.jsonl": SUMS})
    loaded = load_from(tmp_path, sums(num_records={"main": official}), **options)
    assert [note for note in loaded.notes if "has 7 records" in note and "officially there are 8" in note] == (
        list(loaded.notes) if is_noted else []
    )
    assert bool(loaded.notes) is is_noted is ("officially" in caplog.text)


def test_data_changed_between_check_and_reading_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("evalscope.sources.samples.MOST_KEPT_CHARACTERS", 10)
    loaded = load_from(lay_out(tmp_path, FILES))
    lay_out(tmp_path, {"test.jsonl": SUMS[:3]})
    with pytest.raises(DatasetError, match="held 7 samples to ask, and now 3"):
        list(loaded.subsets[0].samples)


def test_a_small_split_is_kept_and_not_read_again(tmp_path):
    loaded = load_from(lay_out(tmp_path, FILES))
    lay_out(tmp_path, {"test.jsonl": SUMS[:3]})
    assert len(list(loaded.subsets[0].samples)) == 7


def test_memory_stays_flat_in_the_number_of_samples(tmp_path):
    rows = as_jsonl({"question": f"{n} " + "word " * 300, "answer": f"#### {n}"} for n in range(8000))
    lay_out(tmp_path, {"test.jsonl": rows})
    del rows
    load_from(tmp_path, limit=1)
    gc.collect()
    tracemalloc.start()
    try:
        loaded = load_from(tmp_path)
        assert sum(len(sample.input) for sample in loaded.subsets[0].samples) > 12_000_000
        assert tracemalloc.get_traced_memory()[1] < 2_500_000
    finally:
        tracemalloc.stop()


def test_subsets_that_are_not_asked_by_default_are_asked_when_named(tmp_path):
    lay_out(tmp_path, BOTH)
    bench = quiz(asked_subsets=("Quiz-Easy",))
    assert [one.name for one in load_from(tmp_path, bench).subsets] == ["Quiz-Easy"]
    both = load_from(tmp_path, bench, subset_list=["Quiz-Hard", "Quiz-Easy"])
    assert [one.name for one in both.subsets] == ["Quiz-Easy", "Quiz-Hard"]
    with pytest.raises(ConfigError, match="has no subset 'Quiz'"):
        load_from(tmp_path, bench, subset_list=["Quiz"])


def test_the_only_subset_asked_by_default_needs_no_name_in_its_files(tmp_path):
    loaded = load_from(lay_out(tmp_path, {"test.jsonl": EASY}), quiz(asked_subsets=("Quiz-Easy",)))
    assert [one.name for one in loaded.subsets] == ["Quiz-Easy"]


def test_a_benchmark_may_shuffle_choices_always_those_of_its_examples_too(tmp_path):
    lay_out(tmp_path, {"Quiz-Easy/test.jsonl": EASY, "Quiz-Easy/train.jsonl": EASY})
    bench = replace(
        quiz(subsets=("Quiz-Easy",), few_shot_split="train"),
        few_shot=FewShot(num=5, answer=lambda sample: sample.target),
        shuffles_choices=True,
    )
    (subset,) = load_from(tmp_path, bench).subsets
    assert list(subset.samples) == list(subset.examples)
    assert len({sample.target for sample in subset.samples}) > 1


def test_records_behind_the_limit_are_counted_only_where_that_takes_no_parsing(tmp_path):
    lay_out(tmp_path, {"test.csv": SUMS})
    assert load_from(tmp_path, sums(num_shots=0, num_records={"main": 8}), limit=3).notes == ()


def test_examples_that_are_not_drawn_are_not_parsed(tmp_path):
    lines = as_jsonl(MORE_SUMS).splitlines(keepends=True)
    lay_out(tmp_path, {"test.jsonl": SUMS, "train.jsonl": MORE_SUMS})
    plain = load_from(tmp_path, few_shot_num=3)
    drawn = set(shown(plain))
    torn = [line if row in drawn else b"{torn\n" for row, line in enumerate(lines)]
    lay_out(tmp_path, {"train.jsonl": b"".join(torn)})
    assert load_from(tmp_path, few_shot_num=3).subsets[0].examples == plain.subsets[0].examples
    with pytest.raises(DatasetError, match=r"train\.jsonl:\d+: not JSON"):
        load_from(tmp_path, few_shot_num=12)


def test_blank_lines_are_no_examples(tmp_path):
    rows = b"\xef\xbb\xbf\n\n" + as_jsonl(MORE_SUMS).replace(b"\n", b"\r\n \n")
    lay_out(tmp_path, {"test.jsonl": SUMS, "train.jsonl": rows})
    assert shown(load_from(tmp_path, few_shot_num=12)) == list(range(12))
    with pytest.raises(DatasetError, match="holds 12"):
        load_from(tmp_path, few_shot_num=13)


def test_a_torn_archive_of_examples_is_named(tmp_path):
    packed = as_bytes("train.jsonl.gz", MORE_SUMS)[:-20]
    lay_out(tmp_path, {"test.jsonl": SUMS, "train.jsonl.gz": packed})
    with pytest.raises(DatasetError, match=r"train\.jsonl\.gz cannot be read"):
        load_from(tmp_path)


def test_shuffled_options_of_a_ranked_question_keep_their_labels(tmp_path):
    record = {
        "question": "What grows?",
        "mc1_targets": {"choices": ["grass", "stone", "iron"], "labels": [1, 0, 0]},
        "mc2_targets": {"choices": ["grass", "trees", "stone", "sand"], "labels": [1, 1, 0, 0]},
    }
    lay_out(tmp_path, {"mc_task.json": [{**record, "question": f"What grows, {n}?"} for n in range(8)]})
    (subset,) = load_from(
        tmp_path, find_benchmark("truthful_qa").variants["loglikelihood"], shuffle_choices=True
    ).subsets
    logprobs = {"grass": -1.0, "trees": -2.0, "stone": -3.0, "iron": -4.0, "sand": -5.0}
    samples = list(subset.samples)
    assert len({sample.choices for sample in samples}) > 1
    for sample in samples:
        score = TruthMatch()(write_logprobs(tuple(logprobs[choice] for choice in sample.choices)), sample)
        assert sample.choices["ABCDE".index(sample.target)] == "grass"
        assert score.values["mc1"] == 1.0
        assert score.values["mc2"] == pytest.approx(0.8990, abs=1e-4)
