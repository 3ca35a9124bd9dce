"""How many samples of each subset are asked."""

import math
from collections.abc import Sequence
from fractions import Fraction


def limited(num: int, limit: int | float | None) -> int:
    """How many of `num` samples a limit leaves: a count if it is whole, else that share, rounded up, at least 1."""
    if limit is None:
        return num
    if isinstance(limit, int):
        return min(num, limit)
    # the fraction as it was written: 0.07 of 100 is 7, but 8 when a binary 0.07 is rounded up
    return min(num, max(1, math.ceil(Fraction(str(limit)) * num)))


def spread(nums: Sequence[int], most: int | None) -> tuple[int, ...]:
    """Caps the samples of several subsets at `most` together, in proportion to what they have.

    Shares are rounded by the largest remainder, the earlier subset first where two are equal; every subset keeps at
    least 1, unless there are more subsets than `most`.

    Args:
        nums: samples that each subset has, at least 1.
        most: samples to ask in all, at least 1; None for no cap.
    """
    total = sum(nums)
    if most is None or most >= total:
        return tuple(nums)
    quotas = [Fraction(num * most, total) for num in nums]
    given = [math.floor(quota) if most < len(nums) else max(1, math.floor(quota)) for quota in quotas]
    while (left := most - sum(given)) != 0:
        step = 1 if left > 0 else -1
        movable = [place for place, num in enumerate(given) if step > 0 or num > 1]
        # the subset that has least (or most) beside what is due to it
        chosen = max(movable, key=lambda place: (step * (quotas[place] - given[place]), -place))
        given[chosen] += step
    return tuple(given)


def allot(total: int, weights: Sequence[float], most: Sequence[int]) -> tuple[int, ...]:
    """Shares `total` out by weight, none beyond what is there; what one cannot take goes to the others by weight.

    Shares are rounded by the largest remainder, the earlier one first where two are equal.

    Args:
        total: at most the sum of `most`.
        weights: over 0.
        most: how many each may be given.
    """
    exact = [Fraction(str(weight)) for weight in weights]
    full: set[int] = set()
    while True:
        open_places = [place for place in range(len(exact)) if place not in full]
        left = total - sum(most[place] for place in full)
        whole = sum(exact[place] for place in open_places)
        quotas = {place: left * exact[place] / whole for place in open_places}
        too_many = {place for place in open_places if quotas[place] > most[place]}
        if not too_many:
            break
        full |= too_many
    given = {place: most[place] for place in full} | {place: math.floor(quota) for place, quota in quotas.items()}
    by_remainder = sorted(open_places, key=lambda place: (given[place] - quotas[place], place))
    for place in by_remainder[: total - sum(given.values())]:
        given[place] += 1
    return tuple(given[place] for place in range(len(exact)))
