import pytest
import torch
from transformers import RepetitionPenaltyLogitsProcessor

from evalscope.errors import ModelError
from evalscope.models.checkpoint.choosing import Chooser, ChosenByRow, choose
from evalscope.models.checkpoint.rows import Asked, Row
from evalscope.models.checkpoint.settings import Settings

VOCABULARY = 50


class Wordless:
    """A vocabulary without texts, in which nothing ends an answer."""

    end_ids = frozenset()

    def text(self, tokens):
        return ""

    def special_id(self, text):
        return None


def chooser(*, seed=0, tokens=(1,), said=(), **settings):
    row = Row(Asked(tokens=tokens, settings=Settings(max_new_tokens=50, **settings), seed=seed), Wordless())
    for token in said:
        row.take(token)
    return Chooser(row)


def some_logits(num_rows=1, seed=0):
    return torch.randn((num_rows, VOCABULARY), generator=torch.Generator().manual_seed(seed))


def candidates(logits, num_draws=300, **settings):
    """The tokens that ever come in many draws from the same logits."""
    choosers = [chooser(seed=seed, temperature=1.0, **settings) for seed in range(num_draws)]
    return set(choose(torch.tensor([logits] * num_draws), choosers))


def test_greedy_takes_the_likeliest():
    logits = some_logits(3)
    assert choose(logits, [chooser() for _ in range(3)]) == logits.argmax(dim=-1).tolist()


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_logits_that_are_not_numbers_are_a_failure_and_not_a_token(temperature):
    logits = torch.zeros((2, VOCABULARY))
    logits[1, 3] = torch.nan
    with pytest.raises(ModelError, match="precision"):
        choose(logits, [chooser(temperature=temperature)] * 2)


def test_choice_of_a_row_does_not_depend_on_the_rows_beside_it():
    ways = [
        {"seed": 7, "temperature": 1.0},
        {"seed": 8, "temperature": 1.0, "top_k": 5},
        {},
        {"repetition_penalty": 1.5},
        {"seed": 9, "temperature": 0.7, "repetition_penalty": 1.5},
        {"seed": 10, "temperature": 1.0},
    ]
    logits = [some_logits(len(ways), seed) for seed in range(4)]

    def chosen(order):
        choosers = [chooser(**ways[index]) for index in order]
        return [dict(zip(order, choose(step[order], choosers), strict=True)) for step in logits]

    together = chosen([0, 1, 2, 3, 4, 5])
    assert chosen([5, 3, 1, 4, 2, 0]) == together
    alone = [chosen([index]) for index in range(len(ways))]
    assert [{index: alone[index][step][index] for index in range(len(ways))} for step in range(4)] == together


def test_row_that_is_begun_again_goes_on_with_its_own_randomness():
    logits = some_logits(12) * 3
    ways = {"seed": 3, "temperature": 1.0, "repetition_penalty": 1.3}
    whole, said = chooser(**ways), []
    for step in logits:
        said += choose(step.unsqueeze(0), [whole])
    again = chooser(**ways, said=said[:5])
    assert [choose(step.unsqueeze(0), [again])[0] for step in logits[5:]] == said[5:]


def test_draws_follow_the_probabilities():
    shares = torch.tensor([0.5, 0.3, 0.15, 0.05])
    num_draws = 4000
    choosers = [chooser(seed=seed, temperature=1.0) for seed in range(num_draws)]
    found = torch.bincount(torch.tensor(choose(shares.log().repeat(num_draws, 1), choosers)), minlength=4) / num_draws
    assert torch.allclose(found, shares, atol=4 * 0.5 / num_draws**0.5)  # 4 standard errors at most


def test_impossible_token_is_never_drawn():
    assert candidates([-torch.inf, 0.0, -torch.inf, 0.0]) == {1, 3}


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({}, {0, 1, 2, 3}),
        ({"top_k": 2}, {0, 1}),
        ({"top_p": 0.6}, {0, 1}),
        ({"min_p": 0.5}, {0, 1}),
        ({"top_k": 3, "top_p": 0.3}, {0}),
    ],
    ids=str,
)
def test_filters_leave_the_likeliest(settings, left):
    assert candidates([1.0, 0.9, 0.1, 0.0], **settings) == left


def test_low_temperature_sharpens():
    choosers = [chooser(seed=seed, temperature=0.01) for seed in range(50)]
    assert set(choose(torch.tensor([[1.0, 0.9, 0.1]] * 50), choosers)) == {0}


def test_repetition_penalty_equals_that_of_transformers_where_nothing_is_padded():
    prompt, theirs = (3, 4, 4), RepetitionPenaltyLogitsProcessor(3.0)
    ours, so_far = chooser(tokens=prompt, repetition_penalty=3.0), [*prompt]
    for step in range(12):
        logits = some_logits(seed=step)
        expected = theirs(torch.tensor([so_far]), logits.clone()).argmax(dim=-1).item()
        assert choose(logits, [ours]) == [expected]
        so_far.append(expected)


def test_batch_of_transformers_is_told_what_each_row_chose():
    logits = some_logits(2)
    scores = ChosenByRow([chooser(), chooser(temperature=1.0)])(torch.zeros((2, 1)), logits)
    assert (scores > -torch.inf).sum(dim=-1).tolist() == [1, 1]
    assert scores.argmax(dim=-1).tolist() == choose(logits, [chooser(), chooser(temperature=1.0)])
