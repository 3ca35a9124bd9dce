"""Where programs that a model wrote are run, and what they may use."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from evalscope.config.part import Part, Whole, one_of


class SandboxEngine(StrEnum):
    """The words for the kinds of sandbox."""

    BUBBLEWRAP = "bubblewrap"
    DOCKER = "docker"
    NONE = "none"


class SandboxConfig(Part):
    """Settings of the sandbox; only benchmarks that run programs use it."""

    where: ClassVar[str] = "sandbox"

    engine: SandboxEngine | None = Field(
        None, description="bubblewrap, docker, or none (unprotected!); unset: the best that is there, never none"
    )
    timeout: Annotated[float, Field(gt=0, le=3600)] = Field(
        10.0, description="seconds for one program with all tests of its problem (default: 10)"
    )
    memory_mb: Annotated[Whole, Field(ge=128)] = Field(1024, description="memory of one program (default: 1024)")
    tmp_mb: Annotated[Whole, Field(ge=1)] = Field(64, description="files that one program may write (default: 64)")
    num_sandboxes: Annotated[Whole, Field(ge=1, le=1024)] | None = Field(
        None, description="programs run side by side; unset: one on each core"
    )
    image: str = Field("python:3.11-slim", description="docker: an image with Python 3.11 or newer")

    @field_validator("engine", mode="before")
    @classmethod
    def _engine(cls, value: Any) -> Any:
        return one_of(value, SandboxEngine, {"bwrap": SandboxEngine.BUBBLEWRAP})
