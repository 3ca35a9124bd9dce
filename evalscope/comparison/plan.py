"""How many samples a comparison would need, from how often the runs at hand disagree."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalscope.comparison.compare import Comparison
from evalscope.comparison.power import num_needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What it takes to see an effect.

    Attributes:
        where: what the share of disagreement was taken from.
        discordant: the share of samples that one run has right and the other wrong.
        effect: the difference to be seen.
        power: the chance of seeing it.
        num: samples that are needed; None where the runs disagree on fewer samples than the effect would need.
        num_there: samples compared; None where no run was given.
    """

    where: str
    discordant: float
    effect: float
    power: float
    num: int | None
    num_there: int | None = None


def plan_of_share(discordant: float, effect: float, power: float) -> Needed:
    """From a share of disagreement that is taken for granted.

    Raises:
        ValueError: the effect is larger than that share.
    """
    num = num_needed(effect, discordant, power)
    return Needed(where="planned", discordant=discordant, effect=effect, power=power, num=num)


def plan_of_runs(comparisons: Sequence[Comparison], effect: float, power: float) -> Iterator[Needed]:
    """From runs, one for each data set that was compared sample by sample."""
    for comparison in comparisons:
        for one in comparison.datasets:
            if one.differs or not one.difference.num:
                continue
            share = one.difference.discordant
            yield Needed(
                where=f"{one.dataset}: {comparison.later} against {comparison.first}",
                discordant=share,
                effect=effect,
                power=power,
                num=num_needed(effect, share, power) if share >= effect else None,
                num_there=one.difference.num,
            )


def format_plan(needed: Sequence[Needed]) -> str:
    """One line an estimate."""
    return "\n".join(map(_line, needed))


def _line(one: Needed) -> str:
    there = "" if one.num_there is None else f"; {one.num_there} are there"
    wanted = f"a difference of {one.effect:g} with a chance of {one.power:g}"
    if one.num is None:
        return (
            f"{one.where}: the runs disagree on {one.discordant:.1%} of samples, so they cannot differ by "
            f"{one.effect:g}{there}"
        )
    return f"{one.where}: {one.num} samples to see {wanted}, where runs disagree on {one.discordant:.1%}{there}"
