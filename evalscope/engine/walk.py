"""The walk of all samples: one pool over all data sets, a free slot refilled at once, every end written down."""

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from evalscope.core.response import Completion, Response
from evalscope.core.score import SampleScore
from evalscope.core.text import without_surrogates
from evalscope.engine.accept import accept_response
from evalscope.engine.ask import Asker
from evalscope.engine.book import Book
from evalscope.engine.budget import Budget
from evalscope.engine.grade import failed_request, grade
from evalscope.engine.outage import Failure, Outage
from evalscope.engine.plan import Plan, Request
from evalscope.errors import AnswerRefused, ConfigError, EndpointError, ModelError, PromptTooLong
from evalscope.runs.answers import completion_of

logger = logging.getLogger(__name__)

NUM_PROBES = 8
"""So many failures before the first answer mean that none will come."""

STORED_AT_A_TIME = 64
"""After so many answers taken from store without waiting, the event loop gets its turn."""


MOST_JUDGED = 1024
"""So many answers may wait for their judges before no further question is asked."""


class BudgetSpent(Exception):
    """A request may not leave any more; it stays within this file."""


class Walk:
    """Takes every request of a plan to its end.

    Attributes:
        stopping: set it, and no further request is taken; those in hand are finished.
    """

    def __init__(
        self,
        plan: Plan,
        asker: Asker,
        books: Mapping[tuple[str, str], Book],
        budget: Budget | None = None,
        outage: Outage | None = None,
    ) -> None:
        """Prepares the walk; `books` are found by (data set, subset)."""
        self._budget = budget or Budget()
        self._outage = outage or Outage()
        self._again: deque[Request] = deque()
        self._asker = asker
        self._plan = plan
        self._books = books
        self._requests: Iterator[Request] = plan.requests()
        self._stored_by_key: dict[str, tuple[Book, int]] = {
            key: (book, offset) for book in books.values() for key, offset in book.answers.stored_requests()
        }
        self._holds_answers = bool(self._stored_by_key)
        self._in_flight: dict[str, asyncio.Future[Response] | None] = {}  # None while nobody else waits
        self._has_answered = False
        self._failures_before_an_answer = 0
        self._last_error: ModelError | None = None
        self._taken_at_once = 0
        self._num_slots = 0
        self._num_judged = 0
        self._num_left = plan.num_requests
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Walks until all requests have ended, or until told to stop.

        Raises:
            EndpointError: no question could be asked.
            ConfigError: a setting that only shows its fault when it is used.
            OSError: a row could not be written; everything before it is safe.
        """
        try:
            async with asyncio.TaskGroup() as self._slots:
                self._open_slots()
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        self._write_failures(self._outage.suspects)  # no answer came after them to tell whose fault they were
        if self._failures_before_an_answer and not (
            self._has_answered or self._holds_answers or self.stopping.is_set()
        ):
            raise EndpointError(
                f"none of {self._failures_before_an_answer} requests was answered; the last: {self._last_error}"
            )

    def _open_slots(self) -> None:
        """As many as whoever answers wants in hand now, which may change while the walk goes on."""
        wanted = min(self._asker.concurrency, self._num_left)
        while self._num_slots < wanted:
            self._num_slots += 1
            self._slots.create_task(self._slot())

    async def _slot(self) -> None:
        try:
            while (request := self._next_request()) is not None:
                await self._settle(request)
                if self._outage.is_on:
                    await self._outage.over.wait()
                if self.stopping.is_set():
                    return
                if self._num_slots > self._asker.concurrency:
                    return
                if self._num_slots < self._asker.concurrency:
                    self._open_slots()
        finally:
            self._num_slots -= 1

    def _next_request(self) -> Request | None:
        """Those that an outage has cost their answer first, then the plan's; None at its end."""
        if self._again:
            return self._again.popleft()
        self._num_left -= 1
        return next(self._requests, None)

    async def _settle(self, request: Request) -> None:
        book = self._books[request.subset.dataset.name, request.subset.name]
        if (row := book.answers.find(request.sample.id, request.repeat, request.key, request.order)) is not None:
            await self._breathe()
            response = _response(request, completion_of(row))
            if not book.keep_review(request, response):
                book.write_review(request, await self._grade(request, response, book), response)
            return
        try:
            answer = await self._answer(request, book)
        except BudgetSpent:
            self.stopping.set()
            return
        except ModelError as error:
            self._note_failure(error)
            if not (self._has_answered and self._outage.holds(request, error)):
                self._write_failures([(request, error)])
            elif self._outage.begins(self._num_slots):
                await self._wait_out(error)
            return
        if answer is None:
            book.tally.missing += 1
            return
        book.write_review(request, await self._grade(request, answer, book), answer)

    async def _grade(self, request: Request, response: Response, book: Book) -> SampleScore:
        """The sample's end; while judges think, its slot is somebody else's, so that the model is not left waiting."""
        if book.panel is None or self._num_judged >= MOST_JUDGED:
            return await grade(request, response, book.panel)
        self._num_judged += 1
        self._num_slots -= 1
        self._open_slots()
        try:
            return await grade(request, response, book.panel)
        finally:
            self._num_judged -= 1
            self._num_slots += 1

    def _write_failures(self, failures: Iterable[Failure]) -> None:
        for request, error in failures:
            book = self._books[request.subset.dataset.name, request.subset.name]
            book.write_answer(request, without_surrogates(str(error)))
            book.write_review(request, failed_request(request, error), None)

    async def _wait_out(self, error: ModelError) -> None:
        """Asks from time to time, while all other slots stand still.

        By turns a request that has failed and one that has not been asked yet: the failures may be the requests' own.
        """
        outage = self._outage
        logger.warning(
            "%d requests in a row failed, the last: %s; waiting up to %g s (--give-up-after)",
            len(outage.suspects),
            error,
            outage.give_up_after_s,
        )
        for is_fresh in itertools.cycle((False, True)):
            if self.stopping.is_set():
                break
            if outage.is_hopeless:
                self._budget.spent_by = f"--give-up-after {outage.give_up_after_s:g}"
                self.stopping.set()
                break
            await asyncio.sleep(outage.probe_every_s)
            request = self._next_request() if is_fresh else None
            if request is None:
                request, _ = outage.suspects.popleft()
            num_answered = outage.num_answered
            await self._settle(request)
            if outage.num_answered > num_answered or not outage.suspects:
                break
        self._again.extend(outage.end())

    async def _answer(self, request: Request, book: Book) -> Response | None:
        """The answer that an equal request got or is waiting for, or a new one."""
        if not request.generation.is_greedy:
            return await self._ask(request, book)
        if held := self._stored_by_key.get(request.key):
            response = _response(request, completion_of(held[0].answers.read(held[1])))
            book.write_answer(request, response.completions[-1])
            await self._breathe()
            return response
        if request.key in self._in_flight:
            response = await asyncio.shield(self._shared(request.key))
            book.write_answer(request, response.completions[-1])
            return response
        return await self._ask_for_all(request, book)

    async def _ask_for_all(self, request: Request, book: Book) -> Response | None:
        """Asks a greedy request once, however many samples are waiting for its answer."""
        self._in_flight[request.key] = None
        try:
            response = await self._ask(request, book)
        except (ModelError, BudgetSpent) as error:
            if waited_for := self._in_flight[request.key]:
                waited_for.set_exception(error)
            raise
        else:
            if response is not None and (waited_for := self._in_flight[request.key]):
                waited_for.set_result(response)
            return response
        finally:
            if waited_for := self._in_flight.pop(request.key):
                waited_for.cancel()  # of no effect where it has its result

    def _shared(self, key: str) -> asyncio.Future[Response]:
        """What all wait for that have the same question as one in flight."""
        waited_for = self._in_flight[key]
        if waited_for is None:
            waited_for = self._in_flight[key] = asyncio.get_running_loop().create_future()
        return waited_for

    async def _ask(self, request: Request, book: Book) -> Response | None:
        reserved = await self._budget.admit(request)
        if reserved is None:
            raise BudgetSpent
        response: Response | None = None
        try:
            response = await self._asker(request)
            response = None if response is None else accept_response(response)
        except (ModelError, ConfigError):
            raise
        except asyncio.CancelledError:
            if _is_being_cancelled():
                raise
            raise ModelError("the model cancelled its own request") from None
        except Exception as error:
            # a model or solver of the user's own may raise anything; it is one sample's failure
            logger.debug("asking sample %s failed", request.sample.id, exc_info=True)
            raise ModelError(f"{type(error).__name__}: {error}") from error
        finally:
            self._budget.settle(request, reserved, response)
        if response is None:
            await self._breathe()
            return None
        self._has_answered = True
        self._write_failures(self._outage.answered())
        book.tally.asked += 1
        offset = book.write_answer(request, response.completions[-1])
        if request.generation.is_greedy:
            self._stored_by_key[request.key] = (book, offset)
        return response

    def _note_failure(self, error: ModelError) -> None:
        """Ends the walk where the failure shows, before any answer came, that none will.

        Raises:
            EndpointError: none will.
        """
        if isinstance(error, PromptTooLong | AnswerRefused):
            self._has_answered = True  # whoever says this is there, and willing to hear the next question
        if self._has_answered or error is self._last_error:  # equal questions share one failure
            return
        if isinstance(error, EndpointError):
            raise error
        self._failures_before_an_answer += 1
        self._last_error = error
        if self._failures_before_an_answer >= NUM_PROBES:
            raise EndpointError(f"none of the first {NUM_PROBES} requests was answered; the last: {error}") from error

    async def _breathe(self) -> None:
        self._taken_at_once += 1
        if self._taken_at_once % STORED_AT_A_TIME == 0:
            await asyncio.sleep(0)


def _is_being_cancelled() -> bool:
    """Whether this slot is to end, rather than something that a model awaited."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _response(request: Request, completion: Completion) -> Response:
    return Response(text=completion.text, messages=request.messages, completions=(completion,))
