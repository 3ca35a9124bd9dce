"""Options ranked by how likely they make what follows them."""

from evalscope.core.generation import Generation
from evalscope.core.likelihood import read_logprobs
from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.models.mock import MockModel
from evalscope.solvers.rank_rests import filled_in, rank_rests, right_filled_in

SAMPLE = Sample(
    input="She thanked Ann, for", choices=("Ann", "Eve"), target="A", metadata={"rest": "had helped her; Ann smiled."}
)
MESSAGES = (Message("user", SAMPLE.input), *(Message("assistant", text) for text in filled_in(SAMPLE)))
RESTS = {" Ann": -3.0, " Eve": -9.0}


def loglikelihood(context, said):
    """A name that is rare in itself, and makes the rest as likely as the other one does not."""
    assert context == SAMPLE.input
    names = {" Ann": -20.0, " Eve": -1.0}
    name = said[:4]
    return names[name] + (RESTS[name] if len(said) > 4 else 0.0)


async def test_the_rest_decides_and_not_how_likely_an_option_is_in_itself():
    response = await rank_rests(MESSAGES, SAMPLE, MockModel(loglikelihood=loglikelihood), Generation())
    assert read_logprobs(response.text) == (-3.0, -9.0)
    assert response.messages == MESSAGES


def test_a_solved_example_goes_on_with_the_right_option_and_the_rest():
    assert right_filled_in(SAMPLE) == "Ann had helped her; Ann smiled."
