"""What torch and transformers complain of, as an error of ours with one clear message."""

from pathlib import Path

import torch
import transformers

from evalscope.errors import ConfigError, EndpointError, EvalscopeError, ModelError


def loading_failure(error: Exception, folder: Path) -> EvalscopeError:
    """Why a folder could not be loaded: ConfigError where the user can change a setting, else EndpointError."""
    if isinstance(error, EvalscopeError):
        return error
    text = str(error)
    if "trust_remote_code" in text:
        return ConfigError(
            f"{folder} needs code that comes with it and does not run unless asked for; read its .py files, and if "
            "you trust them set trust_remote_code to true in model_args"
        )
    if is_out_of_memory(error):
        return EndpointError(
            f"{folder} does not fit into memory ({first_line(error)}); try precision bfloat16 in model_args, "
            "or a smaller model"
        )
    if isinstance(error, KeyError | ValueError) and ("recognize" in text or "Unrecognized" in text):
        return ConfigError(
            f"transformers {transformers.__version__} knows no text-generating model of the kind in {folder}: "
            f"{first_line(error)}; a newer transformers may"
        )
    if isinstance(error, ImportError) or "attn_implementation" in text or "attention implementation" in text:
        return ConfigError(f"{folder} cannot be loaded as asked: {first_line(error)}")
    return EndpointError(
        f"{folder} cannot be loaded: {first_line(error)}; if the files are damaged, download them again"
    )


def answering_failure(error: Exception, num_prompt_tokens: int) -> EvalscopeError:
    """Why one prompt, alone in its batch, got no answer."""
    if isinstance(error, EvalscopeError):
        return error
    if is_out_of_memory(error):
        return ModelError(
            f"a prompt of {num_prompt_tokens} tokens does not fit into memory, not even alone ({first_line(error)}); "
            "lower max_tokens, or use a smaller precision"
        )
    if "CUDA error" in str(error):
        # a failed kernel leaves the whole process without a usable device
        return EndpointError(f"the device failed and cannot go on: {first_line(error)}; start again")
    return ModelError(f"the model failed on a prompt of {num_prompt_tokens} tokens: {first_line(error)}")


def not_numbers() -> ModelError:
    """What it means that logits are not numbers: their largest would still pass for a token."""
    return ModelError(
        "the model computed logits that are not numbers; its weights may overflow in this precision: "
        "try bfloat16 or float32 as precision of model_args"
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a smaller batch could succeed where this one failed."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and ("out of memory" in str(error) or "can't allocate memory" in str(error))


def first_line(error: BaseException) -> str:
    """The kind of an error and the first line of what it says, without a final stop."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {said}".rstrip(".: ")
