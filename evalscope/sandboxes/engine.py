"""What a sandbox is started with, and the kinds of sandbox there are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from evalscope.sandboxes.job import Limits

INSIDE = Path(__file__).parent / "inside"
"""The code that runs in a sandbox."""

KEEPER = ("-s", "-P", "-B", "-X", "utf8", "-X", "no_debug_ranges", "-m", "evalscope.sandboxes.inside")
"""What a Python is called with to be a keeper."""


class EngineName(StrEnum):
    """The kinds of sandbox, the best first; `none` is no sandbox at all."""

    BUBBLEWRAP = "bubblewrap"
    DOCKER = "docker"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which sandbox, and what a program may use in it.

    Attributes:
        engine: None for the best there is, which is never `none`.
        limits: of each program.
        num_sandboxes: side by side; None for one on each core.
        image: for docker, with a Python of 3.11 or newer.
    """

    engine: EngineName | None = None
    limits: Limits = field(default_factory=Limits)
    num_sandboxes: int | None = None
    image: str = "python:3.11-slim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A command that starts a keeper.

    Attributes:
        command: with its arguments.
        tmp: the folder that programs may write to, as the keeper sees it.
        environment: of the command.
        machine: the architecture inside, as `uname -m` gives it.
    """

    command: Sequence[str]
    tmp: str
    environment: dict[str, str]
    machine: str


class Engine(Protocol):
    """A kind of sandbox."""

    @property
    def needs_folder(self) -> bool:
        """Whether programs write to a folder of the host, for there is no other."""
        ...

    def find_fault(self) -> str:
        """What keeps it from being used here, with what to do about it; empty where nothing does."""
        ...

    def start(self, limits: Limits, folder: Path) -> Start:
        """How one is started; `folder` is an empty one of the host's where one is needed, else any."""
        ...
