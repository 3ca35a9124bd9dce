"""Whether two runs differ in right answers, from the samples on which they disagree."""

import math
from typing import NamedTuple


class McNemar(NamedTuple):
    """Two-sided chances of so uneven a disagreement between equals.

    Attributes:
        exact: never too often small: at most 5 % of equals fall below 0.05.
        mid: half of the chance of the very disagreement seen is left out; about 5 % do.
    """

    exact: float
    mid: float


def mcnemar(num_gained: int, num_lost: int) -> McNemar:
    """The exact test and its mid-p, by binomial sums over the samples on which runs disagree; 1 where there are none.

    Args:
        num_gained: samples right in the later run only.
        num_lost: samples right in the first run only.

    Source: McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages";
        Fagerland, Lydersen & Laake 2013, "The McNemar test for binary matched-pairs data: mid-p and asymptotic are
        better than exact conditional".
    """
    num = num_gained + num_lost
    fewer = min(num_gained, num_lost)
    ways, below = 1, 0
    for count in range(fewer):
        below += ways
        ways = ways * (num - count) // (count + 1)
    everything = 1 << num  # whole numbers: floats would underflow at a thousand samples
    return McNemar(exact=min(1.0, 2 * (below + ways) / everything), mid=min(1.0, (2 * below + ways) / everything))


def paired_interval(num_gained: int, num_lost: int, num: int, z: float) -> tuple[float, float]:
    """Ends of the interval for the difference of two shares of the same samples, within [-1, 1].

    It holds the differences that McNemar's test, as a score test, would not refuse. It is not of zero width where no
    sample changed.

    Args:
        num_gained: samples right in the later run only.
        num_lost: samples right in the first run only.
        num: all samples, at least 1.
        z: half-width in standard errors.

    Source: Tango 1998, "Equivalence test and confidence interval for the difference in proportions for the
        paired-sample design".
    """
    difference = (num_gained - num_lost) / num

    def deviation(assumed: float) -> float:
        """How many standard errors the observed difference lies above an assumed one."""
        linear = (2 * num + num_lost - num_gained) * assumed - num_gained - num_lost
        constant = num_lost * assumed * (1 - assumed)
        lost = (math.sqrt(linear * linear + 8 * num * constant) - linear) / (4 * num)
        variance = num * (2 * lost + assumed * (1 - assumed))
        distance = num * (difference - assumed)
        return math.copysign(math.inf, distance) if variance <= 0 else distance / math.sqrt(variance)

    def end(inside: float, outside: float) -> float:
        for _ in range(60):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if abs(deviation(middle)) > z else (middle, outside)
        return inside

    return end(difference, -1.0), end(difference, 1.0)
