"""Runs held against each other: which samples count, what is refused, what is said."""

import math

import pytest

from evalscope.comparison.compare import compare
from evalscope.comparison.difference import Method, unpaired_difference
from evalscope.comparison.pairs import SampleName
from evalscope.comparison.read import read_entrants
from evalscope.comparison.words import remarks
from evalscope.core.report import OVERALL
from evalscope.errors import ConfigError
from evalscope.metrics.intervals import wilson
from tests.comparison.made_runs import Ended, right, write_run

ONE, TWO = right(1.0, 1.0, 0.0, 0.0), right(1.0, 0.0, 1.0, 0.0)


def compared(*paths, **settings):
    return list(compare(read_entrants(paths), **settings))


def both(tmp_path, first, later, **changed):
    """The comparison of two runs of gsm8k."""
    return compared(
        write_run(tmp_path / "a", {"gsm8k": first}), write_run(tmp_path / "b", {"gsm8k": later}, **changed)
    )[0]


def test_samples_are_compared_one_by_one(tmp_path):
    found = both(tmp_path, ONE, right(1.0, 1.0, 1.0, 0.0)).datasets[0]
    assert (found.difference.first, found.difference.later, found.difference.value) == (0.5, 0.75, 0.25)
    assert (found.difference.gained, found.difference.lost, found.difference.num) == (1, 0, 4)
    assert found.difference.test is Method.MCNEMAR


def test_flipped_samples_come_with_prompt_answers_and_verdicts(tmp_path):
    found = both(tmp_path, ONE, TWO).datasets[0]
    (lost,) = found.lost
    assert (lost.subset, lost.sample_id, lost.target, lost.before, lost.after) == ("main", "1", "right", 1.0, 0.0)
    assert lost.prompt == ({"role": "user", "content": "question 1?"},)
    assert [(one.text, one.outcome, one.found) for one in (*lost.first, *lost.later)] == [
        ("said", "correct", "said"),
        ("said", "wrong", "said"),
    ]
    assert [flip.sample_id for flip in found.gained] == ["2"]


def test_failures_and_missing_samples_are_left_out_and_counted(tmp_path):
    first = right(1.0, 1.0, None, None, 0.0)
    later = [*right(1.0, None, 1.0, None), Ended("9", 1.0)]
    comparison = both(tmp_path, first, later)
    found = comparison.datasets[0]
    assert (found.difference.num, found.difference.later) == (1, 1.0)
    assert (found.unpaired.only_first, found.unpaired.only_later, found.unpaired.neither) == (2, 2, 1)
    assert (
        "gsm8k: 5 samples are not compared (2 scored in the first run only, 2 in the later run only, 1 in none)"
        in remarks(comparison)
    )


def test_repeats_are_averaged_first_and_failed_ones_left_out(tmp_path):
    first = [Ended("0", value, repeat=repeat) for repeat, value in enumerate((1.0, 0.0, None))]
    later = [Ended("0", value, repeat=repeat) for repeat, value in enumerate((1.0, 1.0, 0.0))]
    found = both(tmp_path, [*first, Ended("1", 1.0)], [*later, Ended("1", 1.0)]).datasets[0]
    assert found.difference.num == 2
    assert found.difference.first == 0.75
    assert found.difference.later == pytest.approx(5 / 6)
    assert found.difference.test is Method.BOOTSTRAP
    assert [len(found.gained[0].first), len(found.gained[0].later)] == [3, 3]


def test_samples_of_a_group_are_tested_together(tmp_path):
    first = [Ended(str(index), 1.0, group=f"p{index // 4}") for index in range(40)]
    later = [Ended(str(index), float(index // 4 != 3), group=f"p{index // 4}") for index in range(40)]
    comparison = both(tmp_path, first, later)
    found = comparison.datasets[0].difference
    assert (found.test, found.num_groups, found.lost) == (Method.SIGN_FLIPS, 10, 4)
    assert found.p == 1.0  # one group of ten
    assert "gsm8k: 40 samples in 10 groups" in remarks(comparison)


def test_groups_that_reviews_do_not_name_are_missed_aloud(tmp_path):
    comparison = both(tmp_path, ONE, TWO, row={"num_groups": 2})
    assert any("come in groups, which the stored reviews do not name" in line for line in remarks(comparison))


def test_holm_counts_all_data_sets_and_the_whole(tmp_path):
    first = {"arc": right(*[1.0] * 8), "gsm8k": right(*[1.0] * 30)}
    later = {"arc": right(*[0.0] * 8), "gsm8k": right(*[1.0] * 29, 0.0)}
    found = compared(write_run(tmp_path / "a", first), write_run(tmp_path / "b", later))[0].datasets
    assert [one.dataset for one in found] == ["arc", "gsm8k", OVERALL]
    assert [one.difference.p for one in found] == [2 / 256, 1.0, 2 / 512]
    assert [one.p_holm for one in found] == [pytest.approx(4 / 256), 1.0, pytest.approx(6 / 512)]
    assert found[2].difference.num == 38
    assert not found[2].lost


def test_groups_of_two_data_sets_are_not_the_same(tmp_path):
    ends = [Ended(str(index), float(index % 2), group="1") for index in range(4)]
    later = [end._replace(value=1.0) for end in ends]
    found = compared(
        write_run(tmp_path / "a", {"race": ends, "drop": ends}),
        write_run(tmp_path / "b", {"race": later, "drop": later}),
    )[0].datasets
    assert [one.difference.num_groups for one in found] == [1, 1, 2]
    assert math.isnan(found[0].difference.ci_low)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"report": {"data_fingerprint": "other"}}, "data: da7a (10 samples) against other"),
        ({"asked": {"template_digest": "x", "template": "Question (new): {question}"}}, "wording of the prompt"),
        ({"asked": {"few_shot_num": 0}}, "number of examples: 4 against 0"),
        ({"asked": {"split": "dev"}}, "split: test against dev"),
    ],
    ids=["data", "prompt", "examples", "split"],
)
def test_runs_that_were_asked_otherwise_are_refused_with_what_differs(changed, told, tmp_path):
    with pytest.raises(ConfigError) as refused:
        both(tmp_path, ONE, TWO, **changed)
    assert f"gsm8k: {told}" in str(refused.value)
    assert "--unpaired" in str(refused.value)


def test_the_place_where_two_prompts_part_is_shown(tmp_path):
    with pytest.raises(ConfigError, match=r"'Question: {question}' against 'Question. {question}'"):
        both(tmp_path, ONE, TWO, asked={"template_digest": "x", "template": "Question. {question}"})


def test_examples_that_differ_are_refused_by_subset(tmp_path):
    digests = [{"asked": {"examples_digests": {"main": digest, "socratic": "s"}}} for digest in ("m", "n")]
    paths = [write_run(tmp_path / str(index), {"gsm8k": ONE}, **one) for index, one in enumerate(digests)]
    with pytest.raises(ConfigError, match="examples: those of the first run in main against others"):
        compared(*paths)


def test_options_shuffled_by_another_seed_are_another_prompt(tmp_path):
    ways = [{"asked": {"shuffle_choices": True, "seed": seed}} for seed in (1, 2)]
    paths = [write_run(tmp_path / str(index), {"arc": ONE}, **one) for index, one in enumerate(ways)]
    with pytest.raises(ConfigError, match="seed that shuffles options: 1 against 2"):
        compared(*paths)
    plain = [write_run(tmp_path / f"p{seed}", {"arc": ONE}, asked={"seed": seed}) for seed in (1, 2)]
    assert compared(*plain)[0].datasets[0].difference.value == 0


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"asked": {"generation": {"temperature": 0.6, "max_tokens": 2048}}}, "gsm8k: temperature: 0.0 against 0.6"),
        ({"asked": {"generation": {"temperature": 0.0}}}, "gsm8k: max_tokens: 2048 against left to the model"),
        ({"asked": {"repeats": 4}}, "gsm8k: repeats: 1 against 4"),
        (
            {"report": {"judged": {"judges": ["j"], "rubric_digests": {"j": "d"}}}},
            "gsm8k: judged by: rule against j (d)",
        ),
        (
            {"asked": {"answered_by": "predictions", "few_shot_num": 0, "template_digest": "x"}},
            "gsm8k: answers made elsewhere: how they were asked is not known",
        ),
    ],
    ids=["temperature", "limit", "repeats", "judge", "predictions"],
)
def test_what_else_differs_is_told_and_not_refused(changed, told, tmp_path):
    assert told in remarks(both(tmp_path, ONE, TWO, **changed))


def test_unpaired_runs_are_compared_as_two_samples(tmp_path):
    interval = {"ci_low": 0.15, "ci_high": 0.85}
    first = write_run(tmp_path / "a", {"gsm8k": ONE}, row=interval)
    later = write_run(
        tmp_path / "b", {"gsm8k": right(1.0, 1.0, 1.0)}, row={"ci_low": 0.4, "ci_high": 1.0}, asked={"few_shot_num": 0}
    )
    comparison = compared(first, later, takes_unpaired=True)[0]
    (found,) = comparison.datasets
    # Newcombe's method 10, by hand
    assert found.difference.value == 0.5
    assert found.difference.ci_low == pytest.approx(0.5 - math.hypot(0.6, 0.35))
    assert found.difference.ci_high == pytest.approx(0.5 + math.hypot(0.0, 0.35))
    assert found.difference.p == pytest.approx(
        2 * (1 - 0.5 * math.erfc(-1.959964 * 0.5 / math.hypot(0.6, 0.35) / 2**0.5))
    )
    assert (found.difference.test, found.gained, found.lost) == (Method.TWO_SAMPLES, (), ())
    assert "gsm8k: compared as two samples, for the runs differ" in remarks(comparison)


def test_newcombes_example_of_two_samples():
    # Newcombe 1998, Statistics in Medicine 17:873-890, table II: 56/70 against 48/80, method 10: 0.0524 to 0.3339
    rows = [
        {"score": share, "num": num, "ci_low": wilson(share, num)[0], "ci_high": wilson(share, num)[1]}
        for share, num in ((48 / 80, 80), (56 / 70, 70))
    ]
    found = unpaired_difference(*rows)
    assert (found.ci_low, found.ci_high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


def test_data_sets_that_are_not_in_both_are_named(tmp_path):
    first = write_run(tmp_path / "a", {"gsm8k": ONE, "arc": ONE})
    later = write_run(tmp_path / "b", {"gsm8k": TWO, "bbh": ONE}, model="n")
    comparison = compared(first, later)[0]
    assert list(remarks(comparison))[-2:] == ["only in m: arc", "only in n: bbh"]
    with pytest.raises(ConfigError, match="no data set in common"):
        compared(first, write_run(tmp_path / "c", {"mmlu": ONE}))


def test_runs_bear_the_shortest_names_that_tell_them_apart(tmp_path):
    paths = [
        write_run(tmp_path / "a", {"gsm8k": ONE}, model="m"),
        write_run(tmp_path / "b", {"gsm8k": ONE}, model="n"),
        write_run(tmp_path / "c", {"gsm8k": ONE}, model="m"),
        write_run(tmp_path / "other" / "a", {"gsm8k": ONE}, model="m"),
    ]
    assert [one.label for one in read_entrants(paths[:2])] == ["m", "n"]
    assert [one.label for one in read_entrants(paths[:3])] == ["a", "b", "c"]
    assert [one.label for one in read_entrants([paths[0], paths[3]])] == [f"{path}/m" for path in (paths[0], paths[3])]


def test_a_refusal_shows_hostile_names_harmlessly(tmp_path):
    paths = [
        write_run(
            tmp_path / name, {"gsm8k": ONE}, model=model, report={"data_fingerprint": name}, asked={"split": model}
        )
        for name, model in (("a", "\x1b[31m"), ("b", "x"))
    ]
    with pytest.raises(ConfigError) as refused:
        compared(*paths)
    assert "\\x1b[31m" in str(refused.value)
    assert "\x1b" not in str(refused.value)


def test_several_models_of_one_run_are_runs_of_their_own(tmp_path):
    write_run(tmp_path / "a", {"gsm8k": ONE}, model="m")
    write_run(tmp_path / "a", {"gsm8k": TWO}, model="n")
    (found,) = compared(tmp_path / "a")
    assert (found.first, found.later) == ("m", "n")


def test_every_later_run_is_held_against_the_first(tmp_path):
    paths = [write_run(tmp_path / name, {"gsm8k": ONE}, model=name) for name in "abc"]
    assert [(one.first, one.later) for one in compared(*paths)] == [("a", "b"), ("a", "c")]


def test_a_run_without_a_report_or_named_twice_is_refused(tmp_path):
    path = write_run(tmp_path / "a", {"gsm8k": ONE})
    with pytest.raises(ConfigError, match="named twice"):
        read_entrants([path, path])
    for report in path.glob("reports/*/*.json"):
        report.write_text("{}")
    with pytest.raises(ConfigError, match="holds no report yet"):
        read_entrants([path])


def test_rows_that_are_torn_or_no_numbers_are_passed_over(tmp_path):
    paths = [write_run(tmp_path / name, {"gsm8k": ONE}, model=name) for name in "ab"]
    with (paths[1] / "reviews" / "b" / "gsm8k_main.jsonl").open("ab") as file:
        file.write(b'{"dataset": "gsm8k", "subset": ["x"], "sample_id": "8", "repeat": 0}\n')
        file.write(b'{"dataset": "gsm8k", "subset": "main", "sample_id": "9", "repeat": 0, "outcome": "correct", ')
        file.write(b'"scores": {"acc": null}}\n\xff\xfe\n{"dataset": "gsm8k", "sub')
    found = compared(*paths)[0].datasets[0]
    assert (found.difference.num, found.unpaired.num) == (4, 1)
    assert SampleName("main", "9") not in {SampleName(one.subset, one.sample_id) for one in found.lost}


def test_two_data_sets_whose_rows_share_a_file_are_kept_apart(tmp_path):
    runs = [
        {"a": [Ended("0", value, text="of a", subset="b_c")], "a_b": [Ended("0", 1 - value, text="of a_b", subset="c")]}
        for value in (1.0, 0.0)
    ]
    paths = [write_run(tmp_path / str(index), run) for index, run in enumerate(runs)]
    first, second, _ = compared(*paths)[0].datasets
    assert [first.lost[0].first[0].text, second.gained[0].first[0].text] == ["of a", "of a_b"]
