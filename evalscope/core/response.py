"""What came back: one completion, or all of them for one sample."""

from dataclasses import dataclass
from typing import Literal

from evalscope.core.message import Message

StopReason = Literal["stop", "length", "content_filter", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens of one completion; None where whoever answered did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One answer.

    Attributes:
        text: what came, unchanged.
        reasoning: what came apart from the text as the model's thinking; None where nothing did.
        stop_reason: why it ended; "length" is the limit on tokens.
        usage: its tokens.
        latency_s: seconds from sending the request that succeeded to its last byte; None where nothing was asked.
        first_token_s: seconds to the first token, where the answer was streamed.
    """

    text: str
    reasoning: str | None = None
    stop_reason: StopReason = "stop"
    usage: Usage = Usage()
    latency_s: float | None = None
    first_token_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """All that was said for one sample.

    Attributes:
        text: the text that counts.
        messages: what was asked.
        completions: every answer on the way; one where the question is asked once.
    """

    text: str
    messages: tuple[Message, ...]
    completions: tuple[Completion, ...]

    @property
    def is_cut_off(self) -> bool:
        """Whether the limit on tokens ended the last answer."""
        return bool(self.completions) and self.completions[-1].stop_reason == "length"
