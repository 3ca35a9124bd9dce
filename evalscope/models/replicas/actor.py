"""The part that runs on a node: one copy of the model, asked by many at once."""

import asyncio
import socket
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from evalscope.errors import ConfigError
from evalscope.models.replicas.crossing import Carried, Place, Question, Reply, carry
from evalscope.models.replicas.recipe import Copy, Recipe
from evalscope.version import __version__

PACKAGES = ("torch", "transformers")


def versions() -> dict[str, str]:
    """Versions of this package and of those that answers depend on."""
    found = {"evalscope": __version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def node_place() -> Place:
    """The node that this runs on."""
    import ray

    node_id = ray.get_runtime_context().get_node_id()
    address = ray.util.get_node_ip_address()
    node_name = f"{socket.gethostname()} ({address}, {node_id[:6]})"
    return Place(node_id=node_id, node_name=node_name, versions=versions())


class Replica:
    """A copy in a Ray actor. Errors are returned, for Ray would wrap what is raised.

    Args:
        recipe: of the copy.
        num_threads: of its arithmetic; None leaves it to torch.
    """

    def __init__(self, recipe: Recipe, num_threads: int | None) -> None:
        self._recipe = recipe
        self._num_threads = num_threads
        self._copy: Copy | None = None

    async def place(self) -> Place:
        """Where it runs; answered as soon as there was room for it."""
        return node_place()

    async def load(self, identity: Mapping[str, str]) -> int | Carried:
        """Loads the weights; how many questions it wants in hand, or why it cannot have any.

        Args:
            identity: of the model that the others are copies of.
        """
        where = f"node {node_place().node_name}: "
        try:
            self._copy = await asyncio.to_thread(self._made, identity)
            await self._copy.load()
        except Exception as error:  # noqa: BLE001 - whatever it is, the one who waits has to know
            return carry(error, where)
        return self._copy.concurrency

    async def ask(self, question: Question) -> Reply:
        """The copy's reply to one question."""
        assert self._copy is not None, "a replica is asked after it was loaded"
        try:
            outcome = await getattr(self._copy, question.way)(*question.arguments)
        except Exception as error:  # noqa: BLE001 - as in load
            outcome = carry(error)
        return Reply(outcome=outcome, wants=self._copy.concurrency)

    async def stay(self) -> None:
        """Never returns, so that its failure tells at once that this process has ended."""
        await asyncio.Event().wait()

    def _made(self, identity: Mapping[str, str]) -> Copy:
        if self._num_threads is not None:
            import torch

            torch.set_num_threads(self._num_threads)
        copy = self._recipe.copy()
        if dict(copy.identity) != dict(identity):
            raise ConfigError(
                f"another model lies here: {dict(copy.identity)}, where {dict(identity)} is evaluated; "
                "give all nodes the same files"
            )
        return copy
