"""How an answer is to be generated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The settings of one request; None leaves the choice to whoever answers.

    Attributes:
        max_tokens: the most tokens an answer may have.
        max_tokens_field: the name under which a service is told `max_tokens`.
        temperature: 0 is greedy.
        top_p: nucleus sampling: the smallest set of tokens with this much probability, in (0, 1].
        top_k: sampling from the k likeliest tokens.
        min_p: sampling from tokens at least this share as likely as the likeliest.
        stop: texts that end the answer, themselves not part of it.
        seed: the seed of the sampling.
        draw: which draw of the same question this is, from 0: repeats differ in it.
        repetition_penalty: over 1 makes tokens that have occurred less likely (a factor on logits).
        presence_penalty: taken off the logit of every token that has occurred.
        frequency_penalty: taken off for each time that a token has occurred.
        chat_template_kwargs: arguments of the chat template, such as {"enable_thinking": False}.
        reasoning_effort: passed to a service as it is.
        extra_body: further fields of a service's request body.
        extra_headers: further HTTP headers; never stored, since they may hold secrets.
        extra_query: further URL parameters; never stored either.
    """

    max_tokens: int | None = None
    max_tokens_field: str = "max_tokens"
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    draw: int = 0
    repetition_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    chat_template_kwargs: Mapping[str, Any] = field(default_factory=dict)
    reasoning_effort: str | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    extra_query: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_greedy(self) -> bool:
        """Whether the same question must give the same answer."""
        return self.temperature == 0 and "temperature" not in self.extra_body
