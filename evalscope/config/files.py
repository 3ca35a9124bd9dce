"""Settings in YAML and JSON files, each key once."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalscope.errors import ConfigError


def read_config_file(path: str | Path) -> Mapping[str, Any]:
    """The settings in a YAML or JSON file.

    Raises:
        ConfigError: no such file, not UTF-8, not YAML or JSON, or no mapping of names to values.
    """
    path = Path(path).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"the configuration file {str(path)!r} does not exist (looked in {Path.cwd()})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the configuration file {str(path)!r} cannot be read: {error}") from None
    settings = _parse_json(path, text) if path.suffix.casefold() == ".json" else _parse_yaml(path, text)
    if not isinstance(settings, Mapping):
        found = "nothing" if settings is None else f"a {type(settings).__name__}"
        raise ConfigError(f"{path} holds {found}; a mapping of settings, such as 'model: …', is needed")
    return settings


def _parse_json(path: Path, text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=each_once)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The mapping of a JSON object's pairs, for json.loads.

    Raises:
        ConfigError: a key is written twice, so that one of its values would be ignored.
    """
    settings = dict(pairs)
    if len(settings) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"key {twice!r} is written twice; keep one")
    return settings


def _parse_yaml(path: Path, text: str) -> Any:
    import yaml  # 25 ms that a task without a YAML file need not spend

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_repeated_keys(path, root)
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise ConfigError(f"{where}: not YAML: {error.problem or error.context}") from None
    except RecursionError:
        raise ConfigError(f"{path}: not settings: nested too deeply, or an anchor that holds itself") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}") from None


def _refuse_repeated_keys(path: Path, node: Any) -> None:
    """Refuses a YAML mapping that writes a key twice: the library would let the last one win.

    Args:
        path: of the file, for the message.
        node: of the composed document; None for an empty one.

    Raises:
        ConfigError: naming the key and its second place.
    """
    if node is None or isinstance(node.value, str):
        return
    seen: set[str] = set()
    for child in node.value:
        key, value = child if isinstance(child, tuple) else (None, child)
        if key is not None and isinstance(key.value, str):
            if key.value in seen and key.value != "<<":
                mark = key.start_mark
                raise ConfigError(
                    f"{path}:{mark.line + 1}:{mark.column + 1}: key {key.value!r} is written twice; keep one"
                )
            seen.add(key.value)
        _refuse_repeated_keys(path, value)
