"""One question, one answer."""

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.core.response import Response
from evalscope.core.sample import Sample


async def ask_once(messages: tuple[Message, ...], sample: Sample, model: Model, config: Generation) -> Response:
    """The model's answer to the messages."""
    completion = await model.generate(messages, config)
    return Response(text=completion.text, messages=messages, completions=(completion,))
