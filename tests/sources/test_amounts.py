import pytest

from evalscope.sources.amounts import limited, spread


@pytest.mark.parametrize(
    ("num", "limit", "expected"),
    [
        (7, None, 7),
        (7, 3, 3),
        (7, 100, 7),
        (7, 1, 1),
        (7, 1.0, 7),
        (7, 0.5, 4),
        (7, 0.001, 1),
        (100, 0.07, 7),
        (30, 0.1, 3),
    ],
)
def test_limit_is_a_count_or_a_share_rounded_up(num, limit, expected):
    assert limited(num, limit) == expected


@pytest.mark.parametrize(
    ("nums", "most", "expected"),
    [
        pytest.param((5, 3), None, (5, 3), id="no cap"),
        pytest.param((5, 3), 8, (5, 3), id="enough for all"),
        pytest.param((5, 3), 100, (5, 3), id="more than there is"),
        pytest.param((2376, 1172), 100, (67, 33), id="in proportion"),
        pytest.param((10, 10, 10), 4, (2, 1, 1), id="equal remainders"),
        pytest.param((1000, 1, 1), 10, (8, 1, 1), id="small ones keep one"),
        pytest.param((1000, 1, 1), 3, (1, 1, 1), id="one each"),
        pytest.param((1000, 1, 1), 2, (2, 0, 0), id="too few for one each"),
        pytest.param((5,), 1, (1,), id="one"),
    ],
)
def test_cap_is_spread_over_subsets(nums, most, expected):
    assert spread(nums, most) == expected


@pytest.mark.parametrize("most", range(1, 70))
def test_a_spread_cap_is_used_up_and_no_subset_gives_more_than_it_has(most):
    nums = (1, 2, 3, 40, 5, 6, 7)
    given = spread(nums, most)
    assert sum(given) == min(most, sum(nums))
    assert all(one <= num for one, num in zip(given, nums, strict=True))
    assert min(given) >= 1 or most < len(nums)
