"""Evaluate language models: TaskConfig says what and how, run_task runs it."""

from typing import TYPE_CHECKING, Any

from evalscope.version import __version__

if TYPE_CHECKING:
    from evalscope.config import TaskConfig
    from evalscope.run import run_task

__all__ = ["TaskConfig", "__version__", "run_task"]

_HOMES = {"TaskConfig": "evalscope.config", "run_task": "evalscope.run"}


def __getattr__(name: str) -> Any:
    """The public names, imported when first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
