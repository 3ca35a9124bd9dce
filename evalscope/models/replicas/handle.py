"""A replica as seen from afar, without a word of Ray."""

from collections.abc import Mapping
from typing import Protocol

from evalscope.models.replicas.crossing import Carried, Place, Question, Reply


class ReplicaLost(Exception):
    """The process of a replica, or its node, is gone; whatever it had in hand has no answer."""


class Handle(Protocol):
    """One life of a replica; after a ReplicaLost it is over."""

    async def place(self) -> Place:
        """Where it runs, once there was room for it.

        Raises:
            ReplicaLost: it could not be started, or is gone.
        """
        ...

    async def load(self, identity: Mapping[str, str]) -> int | Carried:
        """How many questions it wants in hand, or why it cannot be loaded.

        Raises:
            ReplicaLost: it is gone.
        """
        ...

    async def ask(self, question: Question) -> Reply:
        """The reply to one question; cancelled with whoever waits for it.

        Raises:
            ReplicaLost: it is gone.
        """
        ...

    async def stay(self) -> None:
        """Waits for the end.

        Raises:
            ReplicaLost: always.
        """
        ...

    def kill(self) -> None:
        """Ends it, unless it has ended."""
        ...
