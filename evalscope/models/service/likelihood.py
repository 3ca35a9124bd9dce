"""How likely continuations are, read off the prompts that a service echoes."""

import asyncio
import math
import re
from collections.abc import Sequence
from dataclasses import replace

import aiohttp
import orjson

from evalscope.core.generation import Generation
from evalscope.core.text import without_surrogates
from evalscope.errors import AnswerRefused, EndpointError, ModelError, PromptTooLong
from evalscope.models.service.address import Address, shown, with_parameters
from evalscope.models.service.connections import check_extra_headers
from evalscope.models.service.echo import NO_ECHO, NUM_ASKED_FOR, Echo, is_broken, read_echoes
from evalscope.models.service.exchange import Exchange, Request
from evalscope.models.service.refusals import Advice, Asked
from evalscope.models.service.reply import parse_reply
from evalscope.models.service.secrecy import Secrets

ADVICE = Advice(
    not_there=f"the log-probabilities of a prompt were asked for (/completions with echo and logprobs); {NO_ECHO}",
    not_accepted=f"it was for the log-probabilities of a prompt (echo and logprobs); {NO_ECHO}",
    beyond=re.compile(r"\becho\b|logprobs?\b", re.IGNORECASE),
)

DECIDED = (EndpointError, PromptTooLong, AnswerRefused)
"""Failures that prompts sent one by one would meet as well."""


def make_likelihood_request(model: str, extra: Generation, address: Address, hidden: Sequence[str]) -> Request:
    """A request for log-probabilities that lacks its body; `hidden` are secrets besides those in `extra`.

    Raises:
        ConfigError: a header cannot be sent.
    """
    check_extra_headers(extra)
    return Request(
        url=with_parameters(address.completions, extra.extra_query),
        headers=dict(extra.extra_headers) or None,
        body=b"",
        asked=Asked(
            model=model,
            url=shown(address.completions),
            secrets=Secrets.of_request(extra, hidden),
            advice=ADVICE,
        ),
    )


class Ranking:
    """Asks one service for log-probabilities.

    All continuations of a question go into one request, a list of prompts, which every server with this interface is
    meant to take: one connection and one reply instead of as many as there are options, and the server sees at once
    what it can compute together. Where the list is not understood, they are sent one by one, all at once.
    """

    def __init__(self, exchange: Exchange, request: Request) -> None:
        """`request` has everything but the prompts."""
        self._exchange, self._request = exchange, request
        self._takes_lists: bool | None = None

    async def loglikelihood(self, context: str, continuations: Sequence[str]) -> tuple[float, ...]:
        """The sum of the log-probabilities of each continuation's tokens, in nats.

        A continuation's tokens are those from the first place where the prompt (context and continuation) is cut
        otherwise than the context alone. Where a token ends at the very seam, that place is there. Where none does, or
        the tokens do not spell the prompt, the context is asked for too, and the tokens are compared; so they are where
        the context ends with white space, which many tokenizers cut with an eye to what follows.

        Raises:
            EndpointError: the service does not tell.
            ModelError: no figures for this question, or none that can be trusted.
        """
        context = without_surrogates(context)
        prompts = [context + without_surrogates(continuation) for continuation in continuations]
        echoes = await self._echoes(prompts)
        starts = [_start(echo, context) for echo in echoes]
        if context and None in starts:
            (alone,) = await self._echoes([context])
            starts = [
                _parting(alone, echo) if start is None else start for echo, start in zip(echoes, starts, strict=True)
            ]
        return tuple(_sum_from(start, echo) for start, echo in zip(starts, echoes, strict=True))

    async def _echoes(self, prompts: Sequence[str]) -> tuple[Echo, ...]:
        if self._takes_lists is not False and len(prompts) > 1:
            try:
                echoes = await self._posted(prompts)
            except ModelError as error:
                if self._takes_lists or isinstance(error, DECIDED):
                    raise
            else:
                self._takes_lists = True
                return echoes
        tasks = [asyncio.ensure_future(self._posted([prompt])) for prompt in prompts]
        try:
            singles = await asyncio.gather(*tasks)
        finally:
            for task in tasks:  # where one fails, nobody wants the others
                task.cancel()
        if len(prompts) > 1 and self._takes_lists is None:
            self._takes_lists = False
        return tuple(echo for echoes in singles for echo in echoes)

    async def _posted(self, prompts: Sequence[str]) -> tuple[Echo, ...]:
        async def read(response: aiohttp.ClientResponse, started: float) -> tuple[Echo, ...]:
            return read_echoes(parse_reply(await response.read()), prompts)

        body = {
            "model": self._request.asked.model,
            "prompt": list(prompts) if len(prompts) > 1 else prompts[0],
            "echo": True,
            "logprobs": 1,
            "max_tokens": NUM_ASKED_FOR,
            "temperature": 0,
        }
        return await self._exchange.post(replace(self._request, body=orjson.dumps(body)), read)


def _start(echo: Echo, context: str) -> int | None:
    """The first token behind the context; None where it takes the context's own tokens to know."""
    seam = len(context.encode())
    if not echo.ends or seam not in (0, *echo.ends) or context[-1:].isspace():
        return None
    return sum(end <= seam for end in echo.ends)


def _parting(alone: Echo, both: Echo) -> int:
    """Where two echoes part.

    Parts of characters look alike. Where they come last of what is shared, they are known to be the same only if the
    context ends with them and whole characters follow, so that the seam is the end of a token.

    Raises:
        ModelError: the tokens around that place are parts of characters.
    """
    pairs = zip(alone.tokens, both.tokens, strict=False)
    shortest = min(len(alone.tokens), len(both.tokens))
    place = next((place for place, (left, right) in enumerate(pairs) if left != right), shortest)
    is_seam = place == len(alone.tokens) < len(both.tokens) and not is_broken(both.tokens[place])
    if place > 0 and is_broken(both.tokens[place - 1]) and not is_seam:
        raise ModelError(
            "the service shows the tokens where context and option meet as parts of characters, so it cannot be told "
            "which are the option's; evaluate the checkpoint locally for exact figures"
        )
    return place


def _sum_from(start: int | None, echo: Echo) -> float:
    if start is None:
        raise ModelError(
            "there is no context, and the service's tokens do not spell the option, so it cannot be told which are its"
        )
    own = echo.logprobs[start:]
    if not own:
        raise ModelError("an option adds no token to its context, so it has no likelihood; is it empty?")
    known = [logprob for logprob in own if logprob is not None]
    if len(known) < len(own):
        raise ModelError(
            f"the service gives no log-probability for {len(own) - len(known)} of an option's {len(own)} tokens"
            + ("; with nothing before it, the first token has none: give a context" if start == 0 else "")
        )
    return math.fsum(known)
