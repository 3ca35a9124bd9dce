"""How many samples it takes to see a difference between two runs."""

import math
from statistics import NormalDist


def num_needed(effect: float, discordant: float, power: float = 0.8) -> int:
    """Samples for a two-sided test at 5 % to see the difference with this chance.

    Args:
        effect: the true difference of two shares of right answers, above 0.
        discordant: the share of samples that one run has right and the other wrong.
        power: the chance, above 0.5 and below 1.

    Returns:
        (1.96 √ψ + z √(ψ - d²))² / d², rounded up.

    Raises:
        ValueError: the runs disagree on fewer samples than the effect would need.

    Source: Connor 1987, "Sample size for testing differences in proportions for the paired-sample design".
    """
    if not 0 < effect <= discordant <= 1:
        raise ValueError(
            f"an effect of {effect:g} needs at least as large a share of samples on which runs disagree; it is "
            f"{discordant:g}"
        )
    normal = NormalDist()
    alarm, miss = normal.inv_cdf(0.975), normal.inv_cdf(power)
    spread = alarm * math.sqrt(discordant) + miss * math.sqrt(discordant - effect**2)
    return math.ceil((spread / effect) ** 2)
