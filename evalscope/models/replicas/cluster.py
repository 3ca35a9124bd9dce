"""The Ray cluster that replicas run on: one that is there, or one of this machine, started and ended with the run."""

import asyncio
import logging
import re
import socket
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from evalscope.errors import ConfigError, EndpointError
from evalscope.models.replicas.actor import Replica
from evalscope.models.replicas.crew import Ground
from evalscope.models.replicas.crossing import Carried, Place, Question, Reply
from evalscope.models.replicas.handle import Handle, ReplicaLost
from evalscope.models.replicas.local import LocalCluster
from evalscope.models.replicas.quiet import log_what_would_be_printed, sigterm_kept
from evalscope.models.replicas.recipe import Recipe
from evalscope.models.replicas.shares import share

logger = logging.getLogger(__name__)

T = TypeVar("T")

MOST_AT_ONCE = 10_000
"""Calls that one actor takes at a time; how many it is sent is decided here."""

KNOCK_TIMEOUT_S = 5.0

NODE_ID = "ray.io/node-id"
"""The label under which Ray tells nodes apart."""


class RayReplica:
    """A replica in a Ray actor; the only place where Ray's own errors are met."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    async def place(self) -> Place:
        """Where it runs."""
        place: Place = await self._call("place")
        return place

    async def load(self, identity: Mapping[str, str]) -> int | Carried:
        """Loads it."""
        loaded: int | Carried = await self._call("load", dict(identity))
        return loaded

    async def ask(self, question: Question) -> Reply:
        """Asks it."""
        reply: Reply = await self._call("ask", question)
        return reply

    async def stay(self) -> None:
        """Waits for its end."""
        await self._call("stay")

    def kill(self) -> None:
        """Ends it."""
        if ray.is_initialized():
            ray.kill(self._actor)

    async def _call(self, name: str, *arguments: Any) -> Any:
        reference = getattr(self._actor, name).remote(*arguments)
        try:
            return await reference
        except asyncio.CancelledError:
            ray.cancel(reference)
            raise
        except ray.exceptions.RayError as error:
            logger.debug("a call of %s failed", name, exc_info=True)
            raise ReplicaLost(_reason(error)) from None


class Cluster:
    """Ray, joined with the first need of it.

    Args:
        address: of a cluster that is there, as `ray start` prints it; None starts one on this machine.
        recipe: of what runs on it.
        num: replicas that are to share it.
        on_gpus: whether they may use GPUs.
    """

    def __init__(self, *, address: str | None, recipe: Recipe, num: int, on_gpus: bool) -> None:
        self._address = address
        self._recipe = recipe
        self._num = num
        self._on_gpus = on_gpus
        self._local: LocalCluster | None = None
        self._has_joined = False

    async def open(self) -> Ground:
        """Joins the cluster, or starts one.

        Raises:
            ConfigError: more replicas than this machine has GPUs.
            EndpointError: there is none, or it cannot be started.
        """
        with sigterm_kept():
            await asyncio.to_thread(self.join)
        options, num_threads, each = self._demand()
        logger.info("%d replicas, each with %s; nodes of the cluster: %d", self._num, each, len(_alive()))
        actor = ray.remote(Replica)
        fixed = {
            "max_restarts": 0,  # a life that ends is followed by another one, maybe elsewhere
            "max_concurrency": MOST_AT_ONCE,
            "scheduling_strategy": "SPREAD",
            **options,
        }

        def launch(barred: Collection[str]) -> Handle:
            elsewhere = {"label_selector": {NODE_ID: f"!in({','.join(sorted(barred))})"}} if barred else {}
            return RayReplica(actor.options(**fixed, **elsewhere).remote(self._recipe, num_threads))

        async def nodes() -> Collection[str]:
            return [str(node["NodeID"]) for node in await asyncio.to_thread(_alive)]

        return Ground(
            launch=launch,
            nodes=nodes,
            advice=f"each needs {each} on one node ('ray status' shows what is free); lower replicas of model_args, "
            "or free or add nodes, and continue the run",
        )

    async def close(self) -> None:
        """Leaves the cluster; one that was started here ends."""
        if self._has_joined:
            self._has_joined = False
            await asyncio.to_thread(self._leave)

    def join(self) -> None:
        """Connects to the cluster; blocks for seconds.

        Raises:
            EndpointError: as open.
        """
        if self._has_joined or ray.is_initialized():
            return  # the user's own connection is used, and left to him
        address = self._address
        try:
            if address is None:
                self._local = LocalCluster()
                address = self._local.start()
            else:
                _knock(address)
            log_what_would_be_printed()
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (RuntimeError, OSError, ValueError, ray.exceptions.RayError) as error:
            self._leave()
            raise EndpointError(
                f"no Ray cluster can be used at {address or 'this machine'}: {_first_line(error)}; --ray-address takes "
                "what 'ray start --head' prints, on a machine that is one of the cluster's nodes"
            ) from error
        self._has_joined = True

    def on_some_node(self, function: Callable[..., T | Carried], *arguments: Any, node_id: str | None = None) -> T:
        """What the first node returns that can; all are tried, one after the other, unless one is named.

        Raises:
            EndpointError: no node could be asked.
            EvalscopeError: what the last node said it cannot for.
        """
        with sigterm_kept():
            self.join()
        failure: Carried | None = None
        for found in [node_id] if node_id else sorted(str(node["NodeID"]) for node in _alive()):
            there = NodeAffinitySchedulingStrategy(found, soft=False)
            task = ray.remote(function).options(num_cpus=0, max_retries=0, scheduling_strategy=there)
            try:
                outcome: T | Carried = ray.get(task.remote(*arguments))
            except ray.exceptions.RayError as error:
                raise EndpointError(f"node {found} of the Ray cluster cannot be asked: {_reason(error)}") from error
            if not isinstance(outcome, Carried):
                return outcome
            failure = outcome
        if failure is None:
            raise EndpointError("the Ray cluster has no node; is it still there? ('ray status')")
        raise failure.error()

    def _leave(self) -> None:
        ray.shutdown()
        if self._local is not None:
            self._local.end()
            self._local = None

    def _demand(self) -> tuple[dict[str, float], int | None, str]:
        """Options of an actor, threads of its arithmetic, and both in words."""
        nodes = [node["Resources"] for node in _alive()]
        gpus = [node["GPU"] for node in nodes if node.get("GPU", 0) > 0] if self._on_gpus else []
        if not gpus:
            cores = share([node.get("CPU", 0) for node in nodes], self._num)
            num_threads = max(1, int(cores))
            return {"num_cpus": cores}, num_threads, f"{cores:g} {'core' if cores <= 1 else 'cores'}"
        if self._local is not None and sum(gpus) < self._num:
            raise ConfigError(
                f"model_args: replicas is {self._num}, but this machine has {sum(gpus):g} GPUs; lower it, or set "
                "device_map to cpu"
            )
        each = max(1.0, share(gpus, self._num))
        return {"num_gpus": each, "num_cpus": 0}, None, f"{each:g} {'GPU' if each == 1 else 'GPUs'}"


def _knock(address: str) -> None:
    """Finds out in seconds that nobody listens, which takes Ray a minute.

    Raises:
        OSError: nobody does.
    """
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_TIMEOUT_S).close()


def _alive() -> list[dict[str, Any]]:
    nodes = ray.nodes()
    return [node for node in nodes if node["Alive"]]


def _reason(error: Exception) -> str:
    """Why an actor died, out of Ray's paragraph about it."""
    text = str(error)
    if "creation task" in text:
        return text.strip().splitlines()[-1]  # of the traceback
    said = re.search(r"is dead because (.+?)(?:\. |\.?$)", text, re.DOTALL | re.MULTILINE)
    return said.group(1).strip() if said else _first_line(error)


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}".rstrip(".: ")
