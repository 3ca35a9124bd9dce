"""How much of the nodes each replica gets."""

from collections.abc import Sequence

SMALLEST_SHARE = 0.01


def share(per_node: Sequence[float], num: int) -> float:
    """The largest part of which `num` fit on the nodes: a whole number, else a half, a third and so on.

    Args:
        per_node: cores or GPUs of each node; what lies on two nodes cannot be used together.
        num: replicas, at least 1.

    Returns:
        At least 0.01, rounded down to four digits as Ray counts; 0 where there is nothing to share.
    """
    for whole in range(int(max(per_node, default=0)), 0, -1):
        if sum(int(here / whole) for here in per_node) >= num:
            return float(whole)
    if sum(per_node) <= 0:
        return 0.0
    parts = 2
    while sum(int(here * parts) for here in per_node) < num and 1 / parts > SMALLEST_SHARE:
        parts += 1
    return int(10_000 / parts) / 10_000
