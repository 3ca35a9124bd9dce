"""A model that lies on the nodes of a cluster alone, known by what one of them tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from evalscope.core.generation import Generation
from evalscope.models.replicas.actor import node_place
from evalscope.models.replicas.cluster import Cluster
from evalscope.models.replicas.crossing import Carried, carry
from evalscope.models.replicas.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Seen:
    """What a node sees of the model without loading it; attributes as in Face."""

    node_id: str
    identity: Mapping[str, str]
    concurrency: int
    is_base_model: bool


class Scout:
    """The face of a model that this machine has not; nodes are asked when it is first needed.

    Args:
        name: in reports.
        cluster: where the model lies.
        recipe: of the model.
    """

    def __init__(self, *, name: str, cluster: Cluster, recipe: Recipe) -> None:
        self.name = name
        self._cluster = cluster
        self._recipe = recipe

    @property
    def identity(self) -> Mapping[str, str]:
        """What decides its answers.

        Raises:
            EndpointError: there is no cluster.
            ConfigError: no node has the model; in the words of one, which names itself.
        """
        return self._seen.identity

    @property
    def concurrency(self) -> int:
        """How many questions one copy wants in hand."""
        return self._seen.concurrency

    @property
    def is_base_model(self) -> bool:
        """Whether it continues plain text."""
        return self._seen.is_base_model

    def check(self, generation: Generation) -> None:
        """Refuses settings that it would drop.

        Raises:
            ConfigError: naming the settings.
        """
        self._cluster.on_some_node(checked, self._recipe, generation, node_id=self._seen.node_id)

    @cached_property
    def _seen(self) -> Seen:
        return self._cluster.on_some_node(seen, self._recipe)


def seen(recipe: Recipe) -> Seen | Carried:
    """Runs on a node: what it sees."""
    place = node_place()
    try:
        copy = recipe.copy()
        return Seen(
            node_id=place.node_id,
            identity=dict(copy.identity),
            concurrency=copy.concurrency,
            is_base_model=copy.is_base_model,
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, the one who waits has to know
        return carry(error, f"node {place.node_name}: ")


def checked(recipe: Recipe, generation: Generation) -> Carried | None:
    """Runs on a node: refuses settings that the model would drop."""
    try:
        recipe.copy().check(generation)
    except Exception as error:  # noqa: BLE001 - as in seen
        return carry(error)
    return None
