"""What a checkpoint's folder must hold before it is worth loading."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalscope.errors import ConfigError

Json = Any

INDEX = "model.safetensors.index.json"


def check_folder(folder: Path) -> None:
    """Refuses a folder that cannot be loaded, in milliseconds instead of after minutes of reading.

    Raises:
        ConfigError: no such folder, no config.json, no safetensors, a shard that is missing or cut off, an adapter
            without its base model.
    """
    if not folder.is_dir():
        raise ConfigError(
            f"a checkpoint is a folder; {str(folder)!r} is {'a file' if folder.exists() else 'not there'}"
        )
    if (folder / "adapter_config.json").is_file():
        raise ConfigError(
            f"{folder} holds an adapter (adapter_config.json), which is not applied here; merge it into its base model "
            "(peft: merge_and_unload) and give the merged folder"
        )
    if not (folder / "config.json").is_file():
        raise ConfigError(f"{folder} has no config.json, so it is no checkpoint that transformers could load")
    read_json(folder / "config.json")
    for path in _weight_files(folder):
        _check_complete(path)


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


def _weight_files(folder: Path) -> tuple[Path, ...]:
    """The files with weights that transformers will read."""
    if (single := folder / "model.safetensors").is_file():
        return (single,)
    if (index := folder / INDEX).is_file():
        names = sorted(set(read_json(index).get("weight_map", {}).values()))
        if absent := [name for name in names if not (folder / name).is_file()]:
            raise ConfigError(
                f"{folder} lacks {len(absent)} of the {len(names)} weight files named in {INDEX}, such as {absent[0]}; "
                "finish the download"
            )
        return tuple(folder / name for name in names)
    others = sorted(path.name for ending in ("*.bin", "*.pt", "*.pth") for path in folder.glob(ending))
    if others:
        raise ConfigError(
            f"{folder} holds its weights as {others[0]}, a pickle, which may run code when read; convert them once: "
            "AutoModelForCausalLM.from_pretrained(old).save_pretrained(new) writes safetensors"
        )
    raise ConfigError(f"{folder} holds no weights: neither model.safetensors nor {INDEX}")


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
