"""Several tests at once, with the chance of any false alarm held."""

import math
from collections.abc import Sequence


def holm(chances: Sequence[float]) -> tuple[float, ...]:
    """The p-values so adjusted that, were all nulls true, one in twenty families has any below 0.05; in the same order.

    Those that are nan stay so: no test was made there.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
    """
    tested = sorted((place for place, p in enumerate(chances) if not math.isnan(p)), key=chances.__getitem__)
    adjusted, most = [math.nan] * len(chances), 0.0
    for rank, place in enumerate(tested):
        most = max(most, min(1.0, (len(tested) - rank) * chances[place]))
        adjusted[place] = most
    return tuple(adjusted)
