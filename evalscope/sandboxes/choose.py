"""The engine that a task asks for, or the best that there is."""

from evalscope.errors import ConfigError
from evalscope.sandboxes.bubblewrap import Bubblewrap
from evalscope.sandboxes.docker import Docker
from evalscope.sandboxes.engine import Engine, EngineName, Settings
from evalscope.sandboxes.unprotected import Unprotected


def find_engine(settings: Settings) -> Engine:
    """An engine that works here.

    Raises:
        ConfigError: the one asked for does not; or none is asked for, and none does.
    """
    if settings.engine is not None:
        engine = _engine(settings.engine, settings)
        if fault := engine.find_fault():
            raise ConfigError(f"sandbox: the engine {settings.engine} cannot be used: {fault}")
        return engine
    faults = []
    for name in (EngineName.BUBBLEWRAP, EngineName.DOCKER):
        engine = _engine(name, settings)
        fault = engine.find_fault()
        if not fault:
            return engine
        faults.append(fault)
    raise ConfigError(
        f"programs that a model wrote are run in a sandbox only, and there is none: {'; '.join(faults)}; "
        "to run them unprotected, with your files before them, write --sandbox engine=none"
    )


def _engine(name: EngineName, settings: Settings) -> Engine:
    if name is EngineName.BUBBLEWRAP:
        return Bubblewrap()
    return Docker(settings.image) if name is EngineName.DOCKER else Unprotected()
