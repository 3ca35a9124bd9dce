"""A PEFT adapter becomes a part of the model that it was trained for."""

import logging
import warnings
from pathlib import Path
from typing import Any

from peft import PeftConfig, PeftType, get_peft_model
from peft.tuners.tuners_utils import BaseTunerLayer

from evalscope.errors import ConfigError, EvalscopeError
from evalscope.models.checkpoint.failures import first_line, is_out_of_memory

logger = logging.getLogger(__name__)

NAME = "default"
"""What PEFT calls an adapter that is alone."""

BESIDE_THE_LAYERS = (PeftType.ADAPTION_PROMPT, PeftType.POLY, PeftType.XLORA, PeftType.SHADOW)
"""Kinds that need PEFT's own model around the layers; those that put tokens in front of a prompt do so, too."""


def adapted(model: Any, folder: Path, *, base: Path, is_quantized: bool) -> Any:
    """The model with an adapter, as transformers' own class.

    The adapter is added to the weights, so that nothing is slower; the sum is rounded to their precision. It stays
    in layers beside them where adding would change something else: quantized weights would be rounded a second time,
    and an output layer that shares the weights of the input would change the input, too.

    Args:
        model: of transformers; it is changed.
        folder: with adapter_config.json and weights.
        base: the folder of the model.
        is_quantized: whether the weights of the model are.

    Raises:
        ConfigError: the adapter was made for another model, or is of a kind that no layer holds alone.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PEFT warns of what is expected here, or checked
            return _adapted(model, folder, base=base, is_quantized=is_quantized)
    except Exception as error:
        if isinstance(error, EvalscopeError) or is_out_of_memory(error):
            raise
        raise ConfigError(_misfit(folder, base, _reason(error))) from error


def _adapted(model: Any, folder: Path, *, base: Path, is_quantized: bool) -> Any:
    config = PeftConfig.from_pretrained(str(folder))
    _check_kind(config, folder)
    _warn_of_another_base(config, folder, base)
    wrapped: Any = get_peft_model(model, config)
    found = wrapped.load_adapter(str(folder), NAME, torch_device=str(model.device))
    if unfit := [*found.missing_keys, *found.unexpected_keys]:
        raise ConfigError(_misfit(folder, base, f"{len(unfit)} weights fit no layer, such as {unfit[0]}"))
    if is_quantized or _shares_what_it_changes(model):
        return wrapped.get_base_model()
    return wrapped.merge_and_unload(safe_merge=True)


def _check_kind(config: PeftConfig, folder: Path) -> None:
    is_conditional = bool(getattr(config, "alora_invocation_tokens", None))
    if config.is_prompt_learning or is_conditional or config.peft_type in BESIDE_THE_LAYERS:
        kind = "activated LoRA" if is_conditional else PeftType(config.peft_type).value
        raise ConfigError(
            f"adapter {folder} of model_args is of the kind {kind}, which is more than a change of the model's layers "
            "and not applied here; LoRA and its kin are"
        )


def _warn_of_another_base(config: PeftConfig, folder: Path, base: Path) -> None:
    """A model of the same shape takes any adapter, and only names tell; folders of hubs hold the model's, mangled."""
    made_for = str(config.base_model_name_or_path or "").rstrip("/").rpartition("/")[2]
    if _letters(made_for) not in _letters(str(base.absolute())):
        logger.warning(
            "adapter %s says that it was made for %s; it is applied to %s", folder, config.base_model_name_or_path, base
        )


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


def _shares_what_it_changes(model: Any) -> bool:
    """Whether the adapter changes weights that the input and the output of the model share."""
    ends = (_weight(model.get_input_embeddings()), _weight(model.get_output_embeddings()))
    changed = (_weight(module) for module in model.modules() if isinstance(module, BaseTunerLayer))
    return ends[0] is ends[1] and any(weight is ends[0] for weight in changed)


def _weight(layer: Any) -> Any:
    """The layer's own weight, without what the adapter adds."""
    return getattr(layer.get_base_layer() if isinstance(layer, BaseTunerLayer) else layer, "weight", None)


def _misfit(folder: Path, base: Path, reason: str) -> str:
    return (
        f"adapter {folder} of model_args does not fit the model {base}: {reason}; give the model that its "
        "adapter_config.json names"
    )


def _reason(error: Exception) -> str:
    """What of an error says most: torch puts the shapes behind a line that says nothing."""
    shapes = next((line.strip() for line in str(error).splitlines() if "size mismatch" in line), None)
    return shapes or first_line(error)
