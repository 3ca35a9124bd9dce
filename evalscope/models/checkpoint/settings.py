"""How an answer is decoded: the user's settings over the checkpoint's own, within the context."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evalscope.core.generation import Generation
from evalscope.errors import PromptTooLong

HONOURED = frozenset(
    {
        "max_tokens",
        "max_tokens_field",  # under whatever name it was written, the number is followed
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "stop",
        "seed",
        "draw",
        "repetition_penalty",
        "chat_template_kwargs",
    }
)
"""The fields of Generation that a local checkpoint follows."""

RESERVED_KWARGS = frozenset(
    {
        "conversation",
        "chat_template",
        "tokenize",
        "tokenizer_kwargs",
        "padding",
        "truncation",
        "max_length",
        "return_tensors",
        "return_dict",
        "return_assistant_tokens_mask",
    }
)
"""Arguments of apply_chat_template that decide how the prompt comes out and are not for the template."""

MOST_TOKENS_UNLESS_ASKED = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a checkpoint's generation_config.json says where the user says nothing.

    Attributes:
        temperature: 0 where it does not ask for sampling.
        top_p: 1 for all tokens.
        top_k: 0 for all tokens; transformers' own default of 50 is not applied to a checkpoint that names none.
        min_p: 0 for all tokens.
        repetition_penalty: 1 for none; it holds for greedy answers too, as in transformers.
        stop: texts that end every answer.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one row is decoded, nothing left open; rows with equal settings may share a batch.

    Attributes:
        max_new_tokens: at least 1.
        temperature: 0 is greedy, and then top_p, top_k and min_p are off, so that all greedy rows are equal in them.
        top_p: 1 is off.
        top_k: 0 is off.
        min_p: 0 is off.
        repetition_penalty: 1 is off.
        stop: texts that end the answer.
    """

    max_new_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the next token is simply the likeliest."""
        return self.temperature == 0 and self.repetition_penalty == 1


def settle(generation: Generation, defaults: Defaults, max_new_tokens: int) -> Settings:
    """The user's settings, the checkpoint's own where the user is silent."""
    settings = Settings(
        max_new_tokens=max_new_tokens,
        temperature=_first(generation.temperature, defaults.temperature),
        repetition_penalty=_first(generation.repetition_penalty, defaults.repetition_penalty),
        stop=tuple(dict.fromkeys(text for text in (*generation.stop, *defaults.stop) if text)),
    )
    if settings.temperature == 0:
        return settings
    return replace(
        settings,
        top_p=_first(generation.top_p, defaults.top_p),
        top_k=max(0, int(_first(generation.top_k, defaults.top_k))),  # services write -1 for "off"
        min_p=_first(generation.min_p, defaults.min_p),
    )


def allowance(prompt: Sequence[int], max_tokens: int | None, context: int | None) -> int:
    """How many new tokens a prompt may get: what was asked for, at most the rest of the context.

    Args:
        prompt: token ids.
        max_tokens: what was asked for; None for as many as fit, at most 2048.
        context: positions that the model has; None where it has no limit.

    Raises:
        PromptTooLong: not one token fits behind the prompt. Nothing is ever cut off a prompt.
    """
    wanted = MOST_TOKENS_UNLESS_ASKED if max_tokens is None else max_tokens
    if context is None:
        return wanted
    room = context - len(prompt)
    if room < 1:
        raise PromptTooLong(
            f"the prompt has {len(prompt)} tokens and the model's context {context}, which leaves no room for an "
            "answer; shorten the prompt (few_shot_num, for example)"
        )
    return min(wanted, room)


def _first(asked: float | None, default: float) -> float:
    return default if asked is None else asked
