import pytest
import torch
from transformers import RepetitionPenaltyLogitsProcessor

from evalscope.errors import ModelError
from evalscope.models.checkpoint.choosing import DrawByRow, choosers
from evalscope.models.checkpoint.rows import Asked
from evalscope.models.checkpoint.settings import Settings

VOCABULARY = 50


def drawn(scores):
    assert (scores > -torch.inf).sum(dim=-1).tolist() == [1] * len(scores)
    return scores.argmax(dim=-1).tolist()


def asked(*, seed=0, tokens=(1,), **settings):
    return Asked(tokens=tokens, settings=Settings(max_new_tokens=5, **settings), seed=seed)


def candidates(logits, num_draws=300, **settings):
    """The tokens that ever come in many draws from the same logits."""
    chain = choosers([asked(seed=seed, temperature=1.0, **settings) for seed in range(num_draws)])
    return set(drawn(chain(None, torch.tensor([logits] * num_draws))))


def test_greedy_leaves_logits_as_they_are():
    logits = torch.randn((1, VOCABULARY))
    assert torch.equal(choosers([asked()])(None, logits), logits)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_logits_that_are_not_numbers_are_a_failure_and_not_a_token(temperature):
    logits = torch.zeros((2, VOCABULARY))
    logits[1, 3] = torch.nan
    with pytest.raises(ModelError, match="precision"):
        choosers([asked(temperature=temperature)] * 2)(None, logits)


def test_draw_of_a_row_does_not_depend_on_the_rows_beside_it():
    logits = torch.randn((3, VOCABULARY), generator=torch.Generator().manual_seed(0))
    together = drawn(DrawByRow([7, 8, 9])(None, logits))
    alone = [drawn(DrawByRow([seed])(None, logits[[row]]))[0] for row, seed in enumerate([7, 8, 9])]
    reordered = drawn(DrawByRow([9, 7, 8])(None, logits[[2, 0, 1]]))
    assert together == alone == [reordered[1], reordered[2], reordered[0]]


def test_draws_follow_the_probabilities():
    shares = torch.tensor([0.5, 0.3, 0.15, 0.05])
    num_draws = 4000
    tokens = torch.tensor(drawn(DrawByRow(range(num_draws))(None, shares.log().repeat(num_draws, 1))))
    found = torch.bincount(tokens, minlength=4) / num_draws
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
    chain = choosers([asked(seed=seed, temperature=0.01) for seed in range(50)])
    assert set(drawn(chain(None, torch.tensor([[1.0, 0.9, 0.1]] * 50)))) == {0}


def test_repetition_penalty_equals_that_of_transformers_where_nothing_is_padded():
    prompt, logits = (3, 4, 4), torch.randn((1, VOCABULARY), generator=torch.Generator().manual_seed(0))
    ours, theirs = choosers([asked(tokens=prompt, repetition_penalty=1.3)]), RepetitionPenaltyLogitsProcessor(1.3)
    so_far = torch.tensor([prompt])
    for token in (9, 3, 20):
        assert torch.equal(ours(so_far, logits), theirs(so_far, logits))
        so_far = torch.cat([so_far, torch.tensor([[token]])], dim=1)
    assert torch.equal(ours(so_far, logits), theirs(so_far, logits))


def test_padding_is_no_repetition():
    chain = choosers([asked(tokens=(3, 4), repetition_penalty=2.0), asked(tokens=(5,), repetition_penalty=2.0)])
    scores = chain(torch.tensor([[3, 4], [0, 5]]), torch.ones((2, VOCABULARY)))
    assert scores[1].nonzero().numel() == VOCABULARY
    assert (scores[1] != 1).nonzero().flatten().tolist() == [5]
