"""Names that users type become values: a built-in module, a plug-in, or a file of the user's own."""

import hashlib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Mapping
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import TYPE_CHECKING

from evalscope.constants import EvalType
from evalscope.core.benchmark import Benchmark
from evalscope.errors import ConfigError, nearest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

SHELF = "evalscope.benchmarks"


def benchmark_names() -> tuple[str, ...]:
    """Every benchmark that can be named, built in or plugged in, sorted; without importing any of them."""
    return tuple(sorted({*_built_in(), *_plugins("evalscope.benchmarks")}))


def find_benchmark(name: str) -> Benchmark:
    """The benchmark of that name, or the one in the file at that path.

    Raises:
        ConfigError: no such benchmark, with the nearest names; or a file that holds none.
    """
    if name.endswith(".py"):
        return _from_file(Path(name).expanduser())
    wanted = _fold(name)
    if module := {_fold(known): known for known in _built_in()}.get(wanted):
        return _from_shelf(module)
    plugins = _plugins("evalscope.benchmarks")
    if plugin := {_fold(known): plugin for known, plugin in plugins.items()}.get(wanted):
        return _benchmark_in(_loaded(plugin), plugin.name)
    aliases = _aliases()  # only a name that is no file's costs the import of the whole shelf
    if module := aliases.get(wanted):
        return _from_shelf(module)
    # ids on hubs are understood, but a list of names is shorter without them
    advice = nearest(name, (*benchmark_names(), *(alias for alias in aliases if "/" not in alias)))
    apart = "; several are written apart: --datasets gsm8k arc" if "," in name else ""
    raise ConfigError(f"data set {name!r} is unknown; {advice} ('evalscope benchmarks' lists all{apart})")


def find_model_maker(kind: str, built_in: Mapping[str, str]) -> object:
    """What makes models of a kind: a built-in "module:name", or an entry point of the group evalscope.models.

    Raises:
        ConfigError: no such kind, with the nearest names.
    """
    if target := built_in.get(kind):
        module, _, name = target.partition(":")
        return getattr(importlib.import_module(module), name)
    plugins = _plugins("evalscope.models")
    if kind not in plugins:
        raise ConfigError(f"eval_type {kind!r} is unknown; {nearest(kind, (*EvalType, *built_in, *plugins))}")
    return _loaded(plugins[kind])


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_")


def _built_in() -> tuple[str, ...]:
    folder = importlib.util.find_spec(SHELF)
    assert folder is not None
    modules = pkgutil.iter_modules(folder.submodule_search_locations)
    return tuple(module.name for module in modules if not module.name.startswith("_"))


def _from_shelf(name: str) -> Benchmark:
    return _benchmark_in(importlib.import_module(f"{SHELF}.{name}"), name)


def _aliases() -> dict[str, str]:
    """Other names of the built-in benchmarks, ids on hubs among them, folded, and the names they stand for."""
    shelf = [_from_shelf(name) for name in _built_in()]
    return {
        _fold(alias): benchmark.name for benchmark in shelf for alias in (*benchmark.aliases, *_ids(benchmark)) if alias
    }


def _ids(benchmark: Benchmark) -> tuple[str, ...]:
    source = benchmark.source
    return (source.id, source.huggingface_id, *source.old_ids)


def _plugins(group: str) -> dict[str, "EntryPoint"]:
    from importlib.metadata import entry_points  # reads what every package says of itself

    return {point.name: point for point in entry_points(group=group)}


def _loaded(plugin: "EntryPoint") -> object:
    try:
        value: object = plugin.load()
    except (Exception, SystemExit) as error:
        package = f" of the package {plugin.dist.name}" if plugin.dist else ""
        raise ConfigError(
            f"the plug-in {plugin.name!r}{package} ({plugin.value}) cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    return value


def _from_file(path: Path) -> Benchmark:
    if not path.is_file():
        raise ConfigError(f"the benchmark file {str(path)!r} does not exist (looked in {Path.cwd()})")
    # the name is made of the path, so that two files of the same name do not replace each other
    name = f"evalscope_user_{path.stem}_{hashlib.sha1(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickling look a class's module up there
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        lines = [frame.lineno for frame in extract_tb(error.__traceback__) if frame.filename == spec.origin]
        line = f" at line {lines[-1]}" if lines else ""
        raise ConfigError(
            f"the benchmark file {str(path)!r} cannot be loaded{line}: {type(error).__name__}: {error}"
        ) from error
    return _benchmark_in(module, str(path))


def _benchmark_in(value: Benchmark | ModuleType | object, where: str) -> Benchmark:
    found = value if isinstance(value, Benchmark) else getattr(value, "BENCHMARK", None)
    if not isinstance(found, Benchmark):
        raise ConfigError(f"{where!r} holds no benchmark: a value BENCHMARK = Benchmark(…) is needed")
    return found
