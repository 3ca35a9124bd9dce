"""How a node makes its copy of the model."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from evalscope.core.generation import Generation
from evalscope.core.model import Model


class Face(Protocol):
    """What is known of a model before it is loaded."""

    @property
    def name(self) -> str:
        """The name in reports."""
        ...

    @property
    def identity(self) -> Mapping[str, str]:
        """What decides its answers."""
        ...

    @property
    def concurrency(self) -> int:
        """How many questions one copy wants in hand."""
        ...

    @property
    def is_base_model(self) -> bool:
        """Whether it continues plain text."""
        ...

    def check(self, generation: Generation) -> None:
        """Refuses settings that it would drop."""
        ...


class Copy(Face, Model, Protocol):
    """A model that can be told to load."""

    async def load(self) -> None:
        """Loads the weights."""
        ...


class Make(Protocol):
    """Makes a model of a folder; weights are not loaded yet."""

    def __call__(self, *, folder: Path) -> Copy:
        """The model."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Sent to every node, so both parts are functions of modules that the nodes have too.

    Attributes:
        find: the folder on the node, downloaded if need be; raises ConfigError where there is none.
        make: the model of that folder.
    """

    find: Callable[[], Path]
    make: Make

    def copy(self) -> Copy:
        """The node's own copy.

        Raises:
            ConfigError: it cannot be made here.
        """
        return self.make(folder=self.find())
