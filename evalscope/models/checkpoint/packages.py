"""Packages that only some ways of loading a checkpoint need, looked for before anything is loaded."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from evalscope.config import ModelArgs
from evalscope.errors import MissingDependency

Json = Any

BITSANDBYTES_SWITCHES = ("load_in_8bit", "load_in_4bit")


def check_packages(args: ModelArgs) -> None:
    """Refuses what cannot be loaded with the packages that are installed.

    What the other methods of quantization need is known to transformers alone, which says so when it loads.

    Raises:
        MissingDependency: PEFT or bitsandbytes is asked for and not installed.
    """
    if args.adapter is not None and find_spec("peft") is None:
        raise MissingDependency("adapter of model_args", "local")
    if is_bitsandbytes(args.quantization_config or {}) and find_spec("bitsandbytes") is None:
        raise MissingDependency("quantization_config of model_args", "quantization")


def is_bitsandbytes(asked: Mapping[str, Json]) -> bool:
    """Whether a quantization_config asks for the 8- or 4-bit weights of bitsandbytes."""
    return asked.get("quant_method") == "bitsandbytes" or any(asked.get(name) for name in BITSANDBYTES_SWITCHES)
