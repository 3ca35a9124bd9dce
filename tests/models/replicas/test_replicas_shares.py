import pytest

from evalscope.models.replicas.shares import share


@pytest.mark.parametrize(
    ("per_node", "num", "expected"),
    [
        ([8], 2, 4),
        ([8], 3, 2),
        ([8], 8, 1),
        ([4, 4], 2, 4),
        ([4, 4], 3, 2),
        ([3, 3], 3, 1),
        ([3, 3], 2, 3),
        ([8, 2], 2, 4),
        ([2], 4, 0.5),
        ([1], 3, 0.3333),
        ([1, 1], 3, 0.5),
        ([], 2, 0),
        ([0], 2, 0),
        ([1], 1000, 0.01),
    ],
)
def test_a_share_is_the_largest_that_fits_as_often_as_it_must(per_node, num, expected):
    assert share(per_node, num) == expected


def test_shares_that_are_parts_of_a_core_fit_as_ray_counts_them():
    assert 7 * share([1], 7) <= 1
