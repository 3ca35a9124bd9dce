"""McNemar's test and Tango's interval: known answers, errors of the first kind, coverage."""

import itertools
import math

import pytest

from evalscope.comparison.mcnemar import mcnemar, paired_interval
from evalscope.metrics.intervals import Z_95


def binomial(num: int, count: int, chance: float) -> float:
    if not 0 < chance < 1:
        return float(count == num * chance)
    logarithm = math.lgamma(num + 1) - math.lgamma(count + 1) - math.lgamma(num - count + 1)
    return math.exp(logarithm + count * math.log(chance) + (num - count) * math.log1p(-chance))


def test_it_gives_what_the_literature_gives():
    # Fagerland, Lydersen & Laake 2013, table 1 (Bentur et al. 2009, airways of 21 children): 7 against 1
    found = mcnemar(1, 7)
    assert (found.exact, found.mid) == (pytest.approx(0.0703, abs=5e-5), pytest.approx(0.0391, abs=5e-5))


def test_tangos_interval_of_the_same_children():
    # Fagerland, Lydersen & Laake 2014, "Recommended tests and confidence intervals for paired binomial proportions"
    low, high = paired_interval(1, 7, 21, Z_95)
    assert (low, high) == (pytest.approx(-0.517, abs=5e-4), pytest.approx(-0.026, abs=5e-4))


def test_who_is_first_does_not_matter():
    for gained, lost in itertools.product(range(8), repeat=2):
        assert mcnemar(gained, lost) == mcnemar(lost, gained)
        low, high = paired_interval(gained, lost, 20, Z_95)
        assert paired_interval(lost, gained, 20, Z_95) == (pytest.approx(-high), pytest.approx(-low))


def test_where_runs_agree_nothing_is_significant_and_the_interval_has_a_width():
    assert mcnemar(0, 0) == (1.0, 1.0)
    low, high = paired_interval(0, 0, 50, Z_95)
    assert -0.08 < low < 0 < high < 0.08
    assert high == pytest.approx(Z_95**2 / (50 + Z_95**2))  # its closed form there
    assert paired_interval(5, 0, 5, Z_95)[1] == 1.0


def test_thousands_of_samples_do_not_underflow():
    found = mcnemar(5200, 4800)
    assert found.mid == pytest.approx(math.erfc(400 / math.sqrt(10_000) / math.sqrt(2)), rel=2e-3)
    assert 0 < mcnemar(0, 1000).exact < 1e-200


def test_the_exact_test_never_finds_too_much_among_equals():
    for num in range(1, 301):
        chance = sum(
            binomial(num, gained, 0.5) for gained in range(num + 1) if mcnemar(gained, num - gained).exact < 0.05
        )
        assert chance <= 0.05


@pytest.mark.parametrize("expected", [10, 15, 20, 30, 50, 80, 120])
@pytest.mark.parametrize("discordant", [0.05, 0.1, 0.3])
def test_mid_p_finds_4_to_5_3_percent_among_equals(expected, discordant):
    num = round(expected / discordant)
    found = 0.0
    for changed in range(min(num, 4 * expected) + 1):
        alarms = sum(
            binomial(changed, gained, 0.5)
            for gained in range(changed + 1)
            if mcnemar(gained, changed - gained).mid < 0.05
        )
        found += binomial(num, changed, discordant) * alarms
    assert 0.04 <= found <= 0.053


@pytest.mark.parametrize("gained", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("lost", [0.05, 0.2])
def test_the_interval_holds_the_difference(gained, lost):
    """By the trinomial sum over all that 40 samples can give."""
    num, held = 40, 0.0
    for better in range(num + 1):
        for worse in range(num - better + 1):
            low, high = paired_interval(better, worse, num, Z_95)
            if low <= gained - lost <= high:
                chance = binomial(num, better, gained) * binomial(num - better, worse, lost / (1 - gained))
                held += chance
    assert 0.935 <= held <= 0.985
