"""Where weights go, and in which number format."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import torch

from evalscope.errors import ConfigError, MissingDependency
from evalscope.models.checkpoint.precision import AUTO

STRATEGIES = ("auto", "balanced", "balanced_low_0", "sequential")
"""The device maps that accelerate works out by itself."""

DeviceMap = str | dict[str, Any] | None


def device_map(asked: str | Mapping[str, Any] | None) -> DeviceMap:
    """What transformers is told: what was asked for, else "auto" where there is CUDA and None (plain CPU) elsewhere.

    Raises:
        ConfigError: a device that does not exist or is not here.
        MissingDependency: accelerate, which maps are made with, is not installed.
    """
    if asked is None and not torch.cuda.is_available():
        return None
    chosen: str | dict[str, Any] = "auto" if asked is None else asked if isinstance(asked, str) else dict(asked)
    places = chosen.values() if isinstance(chosen, dict) else () if chosen in STRATEGIES else (chosen,)
    for place in places:
        _check_place(place)
    if find_spec("accelerate") is None:
        raise MissingDependency("device_map of model_args", "local")
    return chosen


def main_device(placed: DeviceMap) -> torch.device:
    """The device that decides the number format: the first that is not the CPU, where there is one."""
    places = tuple(placed.values()) if isinstance(placed, dict) else (placed,)
    for place in places:
        if place in STRATEGIES:
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if place not in (None, "cpu", "disk"):
            return torch.device(place)
    return torch.device("cpu")


def dtype(precision: str, stored: torch.dtype | None, device: torch.device) -> torch.dtype | str:
    """The format to load weights in.

    Args:
        precision: "auto" or the name of a torch dtype.
        stored: what the checkpoint says it holds; None where it does not say.
        device: where most of it is computed.

    Returns:
        A dtype, or "auto" for the checkpoint's own. On a CPU "auto" is float32: half precision is slow there, and
        rounds without need. Where the device cannot compute with float16, bfloat16 takes its place: it has the range.
    """
    if precision != AUTO:
        chosen = getattr(torch, precision)
        assert isinstance(chosen, torch.dtype), f"precision.SPELLINGS names {precision!r}, which is no dtype"
        return chosen
    if device.type == "cpu":
        return torch.float32
    if stored == torch.float16 and not _computes(torch.float16, device):
        return torch.bfloat16
    return AUTO


def _check_place(place: Any) -> None:
    if place == "disk":
        return
    try:
        device = torch.device(place)
    except (RuntimeError, TypeError) as error:
        raise ConfigError(
            f"model_args: device_map {place!r} is no device; auto, cpu, cuda:0 or a map of module names to "
            "devices is needed"
        ) from error
    num_cuda = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= num_cuda:
        raise ConfigError(
            f"model_args: device_map asks for {device}, but {num_cuda} CUDA devices are visible here; "
            "leave device_map out to use what there is"
        )


def _computes(number_format: torch.dtype, device: torch.device) -> bool:
    """Whether a matrix product in this format is possible on the device."""
    try:
        tiny = torch.ones((2, 2), dtype=number_format, device=device)
        return bool(torch.isfinite(tiny @ tiny).all())
    except (RuntimeError, TypeError):  # NotImplementedError is a RuntimeError
        return False
