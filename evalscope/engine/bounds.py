"""Between which two numbers the score would lie if nothing had failed."""

from collections.abc import Sequence
from dataclasses import replace

from evalscope.core.metric import Metric
from evalscope.core.report import Bounds
from evalscope.core.score import SampleScore, Score


def bounds_of(metric: Metric, score: float, ends: Sequence[SampleScore]) -> Bounds | None:
    """The score were all failures wrong, and were all right.

    Args:
        metric: the headline.
        score: its value.
        ends: of all samples, failures included.

    Returns:
        None where nothing was scored, or where values leave [0, 1]: then it is not known what a right answer is worth.
    """
    scored = [end.score.values for end in ends if end.score is not None]
    if not scored or not all(0 <= value <= 1 for values in scored for value in values.values()):
        return None
    if len(scored) == len(ends):
        return Bounds(low=score, high=score)
    names = dict.fromkeys(name for values in scored for name in values)
    low, high = (
        metric([_with_verdict(end, Score(values=dict.fromkeys(names, worth))) for end in ends]).value
        for worth in (0.0, 1.0)
    )
    return Bounds(low=low, high=high)


def _with_verdict(end: SampleScore, instead: Score) -> SampleScore:
    """The end of a sample, with this verdict where it failed."""
    return end if end.score is not None else replace(end, score=instead, error=None)
