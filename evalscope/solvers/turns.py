"""Several questions in a row, each asked behind the model's own answers to those before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.model import Model
from evalscope.core.response import Completion, Response, Usage
from evalscope.core.sample import Sample
from evalscope.core.turns import write_turns

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class AskTurns:
    """The user's turns that the messages end with are asked one by one.

    The answers come back as one text (`core.turns`), and as one completion with the tokens and seconds of all: a
    conversation is stored whole or not at all, so that one broken off is asked again from its beginning.

    Attributes:
        recall: what of an answer stands before the next turn; a reasoning does not, by custom.
    """

    recall: Callable[[str], str]

    async def __call__(
        self, messages: tuple[Message, ...], sample: Sample, model: Model, config: Generation
    ) -> Response:
        """The model's answers."""
        num_turns = sum(1 for _ in takewhile(lambda message: message.role == "user", reversed(messages)))
        said = list(messages[: len(messages) - num_turns])
        completions: list[Completion] = []
        for turn in messages[len(said) :]:
            said.append(turn)
            completion = await model.generate(tuple(said), config)
            completions.append(completion)
            said.append(Message("assistant", self.recall(completion.text)))
        whole = _joined(completions)
        return Response(text=whole.text, messages=messages, completions=(whole,))


def _joined(completions: Sequence[Completion]) -> Completion:
    """All as one; a figure that one of them lacks is None."""
    usages = [completion.usage for completion in completions]
    is_cut_off = any(completion.stop_reason == "length" for completion in completions)
    return Completion(
        text=write_turns(completion.text for completion in completions),
        reasoning="\n\n".join(filter(None, (completion.reasoning for completion in completions))) or None,
        stop_reason="length" if is_cut_off else completions[-1].stop_reason,
        usage=Usage(
            input_tokens=_sum([usage.input_tokens for usage in usages]),
            output_tokens=_sum([usage.output_tokens for usage in usages]),
        ),
        latency_s=_sum([completion.latency_s for completion in completions]),
        first_token_s=completions[0].first_token_s,
    )


def _sum(figures: Sequence[Number | None]) -> Number | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known[1:], known[0]) if len(known) == len(figures) else None
