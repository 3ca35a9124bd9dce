"""Replicas without Ray: each life does what a test tells it to."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from evalscope.core.generation import Generation
from evalscope.core.response import Completion
from evalscope.errors import EvalscopeError
from evalscope.models.replicas.crew import Ground
from evalscope.models.replicas.crossing import Carried, Place, Question, Reply, carry
from evalscope.models.replicas.handle import ReplicaLost

VERSIONS = {"evalscope": "1"}
IDENTITY = {"kind": "fake"}


@dataclass(eq=False)
class FakeLife:
    """One life of a replica.

    Attributes:
        answer: the reply's outcome to a question's text, or what is raised.
        node: the id of its node.
        wants: as it says with each reply.
        loading: why it cannot be loaded; a ReplicaLost is the end of it.
        is_crowded: whether there is no room for it at first.
        versions: that its node has.
        asked: the texts of all questions, in order.
        has_room: set it, and it has a place.
        most_in_hand: the most questions it had at once.
    """

    answer: Callable[[str], object] = str
    node: str = "a"
    wants: int = 2
    loading: Exception | None = None
    is_crowded: bool = False
    versions: Mapping[str, str] = field(default_factory=lambda: dict(VERSIONS))
    asked: list[str] = field(default_factory=list)
    has_room: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    num_in_hand: int = 0
    most_in_hand: int = 0

    def __post_init__(self) -> None:
        if not self.is_crowded:
            self.has_room.set()

    async def place(self) -> Place:
        await self.has_room.wait()
        return Place(node_id=self.node, node_name=f"{self.node}.lan", versions=self.versions)

    async def load(self, identity: Mapping[str, str]) -> int | Carried:
        assert identity == IDENTITY
        await asyncio.sleep(0)
        if isinstance(self.loading, ReplicaLost):
            raise self.loading
        return self.wants if self.loading is None else carry(self.loading)

    async def ask(self, question: Question) -> Reply:
        text = question.arguments[0][0].content if question.way == "generate" else question.arguments[0]
        self.asked.append(text)
        self.num_in_hand += 1
        self.most_in_hand = max(self.most_in_hand, self.num_in_hand)
        try:
            return Reply(await self._outcome(text, question.way), self.wants)
        finally:
            self.num_in_hand -= 1

    async def stay(self) -> None:
        await self.ended.wait()
        raise ReplicaLost("it was killed")

    def kill(self) -> None:
        self.ended.set()

    async def _outcome(self, text: str, way: str):
        await asyncio.sleep(0)
        if self.ended.is_set():
            raise ReplicaLost("it was killed")
        try:
            outcome = self.answer(text)
            outcome = await outcome if asyncio.iscoroutine(outcome) else outcome
        except EvalscopeError as error:
            return carry(error)
        if self.ended.is_set():
            raise ReplicaLost("it was killed")
        return Completion(text=outcome) if way == "generate" else outcome


class FakeCluster:
    """Hands out prepared lives in their order; when they are used up, lives that find no room."""

    def __init__(self, lives: Sequence[FakeLife], nodes: Collection[str] = ("a",)) -> None:
        self._coming = list(lives)
        self._nodes = nodes
        self.launched: list[FakeLife] = []
        self.barred: list[Collection[str]] = []
        self.is_closed = False

    async def open(self) -> Ground:
        async def nodes() -> Collection[str]:
            return self._nodes

        return Ground(launch=self._launch, nodes=nodes, advice="add nodes")

    async def close(self) -> None:
        self.is_closed = True

    def _launch(self, barred: Collection[str]) -> FakeLife:
        life = self._coming.pop(0) if self._coming else FakeLife(is_crowded=True)
        self.launched.append(life)
        self.barred.append(barred)
        return life


class FakeFace:
    """A model that is known, but not loaded."""

    name = "fake"
    identity = IDENTITY
    concurrency = 4
    is_base_model = True

    def check(self, generation: Generation) -> None:
        pass
