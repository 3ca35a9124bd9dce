"""One sentence with a blank: options are ranked by how likely they make what follows it."""

import time

from evalscope.core.generation import Generation
from evalscope.core.likelihood import write_logprobs
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.core.response import Completion, Response
from evalscope.core.sample import Sample


def filled_in(sample: Sample) -> tuple[str, ...]:
    """Every option with the rest of the sentence, which the sample's metadata hold as "rest"."""
    return tuple(f" {choice} {sample.metadata['rest']}" for choice in sample.choices)


def right_filled_in(sample: Sample) -> str:
    """The right option with the rest of the sentence."""
    return filled_in(sample)[sample.letters.index(sample.targets[0])].strip()


async def rank_rests(messages: tuple[Message, ...], sample: Sample, model: Model, config: Generation) -> Response:
    """The log-probability of the rest behind each option in nats, as text; how likely an option itself is has no say.

    log p(rest | context, option) = log p(option, rest | context) - log p(option | context), so that all are asked
    behind one context. The assistant's messages are the options, each with the rest.

    Source: Trinh & Le 2018, "A Simple Method for Commonsense Reasoning", section 3, partial scoring.
    """
    context = "\n\n".join(message.content for message in messages if message.role != "assistant")
    whole = [message.content for message in messages if message.role == "assistant"]
    options = [text.removesuffix(sample.metadata["rest"]).rstrip() for text in whole]
    started = time.perf_counter()
    logprobs = await model.loglikelihood(context, [*whole, *options])
    rests = tuple(both - alone for both, alone in zip(logprobs, logprobs[len(whole) :], strict=False))
    text = write_logprobs(rests)
    completion = Completion(text=text, latency_s=time.perf_counter() - started)
    return Response(text=text, messages=messages, completions=(completion,))
