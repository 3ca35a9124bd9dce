"""A model that answers through an OpenAI-compatible chat-completions service."""

import asyncio
import base64
import contextlib
import logging
import random
import time
from collections.abc import Mapping, Sequence

import aiohttp

from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.response import Completion
from evalscope.errors import ConfigError, EndpointError, ModelError, nearest
from evalscope.models.service.address import Address, parse_address
from evalscope.models.service.connections import check_header_value, failure_of, open_session
from evalscope.models.service.envelope import Envelope, make_envelope
from evalscope.models.service.proxy import proxy_for
from evalscope.models.service.refusals import NotServed, Refusal, error_for, read_refusal, refusal_in
from evalscope.models.service.reply import parse_json, read_completion
from evalscope.models.service.retries import AttemptFailed, Patience
from evalscope.models.service.secrecy import Secrets
from evalscope.models.service.stream import StreamedError, read_stream
from evalscope.version import __version__

logger = logging.getLogger(__name__)

PATIENCE = Patience()

LISTING_TIMEOUT_S = 5.0
LEFTOVER_TIMEOUT_S = 0.2
LOG_EVERY_S = 60.0
MOST_ENVELOPES = 64


class Service:
    """A service that answers questions over HTTP; it fulfils core.model.Model.

    It belongs to the event loop in which it is first asked.

    Attributes:
        num_repetitions: how many attempts had to be repeated so far.
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
        concurrency: int,
        rng: random.Random,
        stream: bool = False,
        patience: Patience = PATIENCE,
    ) -> None:
        """A service that has not been asked yet; nothing is sent.

        Args:
            model: the name that the service knows the model by.
            name: the name in reports.
            url: its address, with or without /chat/completions.
            api_key: sent as a bearer token; None or empty for none.
            timeout_s: for one attempt, from sending to the last byte.
            max_retries: how often a failed attempt is repeated.
            concurrency: how many questions it wants in hand at once.
            rng: draws the waits between attempts.
            stream: read answers while they are written.
            patience: the waits.

        Raises:
            ConfigError: the URL, the key or the environment's proxy cannot be used.
        """
        self._model, self._name, self._concurrency = model, name, concurrency
        self._address = parse_address(url)
        self._proxy = proxy_for(self._address.chat)
        key = (api_key or "").strip()
        self._headers = _headers_for(key, self._address)
        self._hidden = (key, *self._headers.get("Authorization", "").split()[1:], *self._address.hidden_values)
        self._max_retries, self._rng, self._patience, self._is_streaming = max_retries, rng, patience, stream
        self._timeout = _timeout(timeout_s, patience.connect_s)
        self._later_timeout = _timeout(timeout_s, patience.later_connect_s)
        self._has_answered = False
        self._session: aiohttp.ClientSession | None = None
        self._envelopes: dict[int, Envelope] = {}
        self._listing = asyncio.Lock()
        self._served_names: tuple[str, ...] | None = None
        self._logged_at = -LOG_EVERY_S
        self.num_repetitions = 0

    @property
    def name(self) -> str:
        """The name in reports, folders and tables."""
        return self._name

    @property
    def identity(self) -> Mapping[str, str]:
        """The name that is asked for: neither the address nor the key decides the answers."""
        return {"kind": "service", "model": self._model}

    @property
    def concurrency(self) -> int:
        """How many questions it wants to have in hand at once."""
        return self._concurrency

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
        num_failed = 0
        while True:
            try:
                return await self._attempt(envelope, body)
            except AttemptFailed as error:
                failure = error
            except NotServed as error:
                raise EndpointError(await self._with_names(error, envelope.secrets)) from None
            num_failed += 1
            reason = envelope.secrets.excerpt(failure.reason)
            self._check_patience(failure, num_failed, reason)
            self._note_repetition(reason)
            await asyncio.sleep(self._patience.wait_s(num_failed, failure.retry_after_s, self._rng))

    async def aclose(self) -> None:
        """Closes the connections; questions in flight fail."""
        if self._session is not None:
            await self._session.close()
            self._session = None

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

    async def _attempt(self, envelope: Envelope, body: bytes) -> Completion:
        session = self._session
        if session is None:
            session = self._session = open_session(self._headers)
        timeout = self._later_timeout if self._has_answered else self._timeout
        started = time.perf_counter()
        try:
            async with session.post(
                envelope.url,
                data=body,
                headers=envelope.headers,
                proxy=self._proxy,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                self._has_answered = True
                status = response.status
                # some servers stream though they were not asked to, and some do not though they were
                if status // 100 == 2 and response.headers.get("Content-Type", "").startswith("text/event-stream"):
                    return await self._read_stream(response, envelope, started)
                data = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # not chained: the text of an aiohttp error may hold the address with its query, and so a secret
            raise failure_of(error, timeout) from None
        if status // 100 != 2:
            raise self._error(read_refusal(status, data), response.headers, envelope)
        reply = parse_json(data)
        if isinstance(reply, dict) and not reply.get("choices") and (reply.get("error") or "message" in reply):
            raise self._error(refusal_in(200, reply), response.headers, envelope)
        return read_completion(reply, time.perf_counter() - started)

    async def _read_stream(self, response: aiohttp.ClientResponse, envelope: Envelope, started: float) -> Completion:
        try:
            completion = await read_stream(response.content.iter_any(), started)
        except StreamedError as error:
            raise self._error(refusal_in(200, error.event), response.headers, envelope) from None
        # the end of the body often comes a packet after [DONE]; only a connection read to its end can be used again
        if not response.content.at_eof():
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with asyncio.timeout(LEFTOVER_TIMEOUT_S):
                    await response.content.read()
        return completion

    def _error(self, refusal: Refusal, headers: Mapping[str, str], envelope: Envelope) -> Exception:
        return error_for(refusal, headers, self._model, self._address.shown, envelope.secrets)

    def _check_patience(self, failure: AttemptFailed, num_failed: int, reason: str) -> None:
        """Gives up where no further attempt is allowed.

        Raises:
            EndpointError: the address has never answered, and will not.
            ModelError: the attempts are used up.
        """
        if not self._has_answered and failure.most_if_silent is not None:
            if num_failed > min(failure.most_if_silent, self._max_retries):
                raise EndpointError(f"nothing answers at {self._address.shown}: {reason}; is the server running?")
        elif num_failed > self._max_retries:
            times = "once" if num_failed == 1 else f"{num_failed} times"
            raise ModelError(
                f"{self._address.shown} was asked {times} without an answer (--max-retries); last: {reason}"
            )

    def _note_repetition(self, reason: str) -> None:
        self.num_repetitions += 1
        now = time.monotonic()
        if now - self._logged_at >= LOG_EVERY_S:
            self._logged_at = now
            # an address that never answered ends the run with one message of its own; a warning before it is noise
            logger.log(
                logging.WARNING if self._has_answered else logging.INFO,
                "%s: requests fail and are sent again (%d so far); the last: %s",
                self._name,
                self.num_repetitions,
                reason,
            )

    async def _with_names(self, refusal: NotServed, secrets: Secrets) -> str:
        """The refusal's text, with the nearest names that the service lists, where it lists any."""
        async with self._listing:  # many questions may fail at once; the list is read for the first of them
            if self._served_names is None:
                self._served_names = await self._read_names()
        if not self._served_names or self._model in self._served_names:
            return str(refusal)
        return f"{refusal}; {secrets.excerpt(nearest(self._model, self._served_names))}"

    async def _read_names(self) -> tuple[str, ...]:
        """The names of the models that the service lists; none where it does not tell."""
        if self._session is None:  # closed since the refusal came
            return ()
        timeout = aiohttp.ClientTimeout(total=LISTING_TIMEOUT_S)
        try:
            async with self._session.get(
                self._address.models, proxy=self._proxy, timeout=timeout, allow_redirects=False
            ) as response:
                listed = parse_json(await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError, AttemptFailed):
            return ()
        models = listed.get("data") if isinstance(listed, dict) else None
        names = [entry.get("id") for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []
        return tuple(name for name in names if isinstance(name, str))


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


def _timeout(timeout_s: float, connect_s: float) -> aiohttp.ClientTimeout:
    # a little less than the whole, so that a dead address is told from a slow answer however short the whole is
    return aiohttp.ClientTimeout(total=timeout_s, connect=min(0.9 * timeout_s, connect_s))
