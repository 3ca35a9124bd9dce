"""One question, its options ranked by how likely the model finds them."""

import time

from evalscope.core.generation import Generation
from evalscope.core.likelihood import write_logprobs
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.core.response import Completion, Response
from evalscope.core.sample import Sample


async def rank_choices(messages: tuple[Message, ...], sample: Sample, model: Model, config: Generation) -> Response:
    """The log-probability of every option in nats, as text.

    The assistant's messages are the options, each said right behind the context, which is all that stands before them
    as plain text: what base models are compared by has no chat template.
    """
    context = "\n\n".join(message.content for message in messages if message.role != "assistant")
    continuations = [message.content for message in messages if message.role == "assistant"]
    started = time.perf_counter()
    logprobs = await model.loglikelihood(context, continuations)
    text = write_logprobs(logprobs)
    completion = Completion(text=text, latency_s=time.perf_counter() - started)
    return Response(text=text, messages=messages, completions=(completion,))
