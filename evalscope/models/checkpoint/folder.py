"""What a checkpoint's folder must hold before it is worth loading."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalscope.errors import ConfigError

Json = Any

SAFETENSORS = ("model.safetensors", "model.safetensors.index.json")
"""The one file of weights, and the list of them where there are several."""

PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")

ADAPTER = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_PICKLE = "adapter_model.bin"


def check_folder(folder: Path, *, allows_pickles: bool = False) -> None:
    """Refuses a folder that cannot be loaded, in milliseconds instead of after minutes of reading.

    Args:
        folder: of a checkpoint.
        allows_pickles: whether weights may be read that are no safetensors.

    Raises:
        ConfigError: no such folder, no config.json, no safetensors, a shard that is missing or cut off, an adapter
            without its base model.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"a checkpoint is a folder; {str(folder)!r} is {'a file' if folder.exists() else 'not there'}"
        )
    if (folder / ADAPTER).is_file():
        base = read_json(folder / ADAPTER).get("base_model_name_or_path")
        raise ConfigError(
            f"{folder} holds an adapter ({ADAPTER}) and no model of its own; name the model that it was made for"
            f"{f', {base},' if base else ''} as --model, and this folder as adapter of model_args"
        )
    if not (folder / "config.json").is_file():
        raise ConfigError(f"{folder} has no config.json, so it is no checkpoint that transformers could load")
    read_json(folder / "config.json")
    if has_safetensors(folder):
        for path in _weight_files(folder, SAFETENSORS):
            _check_complete(path)
    elif allows_pickles and any((folder / name).is_file() for name in PICKLES):
        _weight_files(folder, PICKLES)
    else:
        raise _no_safetensors(folder, " or ".join(SAFETENSORS))


def check_adapter(folder: Path, *, allows_pickles: bool = False) -> None:
    """Refuses a folder that holds no adapter.

    Raises:
        ConfigError: no such folder, no adapter_config.json, no safetensors, or cut off.
    """
    if not (folder / ADAPTER).is_file():
        found = f"{folder} has no {ADAPTER}" if folder.is_dir() else f"{str(folder)!r} is no folder"
        raise ConfigError(f"adapter of model_args: {found}; the folder that PEFT's save_pretrained writes is needed")
    read_json(folder / ADAPTER)
    if (weights := folder / ADAPTER_WEIGHTS).is_file():
        _check_complete(weights)
    elif not (allows_pickles and (folder / ADAPTER_PICKLE).is_file()):
        raise _no_safetensors(folder, ADAPTER_WEIGHTS)


def has_safetensors(folder: Path) -> bool:
    """Whether a checkpoint's weights, or some of them, are safetensors."""
    return any((folder / name).is_file() for name in SAFETENSORS)


def has_chat_template(folder: Path) -> bool:
    """Whether the folder brings a chat template, in any of the places where transformers looks."""
    if any(
        (folder / name).exists() for name in ("chat_template.jinja", "chat_template.json", "additional_chat_templates")
    ):
        return True
    config = folder / "tokenizer_config.json"
    return config.is_file() and bool(read_json(config).get("chat_template"))


def read_json(path: Path) -> Mapping[str, Json]:
    """The JSON object in a file.

    Raises:
        ConfigError: not readable, not JSON, or no object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(content, Mapping):
        raise ConfigError(f"{path} holds {type(content).__name__} where an object was expected; download it again")
    return content


def _weight_files(folder: Path, names: tuple[str, str]) -> tuple[Path, ...]:
    """The files with weights that transformers will read: the one file, else those that the index names."""
    single, index = names
    if (folder / single).is_file():
        return (folder / single,)
    shards = sorted(set(read_json(folder / index).get("weight_map", {}).values()))
    if absent := [shard for shard in shards if not (folder / shard).is_file()]:
        raise ConfigError(
            f"{folder} lacks {len(absent)} of the {len(shards)} weight files named in {index}, such as {absent[0]}; "
            "finish the download"
        )
    return tuple(folder / shard for shard in shards)


def _no_safetensors(folder: Path, missing: str) -> ConfigError:
    """Why a folder without safetensors is not loaded."""
    pickles = sorted(path.name for ending in ("*.bin", "*.pt", "*.pth") for path in folder.glob(ending))
    if not pickles:
        return ConfigError(f"{folder} holds no weights; {missing} is needed")
    return ConfigError(
        f"{folder} holds its weights as {pickles[0]}, a pickle, which may run code when read; convert them once "
        "(from_pretrained(old).save_pretrained(new) writes safetensors), or, where you trust their author, set "
        f"use_safetensors to false in model_args, which takes {PICKLES[0]} and {ADAPTER_PICKLE}"
    )


def _check_complete(path: Path) -> None:
    """Refuses a safetensors file that is shorter than its own header says."""
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        header_bytes = int.from_bytes(start, "little")
        header = file.read(header_bytes) if header_bytes < size_bytes else b""
    if start == b"version ":
        raise ConfigError(
            f"{path} is a git-lfs pointer and not the weights themselves; run 'git lfs pull' in its folder"
        )
    try:
        tensors = [entry for name, entry in json.loads(header).items() if name != "__metadata__"]
        needed_bytes = 8 + header_bytes + max((entry["data_offsets"][1] for entry in tensors), default=0)
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is no whole safetensors file ({size_bytes} bytes); download it again") from error
    if size_bytes < needed_bytes:
        raise ConfigError(f"{path} is cut off: {size_bytes} of {needed_bytes} bytes are there; download it again")
