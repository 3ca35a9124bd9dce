"""Prompts that a service echoes, with a log-probability for each of their tokens."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalscope.errors import EndpointError, ModelError
from evalscope.models.service.retries import AttemptFailed

Json = Any

# OpenAI's way of writing a token that is no whole character: "bytes:\xe4\xbd", the backslashes as they stand here
IN_BYTES = re.compile(r"bytes:((?:\\x[0-9a-fA-F]{2})+)")

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

NUM_ASKED_FOR = 1
"""A token behind the prompt that nobody needs; many servers refuse to write none."""

NO_ECHO = (
    "leave scoring out of dataset_args to have the options scored by letter, use a server that gives log-probabilities "
    "of a prompt (vLLM, for example), or evaluate the checkpoint locally (--eval-type checkpoint)"
)


class NotByIndex(ModelError):
    """Several prompts were sent, and what came cannot be told apart. It stays within this package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """One prompt as the service's tokenizer cuts it.

    Attributes:
        tokens: texts, in the server's spelling: a special token stands in front where the tokenizer puts one there, and
            a part of a character may read as U+FFFD or as nothing.
        logprobs: of each token, in nats; None where the server gives none, as for the first.
        ends: how many bytes of the prompt (UTF-8) stand before the end of each token; empty where the tokens do not
            spell the prompt.
    """

    tokens: tuple[str, ...]
    logprobs: tuple[float | None, ...]
    ends: tuple[int, ...]


def read_echoes(reply: Json, prompts: Sequence[str]) -> tuple[Echo, ...]:
    """The echoes of prompts that were sent together, in their order.

    The offsets that servers send (text_offset) are not looked at: most are the summed lengths of the very texts of the
    tokens, and so go wrong where these do not spell the prompt, behind half a character or a special token.

    Raises:
        EndpointError: the reply has no log-probabilities, or none of the prompt.
        NotByIndex: it does not say which choice is whose.
        ModelError: it cannot be told where the prompt ends.
        AttemptFailed: it is no reply to completions.
    """
    choices = _in_order(reply, len(prompts))
    found = [_tokens_of(choice) for choice in choices]
    num_tokens = sum(len(tokens) for tokens, _ in found)
    num_written = _num_written(reply.get("usage"), num_tokens, len(prompts))
    echoes = []
    for prompt, choice, (tokens, logprobs) in zip(prompts, choices, found, strict=True):
        ends = spelled(tokens, prompt)
        size = len(ends) if ends else len(tokens) - _written_behind(prompt, choice, tokens, num_written)
        if len(tokens) - size not in (0, NUM_ASKED_FOR):
            raise ModelError(
                f"the service echoed {len(tokens)} tokens, of which {size} spell the prompt, though one more was asked "
                "for; its figures cannot be trusted"
            )
        echoes.append(Echo(tokens=tokens[:size], logprobs=logprobs[:size], ends=ends))
    return tuple(echoes)


def spelled(tokens: Sequence[str], prompt: str) -> tuple[int, ...]:
    """The end of each token in the prompt, in bytes; nothing where the tokens do not spell the whole prompt.

    What stands in front and is none of its text (a special token) ends at 0.
    """
    text, ends, place = prompt.encode(), [], 0
    for token in tokens:
        if place == len(text) and text:
            break
        piece = _bytes_of(token)
        if piece and text.startswith(piece, place):
            place += len(piece)
        elif place > 0 or is_broken(token):
            break
        ends.append(place)
    return tuple(ends) if place == len(text) and text else ()


def is_broken(token: str) -> bool:
    """Whether a token's text does not tell what it is: a part of a character."""
    return not token or REPLACEMENT in token


def _bytes_of(token: str) -> bytes:
    if written := IN_BYTES.fullmatch(token):
        return bytes.fromhex(written[1].replace("\\x", ""))
    return token.encode("utf-8", "replace")


def _in_order(reply: Json, num_prompts: int) -> Sequence[Mapping[str, Json]]:
    choices = reply.get("choices") if isinstance(reply, dict) else None
    if not isinstance(choices, list) or not choices or not all(isinstance(choice, dict) for choice in choices):
        raise AttemptFailed("the reply has no choices")
    if num_prompts == 1:
        return choices[:1]
    by_index = {choice.get("index"): choice for choice in choices}
    if by_index.keys() != set(range(num_prompts)):
        raise NotByIndex(f"{num_prompts} prompts were sent at once, and {len(choices)} choices came; send one by one")
    return [by_index[index] for index in range(num_prompts)]


def _tokens_of(choice: Mapping[str, Json]) -> tuple[tuple[str, ...], tuple[float | None, ...]]:
    logprobs = choice.get("logprobs")
    tokens = logprobs.get("tokens") if isinstance(logprobs, dict) else None
    figures = logprobs.get("token_logprobs") if isinstance(logprobs, dict) else None
    if not isinstance(tokens, list) or not isinstance(figures, list) or not tokens or len(tokens) != len(figures):
        raise EndpointError(
            "the service was asked for the log-probabilities of a prompt (/completions with echo and logprobs) and "
            f"replied without them; {NO_ECHO}"
        )
    return tuple(map(str, tokens)), tuple(
        float(figure) if isinstance(figure, float | int) else None for figure in figures
    )


def _num_written(usage: Json, num_tokens: int, num_prompts: int) -> int | None:
    """How many tokens were written behind each prompt, where the service's own count tells."""
    if not isinstance(usage, dict):
        return None
    num_read, num_written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(num_read, int) or num_written not in (0, NUM_ASKED_FOR * num_prompts):
        return None
    return int(num_written) // num_prompts if num_read + num_written == num_tokens else None


def _written_behind(prompt: str, choice: Mapping[str, Json], tokens: Sequence[str], num_written: int | None) -> int:
    """How many tokens at the end are no part of a prompt that its tokens do not spell."""
    text = str(choice.get("text") or "")
    if len(tokens) <= NUM_ASKED_FOR and prompt not in text:
        raise EndpointError(
            "the service was asked to echo a prompt with its log-probabilities (/completions with echo and logprobs) "
            f"and replied with what comes behind it only; {NO_ECHO}"
        )
    if num_written is not None:
        return num_written
    _, found, behind = text.partition(prompt)
    if found and behind:
        return NUM_ASKED_FOR
    raise ModelError(
        "the service echoed a prompt in tokens that do not spell it, and it cannot be told where the prompt ends; "
        "its figures cannot be trusted"
    )
