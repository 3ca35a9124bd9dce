"""Several answers to one question: the chance that one of k is right, and the vote of the first k."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evalscope.core.report import Estimate
from evalscope.core.score import SampleScore, Score
from evalscope.metrics.mean import estimate_mean


@dataclass(frozen=True, slots=True)
class PassAtK:
    """The mean over samples of pass@k; samples with fewer than k scored answers are left out.

    Attributes:
        k: answers drawn.
    """

    k: int

    @property
    def name(self) -> str:
        """The display name."""
        return f"pass@{self.k}"

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate; an answer is right when its first value is 1."""
        values, groups = [], []
        for group, answers in _by_sample(scores):
            num_correct = sum(_value(score) == 1 for _, score in answers)
            if len(answers) >= self.k:
                values.append(pass_at_k(len(answers), num_correct, self.k))
                groups.append(group)
        return estimate_mean(values, groups)


@dataclass(frozen=True, slots=True)
class MajorityAtK:
    """The mean over samples of the score that the most frequent of the first k answers has.

    Attributes:
        k: answers that vote.
    """

    k: int

    @property
    def name(self) -> str:
        """The display name."""
        return f"majority@{self.k}"

    def __call__(self, scores: Sequence[SampleScore]) -> Estimate:
        """The estimate; samples none of whose first k answers has a score are left out."""
        values, groups = [], []
        for group, answers in _by_sample(scores):
            if voting := [score for repeat, score in answers if repeat < self.k]:
                values.append(majority(voting))
                groups.append(group)
        return estimate_mean(values, groups)


def pass_at_k(num_samples: int, num_correct: int, k: int) -> float:
    """Chance that at least one of k answers, drawn without replacement, is right.

    Args:
        num_samples: answers given, n >= k.
        num_correct: how many of them are right, 0 <= c <= n.
        k: answers drawn.

    Returns:
        A probability in [0, 1]; 1 - C(n-c, k) / C(n, k), the unbiased estimator.

    Raises:
        ValueError: k > n: the estimate would be undefined, not zero.

    Source: Chen et al. 2021, "Evaluating Large Language Models Trained on Code", eq. 1.
    """
    if k > num_samples:
        raise ValueError(f"pass@{k} cannot be estimated from {num_samples} answers")
    return 1.0 - math.comb(num_samples - num_correct, k) / math.comb(num_samples, k)


def majority(answers: Iterable[Score]) -> float:
    """What the most frequent answer is worth; 0 where nothing was found in any.

    A tie goes to the answer given first; an answer in which nothing was found has no vote.

    Source: Wang et al. 2023, "Self-Consistency Improves Chain of Thought Reasoning in Language Models".
    """
    voting = [(score.vote or score.answer, score) for score in answers if score.answer is not None]
    if not voting:
        return 0.0
    counts = Counter(vote for vote, _ in voting)  # keeps the order of first votes, which decides ties
    winner = max(counts, key=counts.__getitem__)
    return next(_value(score) for vote, score in voting if vote == winner)


def _by_sample(scores: Sequence[SampleScore]) -> Iterable[tuple[str, list[tuple[int, Score]]]]:
    """The group of each sample, with the scored answers to it in the order of repeats."""
    answers: dict[tuple[str, str], tuple[str, list[tuple[int, Score]]]] = {}
    for score in scores:
        if score.score is not None:
            _, given = answers.setdefault((score.subset, score.sample_id), (score.group, []))
            given.append((score.repeat, score.score))
    for _, given in answers.values():
        given.sort(key=lambda pair: pair[0])
    return answers.values()


def _value(score: Score) -> float:
    return next(iter(score.values.values()))
