"""Where weights go, and in which number format."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import torch

from evalscope.errors import ConfigError, MissingDependency, nearest
from evalscope.models.checkpoint.precision import AUTO

STRATEGIES = ("auto", "balanced", "balanced_low_0", "sequential")
"""The device maps that accelerate works out by itself."""

BY_PREFERENCE = ("cuda", "mps")
"""What accelerate's maps fill before the CPU."""

DeviceMap = str | dict[str, Any] | None

CountDevices = Callable[[str], int]


def num_devices(kind: str) -> int:
    """How many devices of a kind, such as "cuda" or "mps", can be computed on here."""
    if kind == "cpu":
        return 1
    count = getattr(getattr(torch, kind, None), "device_count", None)
    return int(count()) if callable(count) else 0


def device_map(asked: str | Mapping[str, Any] | None, count: CountDevices = num_devices) -> DeviceMap:
    """What transformers is told: what was asked for, else "auto" where there is CUDA and None (plain CPU) elsewhere.

    Args:
        asked: by the user.
        count: how many devices of a kind there are.

    Raises:
        ConfigError: a device that does not exist or is not here.
        MissingDependency: accelerate, which maps are made with, is not installed.
    """
    if asked is None and not count("cuda"):
        return None
    chosen: str | dict[str, Any] = "auto" if asked is None else asked if isinstance(asked, str) else dict(asked)
    places = chosen.values() if isinstance(chosen, dict) else () if chosen in STRATEGIES else (chosen,)
    for place in places:
        _check_place(place, count)
    if find_spec("accelerate") is None:
        raise MissingDependency("device_map of model_args", "local")
    return chosen


def main_device(placed: DeviceMap, count: CountDevices = num_devices) -> torch.device:
    """The device that decides the number format: the first that is not the CPU, where there is one."""
    places = tuple(placed.values()) if isinstance(placed, dict) else (placed,)
    for place in places:
        if place in STRATEGIES:
            return torch.device(next((kind for kind in BY_PREFERENCE if count(kind)), "cpu"))
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


def _check_place(place: Any, count: CountDevices) -> None:
    if place == "disk":
        return
    try:
        device = torch.device(place)
    except (RuntimeError, TypeError) as error:
        raise ConfigError(f"model_args: device_map {place!r} is no device; {_nearest_place(place, count)}") from error
    num = count(device.type)
    if (device.index or 0) >= num:
        here = ", ".join(_places(count))
        raise ConfigError(
            f"model_args: device_map asks for {device}, but {num} {device.type.upper()} devices are visible here "
            f"({here}); leave device_map out to use what there is"
        )


def _nearest_place(place: Any, count: CountDevices) -> str:
    if "gpu" in str(place).casefold():
        return "torch calls them cuda, cuda:0, …"
    return nearest(str(place), (*STRATEGIES, *BY_PREFERENCE, *_places(count)))


def _places(count: CountDevices) -> list[str]:
    """The devices that are here."""
    return [*(f"{kind}:{index}" for kind in BY_PREFERENCE for index in range(count(kind))), "cpu"]


def _computes(number_format: torch.dtype, device: torch.device) -> bool:
    """Whether a matrix product in this format is possible on the device."""
    try:
        tiny = torch.ones((2, 2), dtype=number_format, device=device)
        return bool(torch.isfinite(tiny @ tiny).all())
    except (RuntimeError, TypeError):  # NotImplementedError is a RuntimeError
        return False
