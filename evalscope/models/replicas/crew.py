"""Replicas that are kept alive: one that is lost is started again, wherever there is room."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field

from evalscope.errors import ConfigError, EndpointError, EvalscopeError
from evalscope.models.replicas.crossing import Carried, Place
from evalscope.models.replicas.handle import Handle, ReplicaLost
from evalscope.models.replicas.pool import Pool, Seat

logger = logging.getLogger(__name__)

MOST_STILLBORN = 3
"""A replica that was lost so often before it was loaded will be lost again."""

PAUSE_S = 1.0
"""Between a start that failed and the next one, times the number of failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where replicas can be started.

    Attributes:
        launch: starts one on any node but those given by id; it waits for room as long as need be.
        nodes: the ids of those that are there now.
        advice: what to do where no replica finds room.
    """

    launch: Callable[[Collection[str]], Handle]
    nodes: Callable[[], Awaitable[Collection[str]]]
    advice: str


@dataclass(slots=True, kw_only=True)
class Crew:
    """So many replicas, whose seats are in the pool while they can be asked.

    Attributes:
        ground: where they are started.
        num: how many.
        pool: of their seats.
        identity: of the model that they are copies of.
        versions: of packages in this process.
        patience_s: how long those who wait are left without any replica, loading not counted.
    """

    ground: Ground
    num: int
    pool: Pool
    identity: Mapping[str, str]
    versions: Mapping[str, str]
    patience_s: float
    _keepers: list["asyncio.Task[None]"] = field(default_factory=list)
    _barred: set[str] = field(default_factory=set)
    _have_served: set[str] = field(default_factory=set)
    _num_at_work: int = 0
    _num_given_up: int = 0
    _despair: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Starts all of them in this event loop."""
        self._keepers = [asyncio.create_task(self._keep_or_tell()) for _ in range(self.num)]
        self._watch()

    async def close(self) -> None:
        """Ends all of them."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        if self._despair is not None:
            self._despair.cancel()
        closed = EndpointError("the model was closed before it had answered; ask it again for it to be loaded again")
        self.pool.turn_away(closed, for_good=True)

    async def _keep_or_tell(self) -> None:
        try:
            await self._keep()
        except Exception as error:  # noqa: BLE001 - a task that ended unseen would leave everybody waiting
            self._give_up(EndpointError(f"a replica cannot be kept alive: {type(error).__name__}: {error}"))

    async def _keep(self) -> None:
        """One replica, life after life."""
        num_stillborn = 0
        while True:
            failure = await self._live()
            if failure is None:
                num_stillborn = 0
                continue
            num_stillborn += 1
            if num_stillborn >= MOST_STILLBORN or not set(await self.ground.nodes()) - self._barred:
                self._give_up(failure)
                return
            await asyncio.sleep(PAUSE_S * num_stillborn)

    async def _live(self) -> EvalscopeError | None:
        """One life from start to loss; why it could not be asked at all, or None where it could."""
        place: Place | None = None
        handle = self.ground.launch(frozenset(self._barred))
        try:
            place = await handle.place()
            self._at_work(+1)
            try:
                seat = await self._loaded(handle, place)
                self._have_served.add(place.node_id)
                await self._serve(seat)
            finally:
                self._at_work(-1)
        except ReplicaLost as loss:
            where = "a replica" if place is None else f"a replica on node {place.node_name}"
            logger.warning("%s was lost before it was loaded: %s", where, loss)
            return EndpointError(
                f"{where} was lost before it was loaded: {loss}; is there enough memory, and is evalscope installed "
                "there?"
            )
        except EvalscopeError as error:
            assert place is not None, "only a replica that has a place can tell what is wrong"
            self._note_refusal(place, error)
            return error
        finally:
            handle.kill()
        return None

    async def _loaded(self, handle: Handle, place: Place) -> Seat:
        """The seat of a replica that is ready.

        Raises:
            ReplicaLost: it is gone.
            EvalscopeError: what it says it cannot be loaded for.
        """
        if place.versions["evalscope"] != self.versions["evalscope"]:
            raise ConfigError(
                f"node {place.node_name} has evalscope {place.versions['evalscope']}, and {self.versions['evalscope']} "
                "runs here; install the same version on all nodes"
            )
        wants = await handle.load(self.identity)
        if isinstance(wants, Carried):
            raise wants.error()
        others = {name: found for name, found in place.versions.items() if found != self.versions.get(name, found)}
        if others:
            logger.warning(
                "node %s has %s; answers may differ from those of %s", place.node_name, others, self.versions
            )
        return Seat(handle=handle, node_name=place.node_name, wants=wants)

    async def _serve(self, seat: Seat) -> None:
        logger.info("a replica is ready on node %s", seat.node_name)
        self.pool.add(seat)
        try:
            await seat.handle.stay()
        except ReplicaLost as loss:
            logger.warning(
                "a replica on node %s was lost: %s; what it had in hand is asked elsewhere", seat.node_name, loss
            )
        finally:
            self.pool.remove(seat)

    def _note_refusal(self, place: Place, error: EvalscopeError) -> None:
        """Bars the node from further starts; where one succeeded before, a failure of the device may pass."""
        if place.node_id in self._have_served and isinstance(error, EndpointError):
            return
        if place.node_id not in self._barred:
            self._barred.add(place.node_id)
            logger.warning("no replica can run on this node: %s", error)

    def _at_work(self, change: int) -> None:
        self._num_at_work += change
        self._watch()

    def _give_up(self, failure: EvalscopeError) -> None:
        self._num_given_up += 1
        if self._num_given_up == self.num:
            self.pool.turn_away(failure, for_good=True)
        self._watch()

    def _watch(self) -> None:
        """Starts to count the time without any replica, or ends it."""
        if self._despair is not None:
            self._despair.cancel()
            self._despair = None
        if not self._num_at_work:
            self._despair = asyncio.get_running_loop().call_later(self.patience_s, self._despond)

    def _despond(self) -> None:
        nobody = EndpointError(
            f"no replica of the model is left, and none found room within {self.patience_s:g} s; {self.ground.advice}"
        )
        self.pool.turn_away(nobody, for_good=False)
        self._despair = None
        self._watch()
