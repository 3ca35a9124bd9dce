"""The number formats that weights are held in, under all the names that circulate for them."""

from collections.abc import Mapping

from evalscope.errors import ConfigError, nearest

AUTO = "auto"

SPELLINGS: Mapping[str, str] = {
    "auto": AUTO,
    "float64": "float64",
    "fp64": "float64",
    "double": "float64",
    "float32": "float32",
    "fp32": "float32",
    "float": "float32",
    "float16": "float16",
    "fp16": "float16",
    "half": "float16",
    "bfloat16": "bfloat16",
    "bf16": "bfloat16",
}


def canonical_precision(written: str | None) -> str:
    """The word "auto", or the name of a torch dtype without "torch.".

    Raises:
        ConfigError: an unknown name, with the nearest one.
    """
    if written is None:
        return AUTO
    known = SPELLINGS.get(written.strip().casefold().removeprefix("torch."))
    if known is None:
        raise ConfigError(f"model_args: precision {written!r} is unknown; {nearest(written, SPELLINGS)}")
    return known
