"""A request and its reply, after as many attempts as it takes and as are allowed."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from yarl import URL

from evalscope.errors import EndpointError, ModelError, nearest
from evalscope.models.service.address import Address
from evalscope.models.service.connections import failure_of, open_session
from evalscope.models.service.door import Door
from evalscope.models.service.pace import Ending
from evalscope.models.service.proxy import proxy_for
from evalscope.models.service.refusals import Asked, NotServed, error_for, read_refusal, refusal_in
from evalscope.models.service.reply import ErrorInstead, parse_json
from evalscope.models.service.retries import AttemptFailed, Patience

logger = logging.getLogger(__name__)

LISTING_TIMEOUT_S = 5.0
QUIET_S = 10.0
"""After so long without a repetition the next one begins another episode, which has its own line in the log."""

LOG_EVERY_S = 60.0
"""A longer episode has a line as often as this."""

Reply = TypeVar("Reply")

Read = Callable[[aiohttp.ClientResponse, float], Awaitable[Reply]]
"""(a response under HTTP's success, time.perf_counter() when its request was sent) → what it says."""


def _unknown(reply: object) -> int | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is posted.

    Attributes:
        url: query string included.
        body: JSON, UTF-8.
        asked: what a message about a refusal says.
        headers: those besides the usual ones; None for none.
    """

    url: URL
    body: bytes
    asked: Asked
    headers: Mapping[str, str] | None = None


class Exchange:
    """The connections to one service, and the patience with it.

    It belongs to the event loop in which it is first used.

    Args:
        name: of the model, in the log.
        address: of the service.
        headers: of every request.
        timeout_s: for one attempt, from sending to the last byte.
        max_retries: how often a failed attempt is repeated.
        rng: draws the waits between attempts.
        patience: the waits.
        door: where requests leave.

    Attributes:
        num_repetitions: how many attempts had to be repeated so far.

    Raises:
        ConfigError: the environment's proxy cannot be used.
    """

    def __init__(
        self,
        *,
        name: str,
        address: Address,
        headers: Mapping[str, str],
        timeout_s: float,
        max_retries: int,
        rng: random.Random,
        patience: Patience,
        door: Door,
    ) -> None:
        self._name, self._address, self._headers, self._door = name, address, headers, door
        self._proxy = proxy_for(address.chat)
        self._max_retries, self._rng, self._patience = max_retries, rng, patience
        self._timeout = _timeout(timeout_s, patience.connect_s)
        self._later_timeout = _timeout(timeout_s, patience.later_connect_s)
        self._has_answered = False
        self._session: aiohttp.ClientSession | None = None
        self._listing = asyncio.Lock()
        self._served_names: tuple[str, ...] | None = None
        self._logged_at = self._repeated_at = -math.inf
        self.num_repetitions = 0

    @property
    def concurrency(self) -> int:
        """How many requests should be in hand."""
        return self._door.concurrency

    async def post(
        self, request: Request, read: Read[Reply], count_tokens: Callable[[Reply], int | None] = _unknown
    ) -> Reply:
        """What the service replies.

        Args:
            request: what is posted.
            read: understands it.
            count_tokens: how many tokens the request and its reply took; None where nobody says.

        Raises:
            EndpointError: nothing answers there, or no key, model or path of it is accepted.
            RequestRefused: the service does not accept this request.
            PromptTooLong: the prompt does not fit the model's context.
            AnswerRefused: a content filter stopped it.
            ModelError: every attempt failed.
        """
        num_failed = 0
        while True:
            attempt, ending, retry_after_s = await self._door.enter(len(request.body)), Ending.FAILED, None
            try:
                reply = await self._attempt(request, read)
                ending = Ending.ANSWERED
                if (num_tokens := count_tokens(reply)) is not None:
                    self._door.spent(attempt, num_tokens)
                return reply
            except AttemptFailed as error:
                failure, ending, retry_after_s = error, error.ending, error.retry_after_s
            except NotServed as error:
                raise EndpointError(await self._with_names(error, request.asked)) from None
            finally:
                self._door.leave(attempt, ending, retry_after_s)
            num_failed += 1
            reason = request.asked.secrets.excerpt(failure.reason)
            self._check_patience(request, failure, num_failed, reason)
            self._note_repetition(reason)
            await self._door.rest(self._patience.wait_s(num_failed, failure.retry_after_s, self._rng))

    async def aclose(self) -> None:
        """Closes the connections; requests in flight fail."""
        if self._session is not None:
            await self._session.close()
            self._session = None
            if self.num_repetitions:
                logger.info("%s: %d attempts were repeated in all", self._name, self.num_repetitions)

    async def _attempt(self, request: Request, read: Read[Reply]) -> Reply:
        session = self._session
        if session is None:
            session = self._session = open_session(self._headers)
        timeout = self._later_timeout if self._has_answered else self._timeout
        started = time.perf_counter()
        try:
            async with session.post(
                request.url,
                data=request.body,
                headers=request.headers,
                proxy=self._proxy,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                self._has_answered = True
                self._door.told(response.headers)
                if response.status // 100 == 2:
                    return await read(response, started)
                refusal = read_refusal(response.status, await response.read())
        except ErrorInstead as error:
            refusal = refusal_in(200, error.said)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # not chained: the text of an aiohttp error may hold the address with its query, and so a secret
            raise failure_of(error, timeout) from None
        raise error_for(refusal, response.headers, request.asked)

    def _check_patience(self, request: Request, failure: AttemptFailed, num_failed: int, reason: str) -> None:
        """Gives up where no further attempt is allowed.

        Raises:
            EndpointError: the address has never answered, and will not.
            ModelError: the attempts are used up.
        """
        if not self._has_answered and failure.most_if_silent is not None:
            if num_failed > min(failure.most_if_silent, self._max_retries):
                raise EndpointError(f"nothing answers at {request.asked.url}: {reason}; is the server running?")
        elif num_failed > self._max_retries:
            times = "once" if num_failed == 1 else f"{num_failed} times"
            raise ModelError(f"{request.asked.url} was asked {times} without an answer (--max-retries); last: {reason}")

    def _note_repetition(self, reason: str) -> None:
        self.num_repetitions += 1
        now = time.monotonic()
        is_new, self._repeated_at = now - self._repeated_at >= QUIET_S, now
        if is_new or now - self._logged_at >= LOG_EVERY_S:
            self._logged_at = now
            # an address that never answered ends the run with one message of its own; a warning before it is noise
            logger.log(
                logging.WARNING if self._has_answered else logging.INFO,
                "%s: requests fail and are sent again (%d so far); the last: %s",
                self._name,
                self.num_repetitions,
                reason,
            )

    async def _with_names(self, refusal: NotServed, asked: Asked) -> str:
        """The refusal's text, with the nearest names that the service lists, where it lists any."""
        async with self._listing:  # many questions may fail at once; the list is read for the first of them
            if self._served_names is None:
                self._served_names = await self._read_names()
        if not self._served_names or asked.model in self._served_names:
            return str(refusal)
        return f"{refusal}; {asked.secrets.excerpt(nearest(asked.model, self._served_names))}"

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


def _timeout(timeout_s: float, connect_s: float) -> aiohttp.ClientTimeout:
    # a little less than the whole, so that a dead address is told from a slow answer however short the whole is
    return aiohttp.ClientTimeout(total=timeout_s, connect=min(0.9 * timeout_s, connect_s))
