"""Quantiles of Student's t against the printed tables."""

import pytest

from evalscope.metrics.student import MANY_DEGREES, t_quantile

# Fisher & Yates 1963, "Statistical Tables", table III, with more digits from Abramowitz & Stegun, table 26.10
TABLE = {
    (0.975, 1): 12.706,
    (0.975, 2): 4.303,
    (0.975, 3): 3.182,
    (0.975, 4): 2.776,
    (0.975, 5): 2.571,
    (0.975, 10): 2.228,
    (0.975, 29): 2.045,
    (0.975, 30): 2.042,
    (0.975, 60): 2.000,
    (0.975, 120): 1.980,
    (0.995, 1): 63.657,
    (0.995, 7): 3.499,
    (0.995, 120): 2.617,
    (0.9, 4): 1.533,
}


@pytest.mark.parametrize(("asked", "expected"), TABLE.items(), ids=str)
def test_it_is_that_of_the_tables(asked, expected):
    assert t_quantile(*asked) == pytest.approx(expected, abs=5e-4)


def test_one_and_two_degrees_have_closed_forms():
    assert t_quantile(0.975, 1) == pytest.approx(12.706204736174706, rel=1e-12)  # tan(0.475 π)
    assert t_quantile(0.975, 2) == pytest.approx(0.95 / (2 * 0.975 * 0.025) ** 0.5, rel=1e-12)


@pytest.mark.parametrize("probability", [0.6, 0.9, 0.975, 0.995, 0.999])
def test_the_sum_and_the_expansion_meet(probability):
    """They are two formulas: neighbours on either side of the seam differ by the slope, and by nothing else."""
    below, first, second = (t_quantile(probability, MANY_DEGREES + step) for step in (-1, 0, 1))
    shrink = (below - first) / (first - second)
    assert shrink == pytest.approx(((MANY_DEGREES + 1) / (MANY_DEGREES - 1)), rel=2e-3)


def test_the_median_is_0_and_many_degrees_are_normal():
    assert t_quantile(0.5, 3) == pytest.approx(0.0, abs=1e-15)
    assert t_quantile(0.5, 300) == pytest.approx(0.0, abs=1e-15)
    assert t_quantile(0.975, 10**9) == pytest.approx(1.959963985, abs=1e-8)
