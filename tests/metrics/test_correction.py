"""A judged share corrected for the judge: known answers, what is refused, and that the interval holds the truth."""

import itertools
import math
import random

import pytest

from evalscope.metrics.correction import JudgeCheck, correct_share
from evalscope.metrics.intervals import wilson

DRAWS = 2000


def checked(sensitivity: float, specificity: float, num: int = 100) -> JudgeCheck:
    return JudgeCheck(
        num_right=num,
        num_right_found=round(sensitivity * num),
        num_wrong=num,
        num_wrong_found=round(specificity * num),
    )


def test_the_estimate_is_that_of_rogan_and_gladen():
    # 23 of 150 cows tested positive, sensitivity 96 %, specificity 89 %: the manual of epiR's epi.prev, 5.1 of 100
    assert correct_share(23 / 150, 150, checked(0.96, 0.89)).value == pytest.approx(0.051, abs=5e-4)


def test_the_shares_of_a_stub_judge_come_out_as_they_must():
    right, sensitivity, specificity = 0.6, 0.9, 0.8
    judged = right * sensitivity + (1 - right) * (1 - specificity)
    found = correct_share(judged, 1000, checked(sensitivity, specificity, 500))
    assert found.value == pytest.approx(right)
    assert found.ci_low < right < found.ci_high


def test_its_error_holds_that_of_the_labels():
    check = checked(0.9, 0.8)
    variance = 0.62 * 0.38 / 1000 + 0.6**2 * 0.9 * 0.1 / 100 + 0.4**2 * 0.8 * 0.2 / 100
    assert correct_share(0.62, 1000, check).stderr == pytest.approx(math.sqrt(variance) / 0.7)
    few, many = (correct_share(0.62, 1000, checked(0.9, 0.8, num)) for num in (50, 5000))
    assert few.ci_high - few.ci_low > 2 * (many.ci_high - many.ci_low)


def test_the_interval_is_that_of_lang_and_reiczigel():
    # step by step, 24 of 60 judged right: adjusted estimate 0.28894, its error 0.11081, the shift -0.01317
    found = correct_share(24 / 60, 60, checked(0.9, 0.8, 50))
    assert (found.ci_low, found.ci_high) == (pytest.approx(0.05858, abs=5e-6), pytest.approx(0.49297, abs=5e-6))


def test_with_a_judge_that_is_always_right_the_share_stays_as_it_is():
    found = correct_share(0.3, 500, checked(1.0, 1.0, 100_000))
    assert found.value == pytest.approx(0.3)
    assert (found.ci_low, found.ci_high) == pytest.approx(wilson(0.3, 500), abs=2e-3)


@pytest.mark.parametrize(("share", "value"), [(0.0, 0.0), (0.02, 0.0), (0.97, 1.0), (1.0, 1.0)])
def test_it_stays_between_none_and_all(share, value):
    found = correct_share(share, 200, checked(0.9, 0.9))
    assert found.value == value
    assert 0 <= found.ci_low <= found.value <= found.ci_high <= 1


def test_of_no_judged_sample_there_is_nothing_to_correct():
    assert math.isnan(correct_share(math.nan, 0, checked(0.9, 0.9)).value)


@pytest.mark.parametrize(
    "check",
    [checked(0.5, 0.5), checked(0.6, 0.5), checked(0.2, 0.3), checked(0.7, 0.7, 10)],
    ids=["a coin", "perhaps a coin", "worse than a coin", "too few labels"],
)
def test_a_judge_that_may_be_no_better_than_a_coin_corrects_nothing(check):
    assert check.least_skill <= 0
    with pytest.raises(ValueError, match="no better than a coin"):
        correct_share(0.5, 100, check)


def test_a_judge_whose_skill_is_certain_is_taken():
    # sensitivity 0.70 (0.604 to 0.781), specificity 0.60 (0.502 to 0.691): the skill is 0.30, 0.137 at least
    assert checked(0.7, 0.6).least_skill == pytest.approx(0.3 - math.hypot(0.7 - 0.6042, 0.6 - 0.5020), abs=2e-4)
    assert correct_share(0.55, 1000, checked(0.7, 0.6)).value == pytest.approx(0.5)


@pytest.mark.parametrize(
    "counts",
    [(0, 0, 10, 9), (10, 9, 0, 0), (10, 11, 10, 9), (10, 9, 10, -1)],
    ids=["none right", "none wrong", "more found than there are", "fewer than none"],
)
def test_counts_that_cannot_be_are_refused(counts):
    names = ("num_right", "num_right_found", "num_wrong", "num_wrong_found")
    with pytest.raises(ValueError, match=r"right|wrong"):
        JudgeCheck(**dict(zip(names, counts, strict=True)))


def binomial(rng: random.Random, num: int, share: float) -> list[int]:
    def log_weight(k: int) -> float:
        ways = math.lgamma(num + 1) - math.lgamma(k + 1) - math.lgamma(num - k + 1)
        return ways + k * math.log(share) + (num - k) * math.log1p(-share)

    return rng.choices(range(num + 1), [math.exp(log_weight(k)) for k in range(num + 1)], k=DRAWS)


def held(right: float, sensitivity: float, specificity: float, num: int, num_labels: int) -> tuple[float, float]:
    """How often the interval holds the truth, and how often one does that takes the labels for the whole truth."""
    rng = random.Random(f"{right} {sensitivity} {specificity} {num} {num_labels}")
    judged = binomial(rng, num, right * sensitivity + (1 - right) * (1 - specificity))
    found_right, found_wrong = (binomial(rng, num_labels, share) for share in (sensitivity, specificity))
    ours = careless = 0
    for count, right_found, wrong_found in zip(judged, found_right, found_wrong, strict=True):
        check = JudgeCheck(
            num_right=num_labels, num_right_found=right_found, num_wrong=num_labels, num_wrong_found=wrong_found
        )
        estimate = correct_share(count / num, num, check)
        ours += estimate.ci_low <= right <= estimate.ci_high
        low, high = ((end + check.specificity - 1) / check.skill for end in wilson(count / num, num))
        careless += low <= right <= high
    return ours / DRAWS, careless / DRAWS


GRID = tuple(itertools.product((0.2, 0.5, 0.8), (0.75, 0.9), (0.75, 0.9), (200, 1000), (100,)))


@pytest.fixture(scope="module")
def coverage() -> list[tuple[float, float]]:
    return [held(*cell) for cell in GRID]


def test_the_interval_holds_the_truth_all_over_the_grid(coverage):
    assert all(0.93 <= ours <= 0.98 for ours, _ in coverage)


def test_taking_the_labels_for_the_whole_truth_does_not_hold_it(coverage):
    with_many_samples = [careless for (*_, num, _), (_, careless) in zip(GRID, coverage, strict=True) if num == 1000]
    assert all(0.5 < careless < 0.8 for careless in with_many_samples)
    assert sum(careless > 0.63 for careless in with_many_samples) > len(with_many_samples) / 2
