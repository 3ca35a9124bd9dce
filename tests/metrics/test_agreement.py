"""Kappas with known answers from the literature, and where there are none."""

import math
import random

import pytest

from evalscope.metrics.agreement import cohen_kappa, fleiss_kappa, share_of_disagreement


def spread(*rows: str) -> list[list[int]]:
    """One row a sample, one digit a category: how many raters chose it."""
    return [[category for category, times in enumerate(row) for _ in range(int(times))] for row in rows]


# two clinicians' diagnoses of 100 patients: Fleiss, Levin & Paik 2003, "Statistical Methods for Rates and
# Proportions", table 18.1
CLINICIANS = ((75, 1, 4), (5, 4, 1), (0, 0, 10))

# six psychiatrists, 30 patients, five diagnoses: Fleiss 1971, table 1
PSYCHIATRISTS = spread(
    *("00060", "03003", "01401", "00006", "03030", "20400", "00402", "20310", "20040", "00006"),
    *("10050", "11040", "03300", "10050", "02031", "00501", "30012", "51000", "02040", "10203"),
    *("00006", "01050", "02013", "20040", "10041", "05010", "40002", "02040", "10500", "00006"),
)


def pairs(table) -> tuple[list[int], list[int]]:
    cells = [(row, column, num) for row, nums in enumerate(table) for column, num in enumerate(nums)]
    return (
        [row for row, _, num in cells for _ in range(num)],
        [column for _, column, num in cells for _ in range(num)],
    )


def test_cohens_kappa_is_that_of_the_textbook():
    found = cohen_kappa(*pairs(CLINICIANS))
    assert found.num == 100
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert found.stderr == pytest.approx(0.0877, abs=5e-5)
    assert (found.ci_low, found.ci_high) == (pytest.approx(0.5046, abs=5e-5), pytest.approx(0.8484, abs=5e-5))


def test_fleiss_kappa_is_that_of_the_paper():
    found = fleiss_kappa(PSYCHIATRISTS)
    assert (found.num, found.value) == (30, pytest.approx(0.430, abs=5e-4))
    # the jackknife over patients gives 0.0551; the formula, with ddof 1, 0.0542
    assert found.stderr * math.sqrt(30 / 29) == pytest.approx(0.0542, abs=5e-5)


def test_the_order_of_raters_does_not_count_for_fleiss():
    rng = random.Random(3)
    shuffled = [rng.sample(given, len(given)) for given in PSYCHIATRISTS]
    assert fleiss_kappa(shuffled) == pytest.approx(fleiss_kappa(PSYCHIATRISTS))


def test_it_does_not_matter_who_is_called_the_first_rater():
    first, second = pairs(CLINICIANS)
    assert cohen_kappa(second, first).value == pytest.approx(cohen_kappa(first, second).value)
    assert cohen_kappa(second, first).stderr == pytest.approx(cohen_kappa(first, second).stderr)


def test_chance_alone_gives_about_zero():
    rng = random.Random(1)
    first, second = (rng.choices("abc", (6, 3, 1), k=4000) for _ in range(2))
    found = cohen_kappa(first, second)
    assert abs(found.value) < 3 * found.stderr < 0.06


def test_full_agreement_is_one_and_leaves_doubt():
    found = cohen_kappa("abaab", "abaab")
    assert (found.value, found.ci_high) == (1.0, 1.0)
    assert found.ci_low < 0.2
    assert cohen_kappa("abaab" * 40, "abaab" * 40).ci_low > 0.9
    assert fleiss_kappa(["aaa", "bbb"] * 3).value == 1.0


def test_full_disagreement_is_minus_one():
    found = cohen_kappa("ab" * 10, "ba" * 10)
    assert (found.value, found.ci_low) == (pytest.approx(-1.0), pytest.approx(-1.0))
    assert -1 < found.ci_high < 0


@pytest.mark.parametrize(
    "found",
    [cohen_kappa("aaaa", "aaaa"), fleiss_kappa(["aaa", "aaa"])],
    ids=["two raters", "several"],
)
def test_where_only_one_category_occurs_agreement_beyond_chance_is_unknown(found):
    assert math.isnan(found.value)
    assert math.isnan(found.ci_low)
    assert found.num > 0


def test_of_nothing_there_is_no_kappa():
    assert cohen_kappa([], []).num == fleiss_kappa([]).num == 0
    assert math.isnan(share_of_disagreement([]).value)


def test_raters_must_have_rated_the_same():
    with pytest.raises(ValueError, match="3 samples, the other 2"):
        cohen_kappa("aba", "ab")
    with pytest.raises(ValueError, match=r"\[2, 3\] ratings"):
        fleiss_kappa(["aa", "aba"])
    with pytest.raises(ValueError, match=r"\[1\] ratings"):
        fleiss_kappa(["a", "b"])


def test_the_interval_holds_the_truth():
    """Two raters who each copy a common truth, with known chances: kappa is known, and 93 to 97 % hold it."""
    rng, right = random.Random(7), 0.85
    agreed = right * right + (1 - right) * (1 - right)
    truth, held = (agreed - 0.5) / 0.5, 0
    for _ in range(1000):
        common = rng.choices((True, False), k=150)
        first, second = ([one == (rng.random() < right) for one in common] for _ in range(2))
        found = cohen_kappa(first, second)
        held += found.ci_low <= truth <= found.ci_high
    assert 0.93 <= held / 1000 <= 0.97


def test_disagreement_is_the_share_of_samples_on_which_not_all_say_the_same():
    found = share_of_disagreement(["aaa", "aab", "abc", "bb", "c"])
    assert (found.value, found.num) == (0.5, 4)
