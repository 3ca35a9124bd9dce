"""Tests that draw: they find nothing among equals, and what there is elsewhere."""

import itertools
import math
import random

import numpy as np
import pytest

from evalscope.comparison.difference import Method, paired_difference
from evalscope.comparison.drawing import paired_bootstrap, sign_flip_test
from evalscope.comparison.holm import holm
from evalscope.comparison.mcnemar import mcnemar
from evalscope.comparison.pairs import Pair, SampleName
from evalscope.comparison.power import num_needed


def pairs_of(*values: tuple[float, float], groups: list[str] | None = None) -> list[Pair]:
    return [
        Pair(name=SampleName("s", str(index)), group=groups[index] if groups else "", before=before, after=after)
        for index, (before, after) in enumerate(values)
    ]


@pytest.mark.parametrize("sums", [[1, 1, 1], [2, -1, 3, 0, 1], [0.5, 0.25, -0.25, 1.5], [1] * 9 + [-1] * 2], ids=str)
def test_signs_are_flipped_as_listing_all_of_them_would(sums):
    far = [abs(sum(sign * one for sign, one in zip(signs, sums, strict=True))) >= abs(sum(sums)) - 1e-9
           for signs in itertools.product((-1, 1), repeat=len(sums))]  # fmt: skip
    assert sign_flip_test(sums) == pytest.approx(sum(far) / len(far), abs=0.011)


def test_groups_that_all_agree_give_no_sign():
    assert sign_flip_test([0.0, 0.0]) == 1.0


def test_of_single_samples_it_is_mcnemars():
    assert sign_flip_test([1.0] * 30 + [-1.0] * 14) == pytest.approx(mcnemar(30, 14).exact, abs=0.004)


def test_the_same_numbers_give_the_same_p_and_an_exchange_of_runs_too():
    sums = [0.5 * (index % 5) - 0.75 for index in range(40)]
    assert sign_flip_test(sums) == sign_flip_test(sums) == sign_flip_test([-one for one in sums])
    forth, back = paired_bootstrap(sums), paired_bootstrap([-one for one in sums])
    assert forth.p == back.p
    assert (forth.ci_low, forth.ci_high) == (pytest.approx(-back.ci_high), pytest.approx(-back.ci_low))


@pytest.mark.slow
@pytest.mark.parametrize(("num_groups", "size"), [(10, 4), (40, 4), (100, 3)])
def test_the_grouped_test_finds_at_most_5_6_percent_among_equals(num_groups, size):
    rng, num, alarms = random.Random(11), 1200, 0
    for _ in range(num):
        pairs, groups = [], []
        for group in range(num_groups):
            level = rng.betavariate(0.7, 0.7)  # both runs find the same passages hard
            for _ in range(size):
                pairs.append((float(rng.random() < level), float(rng.random() < level)))
                groups.append(str(group))
        found = paired_difference(pairs_of(*pairs, groups=groups))
        assert found.test is Method.SIGN_FLIPS
        alarms += found.p < 0.05
    assert alarms / num <= 0.056


def test_the_bootstrap_of_a_mean_has_its_interval():
    rng = random.Random(2)
    values = [rng.gauss(0.1, 1) for _ in range(400)]
    found = paired_bootstrap(values)
    mean, stderr = np.mean(values), np.std(values, ddof=1) / 20
    assert (found.ci_low, found.ci_high) == (
        pytest.approx(mean - 1.96 * stderr, abs=0.01),
        pytest.approx(mean + 1.96 * stderr, abs=0.01),
    )
    assert found.p == pytest.approx(math.erfc(abs(mean) / stderr / math.sqrt(2)), abs=0.01)


@pytest.mark.slow
def test_the_bootstrap_finds_about_5_percent_among_equals():
    rng, num, alarms = random.Random(3), 600, 0
    for _ in range(num):
        alarms += paired_bootstrap([rng.random() - rng.random() for _ in range(120)]).p < 0.05
    assert 0.03 <= alarms / num <= 0.075


def test_holm_by_hand():
    # Holm 1979: the smallest times their number, then what remains, never falling
    assert holm([0.01, 0.04, 0.03, 0.005]) == (
        pytest.approx(0.03),
        pytest.approx(0.06),
        pytest.approx(0.06),
        pytest.approx(0.02),
    )
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


def test_holm_takes_no_notice_of_tests_that_were_not_made():
    found = holm([math.nan, 0.02, 0.03])
    assert math.isnan(found[0])
    assert found[1:] == (0.04, 0.04)


@pytest.mark.parametrize("shared", [0.0, 0.6], ids=["independent", "correlated"])
def test_holm_keeps_false_alarms_of_a_family_below_5_percent(shared):
    rng, num, alarms = random.Random(7), 4000, 0
    for _ in range(num):
        common = rng.gauss(0, 1)
        deviations = [math.sqrt(shared) * common + math.sqrt(1 - shared) * rng.gauss(0, 1) for _ in range(12)]
        alarms += min(holm([math.erfc(abs(one) / math.sqrt(2)) for one in deviations])) < 0.05
    assert alarms / num <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / num)


def test_the_plan_gives_the_known_numbers():
    assert [num_needed(0.02, discordant) for discordant in (0.05, 0.1, 0.2, 0.3)] == [979, 1960, 3923, 5885]


@pytest.mark.parametrize(("effect", "discordant", "power"), [(0.02, 0.1, 0.8), (0.05, 0.2, 0.9), (0.02, 0.3, 0.8)])
def test_so_many_samples_do_see_the_effect_so_often(effect, discordant, power):
    rng, num_draws = np.random.default_rng(5), 3000
    chances = [(discordant + effect) / 2, (discordant - effect) / 2, 1 - discordant]
    drawn = rng.multinomial(num_needed(effect, discordant, power), chances, size=num_draws)
    seen = sum(mcnemar(int(gained), int(lost)).mid < 0.05 for gained, lost, _ in drawn)
    assert seen / num_draws == pytest.approx(power, abs=0.025)


def test_an_effect_larger_than_the_disagreement_cannot_be():
    with pytest.raises(ValueError, match="effect of 0"):
        num_needed(0.2, 0.1)


def test_each_kind_of_sample_has_its_test():
    binary = [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] * 10
    assert paired_difference(pairs_of(*binary)).test is Method.MCNEMAR
    assert (
        paired_difference(pairs_of(*binary, groups=[str(index // 3) for index in range(30)])).test is Method.SIGN_FLIPS
    )
    assert paired_difference(pairs_of(*binary, groups=[str(index) for index in range(30)])).test is Method.MCNEMAR
    assert paired_difference(pairs_of(*binary, (0.5, 1.0))).test is Method.BOOTSTRAP
    assert paired_difference([]).test is Method.NONE


def test_a_difference_in_groups_has_the_groups_error():
    # by hand: differences 0.1, 0.1 | -0.1 | 0, 0.1; mean 0.04; what groups are above it: 0.12, -0.14, 0.02
    values = [(0, 0.1), (0, 0.1), (0.1, 0), (0.1, 0.1), (0, 0.1)]
    found = paired_difference(pairs_of(*values, groups=["a", "a", "b", "c", "c"]))
    stderr = math.sqrt(3 / 2 * (0.12**2 + 0.14**2 + 0.02**2)) / 5
    assert found.value == pytest.approx(0.04)
    assert (found.num, found.num_groups, found.gained, found.lost) == (5, 3, 3, 1)
    assert found.ci_low == pytest.approx(0.04 - 4.302653 * stderr, rel=1e-6)
    assert found.ci_high == pytest.approx(0.04 + 4.302653 * stderr, rel=1e-6)
    tenfold = paired_difference(pairs_of(*((10 * a, 10 * b) for a, b in values), groups=["a", "a", "b", "c", "c"]))
    assert (tenfold.ci_low, tenfold.ci_high) == (-1.0, 1.0)  # no difference of shares is larger


def test_without_any_change_there_is_no_interval_to_draw():
    found = paired_difference(pairs_of((0.5, 0.5), (0.25, 0.25)))
    assert (found.p, found.value) == (1.0, 0.0)
    assert math.isnan(found.ci_low)
