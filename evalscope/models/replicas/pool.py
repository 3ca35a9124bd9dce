"""Who is asked next: the replica with the fewest questions in hand."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from evalscope.errors import EvalscopeError
from evalscope.models.replicas.crossing import carry
from evalscope.models.replicas.handle import Handle


@dataclass(slots=True, kw_only=True, eq=False)
class Seat:
    """A replica that can be asked.

    Attributes:
        handle: the replica.
        node_name: for people.
        wants: how many questions it wants in hand.
        num_in_hand: how many it has.
    """

    handle: Handle
    node_name: str
    wants: int
    num_in_hand: int = 0


class Pool:
    """Seats, and those who wait for a place at one; of one event loop."""

    def __init__(self) -> None:
        self._seats: list[Seat] = []
        self._waiting: deque[asyncio.Future[Seat]] = deque()
        self._waiting_alone: deque[asyncio.Future[Seat]] = deque()
        self._reserved: Seat | None = None
        self._refusal: EvalscopeError | None = None

    @property
    def concurrency(self) -> int:
        """How many questions all seats together want in hand; 0 without any."""
        return sum(seat.wants for seat in self._seats)

    def add(self, seat: Seat) -> None:
        """A replica has come."""
        self._seats.append(seat)
        self._deal()

    def remove(self, seat: Seat) -> None:
        """A replica has gone, or is not to be asked any more."""
        if seat in self._seats:
            self._seats.remove(seat)
        if seat is self._reserved:
            self._reserved = None
        self._deal()

    def turn_away(self, error: EvalscopeError, *, for_good: bool) -> None:
        """Fails everybody who waits, each with an error of his own; `for_good` those to come too."""
        if for_good:
            self._refusal = error
        waiting = (*self._waiting, *self._waiting_alone)
        self._waiting.clear()
        self._waiting_alone.clear()
        for waiter in waiting:
            if not waiter.done():
                waiter.set_exception(carry(error).error())

    @asynccontextmanager
    async def seat(self, *, first: bool = False) -> AsyncIterator[Seat]:
        """A place at the replica with the shortest queue, as soon as one has room.

        Args:
            first: before all others who wait.

        Raises:
            EvalscopeError: there is no replica, and none will come.
        """
        waiter = self._new_waiter()
        if first:
            self._waiting.appendleft(waiter)
        else:
            self._waiting.append(waiter)
        self._deal()
        seat = await self._wait(waiter)
        try:
            yield seat
        finally:
            self._leave(seat)

    @asynccontextmanager
    async def seat_alone(self) -> AsyncIterator[Seat]:
        """A replica that has nothing else in hand meanwhile; one at a time is lent in this way.

        Raises:
            EvalscopeError: as seat.
        """
        waiter = self._new_waiter()
        self._waiting_alone.append(waiter)
        self._deal()
        seat = await self._wait(waiter)
        try:
            yield seat
        finally:
            self._leave(seat)

    def _new_waiter(self) -> "asyncio.Future[Seat]":
        if self._refusal is not None:
            raise carry(self._refusal).error()
        return asyncio.get_running_loop().create_future()

    async def _wait(self, waiter: "asyncio.Future[Seat]") -> Seat:
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._leave(waiter.result())  # it was dealt in the very moment that nobody wanted it any more
            raise

    def _leave(self, seat: Seat) -> None:
        seat.num_in_hand -= 1
        self._deal()

    def _deal(self) -> None:
        """Gives out all the room there is."""
        self._deal_alone()
        while self._waiting:
            open_seats = (seat for seat in self._seats if seat.num_in_hand < seat.wants and seat is not self._reserved)
            seat = min(open_seats, key=lambda seat: seat.num_in_hand, default=None)
            if seat is None:
                return
            self._give(seat, self._waiting.popleft())

    def _deal_alone(self) -> None:
        """Keeps one seat free of others while somebody wants it alone; it is given once it is empty."""
        while self._waiting_alone and self._waiting_alone[0].done():
            self._waiting_alone.popleft()
        if self._reserved is None and self._waiting_alone:
            self._reserved = min(self._seats, key=lambda seat: seat.num_in_hand, default=None)
        if self._reserved is None or self._reserved.num_in_hand:
            return
        if self._waiting_alone:
            self._give(self._reserved, self._waiting_alone.popleft())
        else:
            self._reserved = None

    def _give(self, seat: Seat, waiter: "asyncio.Future[Seat]") -> None:
        if not waiter.done():
            seat.num_in_hand += 1
            waiter.set_result(seat)
