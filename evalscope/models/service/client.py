"""A model that answers through an OpenAI-compatible service."""

import asyncio
import base64
import contextlib
import random
import time
from collections.abc import Mapping, Sequence

import aiohttp

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion
from evalscope.errors import ConfigError
from evalscope.models.service.address import Address, parse_address
from evalscope.models.service.connections import check_header_value
from evalscope.models.service.door import Door
from evalscope.models.service.envelope import Envelope, make_envelope
from evalscope.models.service.exchange import Exchange, Request
from evalscope.models.service.likelihood import Ranking, make_likelihood_request
from evalscope.models.service.pace import Pace
from evalscope.models.service.reply import parse_reply, read_completion
from evalscope.models.service.retries import Patience
from evalscope.models.service.slots import Slots
from evalscope.models.service.stream import read_stream
from evalscope.version import __version__

PATIENCE = Patience()
NO_SETTINGS = Generation()

LEFTOVER_TIMEOUT_S = 0.2
MOST_ENVELOPES = 64


class Service:
    """A service that answers questions over HTTP; it fulfils core.model.Model.

    It belongs to the event loop in which it is first asked; making one sends nothing.

    Args:
        model: the name that the service knows the model by.
        name: the name in reports.
        url: its address, with or without /chat/completions.
        api_key: sent as a bearer token; None or empty for none.
        timeout_s: for one attempt, from sending to the last byte.
        max_retries: how often a failed attempt is repeated.
        concurrency: how many questions it wants in hand at once; None to find out while asking.
        rng: draws the waits between attempts.
        stream: read answers while they are written.
        extra: its extra_headers and extra_query go with requests for log-probabilities, which bring no settings.
        patience: the waits.
        max_rpm: requests that may be sent in a minute; None for any number.
        max_tpm: tokens, of questions and answers together, that may be used in a minute; None for any number.

    Raises:
        ConfigError: the URL, the key, an extra header or the environment's proxy cannot be used.
    """

    def __init__(
        self,
        *,
        model: str,
        name: str,
        url: str,
        api_key: str | None,
        timeout_s: float,
        max_retries: int,
        concurrency: int | None,
        rng: random.Random,
        stream: bool = False,
        extra: Generation = NO_SETTINGS,
        patience: Patience = PATIENCE,
        max_rpm: float | None = None,
        max_tpm: float | None = None,
    ) -> None:
        self._model, self._name = model, name
        self._address = parse_address(url)
        key = (api_key or "").strip()
        headers = _headers_for(key, self._address)
        self._hidden = (key, *headers.get("Authorization", "").split()[1:], *self._address.hidden_values)
        self._is_streaming = stream
        self._exchange = Exchange(
            name=name,
            address=self._address,
            headers=headers,
            timeout_s=timeout_s,
            max_retries=max_retries,
            rng=rng,
            patience=patience,
            door=Door(
                Pace(slots=Slots() if concurrency is None else None, max_rpm=max_rpm, max_tpm=max_tpm), concurrency or 0
            ),
        )
        self._envelopes: dict[int, Envelope] = {}
        self._ranking = Ranking(self._exchange, make_likelihood_request(model, extra, self._address, self._hidden))

    @property
    def name(self) -> str:
        """The name in reports, folders and tables."""
        return self._name

    @property
    def identity(self) -> Mapping[str, str]:
        """The name that is asked for: neither the address nor the key decides the answers."""
        return {"kind": "service", "model": self._model}

    @property
    def num_repetitions(self) -> int:
        """How many attempts had to be repeated so far."""
        return self._exchange.num_repetitions

    @property
    def concurrency(self) -> int:
        """How many questions it wants to have in hand at once; it changes while it finds out."""
        return self._exchange.concurrency

    async def generate(self, messages: Sequence[Message], config: Generation) -> Completion:
        """One answer, after as many attempts as it takes and as are allowed.

        Raises:
            ConfigError: a setting of `config` cannot be sent.
            EndpointError: nothing answers there, or no key, model or path of it is accepted.
            RequestRefused: the service does not accept this request.
            PromptTooLong: the prompt does not fit the model's context.
            AnswerRefused: a content filter stopped it.
            ModelError: every attempt failed.
        """
        envelope = self._envelope_for(config)
        body = envelope.body.around(messages)
        request = Request(url=envelope.url, body=body, headers=envelope.headers, asked=envelope.asked)
        return await self._exchange.post(request, _read_answer, _count_tokens)

    async def loglikelihood(self, context: str, continuations: Sequence[str]) -> tuple[float, ...]:
        """How likely each continuation is behind the context: sums of log-probabilities in nats.

        They are read off prompts that /completions echoes; likelihood.py tells how.

        Raises:
            EndpointError: nothing answers there, or nobody who gives log-probabilities of a prompt.
            RequestRefused, PromptTooLong, AnswerRefused: as generate.
            ModelError: every attempt failed, or the figures that came cannot be trusted.
        """
        return await self._ranking.loglikelihood(context, continuations)

    async def aclose(self) -> None:
        """Closes the connections; questions in flight fail."""
        await self._exchange.aclose()

    def _envelope_for(self, config: Generation) -> Envelope:
        # Found by id, since settings may hold dicts and so have no hash; an envelope keeps its config alive, so no
        # other config can take over its id.
        envelope = self._envelopes.get(id(config))
        if envelope is None:
            if len(self._envelopes) >= MOST_ENVELOPES:
                self._envelopes.clear()
            envelope = make_envelope(self._model, config, self._address, self._hidden, stream=self._is_streaming)
            self._envelopes[id(config)] = envelope
        return envelope


async def _read_answer(response: aiohttp.ClientResponse, started: float) -> Completion:
    # some servers stream though they were not asked to, and some do not though they were
    if not response.headers.get("Content-Type", "").startswith("text/event-stream"):
        return read_completion(parse_reply(await response.read()), time.perf_counter() - started)
    completion = await read_stream(response.content.iter_any(), started)
    # the end of the body often comes a packet after [DONE]; only a connection read to its end can be used again
    if not response.content.at_eof():
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with asyncio.timeout(LEFTOVER_TIMEOUT_S):
                await response.content.read()
    return completion


def _count_tokens(answer: Completion) -> int | None:
    used = answer.usage
    return None if used.input_tokens is None else used.input_tokens + (used.output_tokens or 0)


def _headers_for(key: str, address: Address) -> dict[str, str]:
    """The headers of every request.

    Raises:
        ConfigError: the key cannot stand in a header, or the URL holds a second one.
    """
    headers = {"Content-Type": "application/json", "User-Agent": f"evalscope/{__version__}"}
    check_header_value(key, "the API key")
    if key and address.credentials:
        raise ConfigError("api_url holds a user name or password, and there is an API key as well; give one of them")
    if key:
        headers["Authorization"] = f"Bearer {key}"
    elif address.credentials:
        headers["Authorization"] = f"Basic {base64.b64encode(address.credentials.encode()).decode()}"
    return headers
