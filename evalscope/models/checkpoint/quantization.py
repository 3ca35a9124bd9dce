"""Weights in 8 or 4 bits: what transformers is told, and what it means when it cannot."""

import inspect
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import BitsAndBytesConfig, PreTrainedConfig
from transformers.quantizers.auto import AutoQuantizationConfig

from evalscope.errors import ConfigError, EvalscopeError, nearest
from evalscope.models.checkpoint.failures import first_line, is_out_of_memory
from evalscope.models.checkpoint.packages import BITSANDBYTES_SWITCHES, is_bitsandbytes

Json = Any


def quantization(asked: Mapping[str, Json], config: PreTrainedConfig) -> Any:
    """The configuration that transformers quantizes by while it loads.

    Args:
        asked: load_in_8bit or load_in_4bit with what else bitsandbytes takes; or quant_method with what it takes.
        config: of the checkpoint.

    Raises:
        ConfigError: no such method or setting, or the checkpoint is quantized already.
    """
    own = own_method(config)
    if own is not None and is_bitsandbytes(asked):
        raise ConfigError(
            f"model_args: quantization_config asks for bitsandbytes, but the checkpoint is quantized already ({own}); "
            "leave it out"
        )
    if not is_bitsandbytes(asked) and asked.get("quant_method") is None:
        raise ConfigError(
            f"model_args: quantization_config needs {' or '.join(BITSANDBYTES_SWITCHES)} as true, or a quant_method of "
            f"transformers; found {dict(asked)!r}"
        )
    if is_bitsandbytes(asked):
        _check_settings(asked)
    try:
        return AutoQuantizationConfig.from_dict(dict(asked))
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError, ImportError) as error:
        raise ConfigError(
            f"model_args: quantization_config {dict(asked)!r} cannot be used: {first_line(error)}"
        ) from error


def own_method(config: PreTrainedConfig) -> str | None:
    """The method that a checkpoint says its weights are quantized by."""
    own = getattr(config, "quantization_config", None)
    if own is None:
        return None
    return str(own.get("quant_method", "unnamed") if isinstance(own, Mapping) else own.quant_method)


@contextmanager
def explained(folder: Path, *, is_quantized: bool, is_own: bool) -> Iterator[None]:
    """Within, failures to load quantized weights are told as such; afterwards, bitsandbytes writes errors only.

    Otherwise it would write at every product of a float32 or bfloat16 model that inputs are cast.

    Raises:
        ConfigError: the weights cannot be loaded so, with these packages or on this machine.
    """
    try:
        yield
    except Exception as error:
        if is_quantized:
            raise quantization_failure(error, folder, is_own=is_own) from error
        raise
    if is_quantized:
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)


def quantization_failure(error: Exception, folder: Path, *, is_own: bool) -> Exception:
    """Why quantized weights could not be loaded; errors that have nothing to do with it stay as they are."""
    is_explained = isinstance(error, EvalscopeError) or is_out_of_memory(error)
    if is_explained or not isinstance(error, ImportError | ValueError | RuntimeError | AssertionError):
        return error
    mend = (
        "install what it names, or take a checkpoint that is not quantized"
        if is_own
        else "leave quantization_config of model_args out, or choose what this machine can compute"
    )
    return ConfigError(f"{folder} cannot be loaded with quantized weights here: {first_line(error)}; {mend}")


def _check_settings(asked: Mapping[str, Json]) -> None:
    """Refuses settings that bitsandbytes would silently drop."""
    known = {"quant_method", *inspect.signature(BitsAndBytesConfig.__init__).parameters} - {"self", "kwargs"}
    for name in asked:
        if name not in known:
            raise ConfigError(f"model_args: quantization_config has no key {name!r}; {nearest(name, known)}")
