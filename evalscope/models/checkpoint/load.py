"""A folder becomes a model and a tokenizer in memory."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedConfig,
    PreTrainedTokenizerBase,
)

from evalscope.config import ModelArgs
from evalscope.errors import EndpointError
from evalscope.models.checkpoint.failures import loading_failure
from evalscope.models.checkpoint.folder import has_chat_template, has_safetensors
from evalscope.models.checkpoint.placing import device_map, dtype, main_device
from evalscope.models.checkpoint.precision import canonical_precision
from evalscope.models.checkpoint.quantization import explained, own_method, quantization
from evalscope.models.checkpoint.quiet import quiet
from evalscope.models.checkpoint.settings import Defaults
from evalscope.models.checkpoint.template import template_text

logger = logging.getLogger(__name__)

KEPT = (
    "bos_token_id",
    "decoder_start_token_id",
    "forced_bos_token_id",
    "suppress_tokens",
    "begin_suppress_tokens",
    "bad_words_ids",
    "sequence_bias",
    "no_repeat_ngram_size",
    "min_new_tokens",
    "remove_invalid_values",
)
"""Settings of generation_config.json that transformers goes on applying; those of sampling go through Defaults."""

STARTS = ("bos_token_id", "decoder_start_token_id")
"""Those that say how a text begins, which matters only where there is no prompt, or an encoder reads it."""

CONTEXT_NAMES = ("max_position_embeddings", "n_positions", "max_seq_len", "max_sequence_length", "seq_length", "n_ctx")
NO_LIMIT = 10**9
"""Tokenizers write 10^30 where they know of no limit."""


class Generates(Protocol):
    """What is used of a transformers model."""

    generation_config: GenerationConfig

    @property
    def config(self) -> PreTrainedConfig:
        """Its architecture."""
        ...

    @property
    def dtype(self) -> torch.dtype:
        """The precision that it computes in."""
        ...

    @property
    def device(self) -> torch.device:
        """Where prompts go."""
        ...

    def __call__(self, **arguments: Any) -> Any:
        """Logits of every position: (batch, tokens, vocabulary), as an attribute."""
        ...

    def get_output_embeddings(self) -> torch.nn.Module | None:
        """The layer that turns hidden states into logits."""
        ...

    def generate(self, **arguments: Any) -> Any:
        """Token ids: (batch, padded prompt and answer)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model that can be asked, with what is needed to read its answers.

    Attributes:
        model: in evaluation mode; its own generation settings are reduced to KEPT.
        tokenizer: with the chat template that is to be used, if any.
        defaults: the checkpoint's own settings for what the user leaves open.
        context: positions that the model has; None where it has no limit.
        end_ids: tokens of which each ends an answer: those of generation_config.json and the tokenizer's own.
        pad_id: any valid id; padding is masked.
        has_encoder: whether prompts go through an encoder, and answers through a decoder.
    """

    model: Generates
    tokenizer: PreTrainedTokenizerBase
    defaults: Defaults
    context: int | None
    end_ids: frozenset[int]
    pad_id: int
    has_encoder: bool = False

    @property
    def extras(self) -> tuple[str, ...]:
        """Settings of generation_config.json that only transformers' own generate applies."""
        own = self.model.generation_config
        return tuple(name for name in KEPT if name not in STARTS and getattr(own, name, None))

    def text(self, tokens: list[int]) -> str:
        """The text of tokens; special ones have none, and spaces stay as they are."""
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    def special_id(self, text: str) -> int | None:
        """The special token written like this, where there is one."""
        specials = zip(self.tokenizer.all_special_tokens, self.tokenizer.all_special_ids, strict=True)
        return dict(specials).get(text)


def load(folder: Path, args: ModelArgs) -> Loaded:
    """The model of a folder, loaded as the user asks, key by key over the defaults.

    The defaults: the checkpoint's precision, but float32 on a CPU; every CUDA device, else the CPU; transformers' own
    choice of attention; no code and no pickles from the folder; the checkpoint's chat template.

    Raises:
        ConfigError: something that other settings could mend.
        EndpointError: damaged or incomplete weights, not enough memory.
    """
    with quiet():
        try:
            return _load(folder, args)
        except Exception as error:
            raise loading_failure(error, folder) from error


def _load(folder: Path, args: ModelArgs) -> Loaded:
    common = {"trust_remote_code": bool(args.trust_remote_code), "local_files_only": True}
    config = AutoConfig.from_pretrained(folder, **common)
    has_encoder = bool(getattr(config, "is_encoder_decoder", False))
    tokenizer = AutoTokenizer.from_pretrained(folder, **common)
    if args.chat_template is not None:
        tokenizer.chat_template = template_text(args.chat_template)
    elif tokenizer.chat_template is None and args.adapter is not None and has_chat_template(Path(args.adapter)):
        logger.warning(
            "the chat template of adapter %s is not used; chat_template of model_args takes it", args.adapter
        )
    chosen = _chosen(folder, args, config)
    is_quantized = "quantization_config" in chosen or own_method(config) is not None
    kind = AutoModelForSeq2SeqLM if has_encoder else AutoModelForCausalLM
    with explained(folder, is_quantized=is_quantized, is_own=args.quantization_config is None):
        model = _model(kind, folder, {**common, **chosen})
    if args.adapter is not None:
        from evalscope.models.checkpoint.adapter import adapted  # PEFT takes seconds to import

        model = adapted(model, Path(args.adapter), base=folder, is_quantized=is_quantized)
    own = model.generation_config
    end_ids = _end_ids(own.eos_token_id) | _end_ids(tokenizer.eos_token_id)
    pad_id = _first_id(tokenizer.pad_token_id, min(end_ids, default=None))
    model.generation_config = _reduced(own, pad_id)
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        defaults=_defaults(own),
        context=_context(config, tokenizer),
        end_ids=end_ids,
        pad_id=pad_id,
        has_encoder=has_encoder,
    )


def _chosen(folder: Path, args: ModelArgs, config: PreTrainedConfig) -> dict[str, Any]:
    """What of the user's choice transformers is told, by its own names."""
    placed = device_map(args.device_map)
    stored = config.dtype if isinstance(config.dtype, torch.dtype) else None
    chosen: dict[str, Any] = {
        "dtype": dtype(canonical_precision(args.precision), stored, main_device(placed)),
        "use_safetensors": args.use_safetensors is not False or has_safetensors(folder),
    }
    if placed is not None:
        chosen["device_map"] = placed
    if args.attn_implementation is not None:
        chosen["attn_implementation"] = args.attn_implementation
    if args.quantization_config is not None:
        chosen["quantization_config"] = quantization(args.quantization_config, config)
    return chosen


def _model(kind: Any, folder: Path, arguments: Mapping[str, Any]) -> Generates:
    """The model, refused where transformers made up a part of it: random weights would answer, and score, noise."""
    model, found = cast(
        tuple[Generates, Mapping[str, Any]],
        kind.from_pretrained(folder, output_loading_info=True, **arguments),
    )
    if missing := sorted(found["missing_keys"]):
        raise EndpointError(
            f"{folder} lacks {len(missing)} of the weights that its config.json describes, such as {missing[0]}; "
            "download it again, or convert it for this architecture"
        )
    return model


def _defaults(own: GenerationConfig) -> Defaults:
    stop = own.stop_strings or ()
    return Defaults(
        temperature=float(_given(own.temperature, 1.0)) if own.do_sample else 0.0,
        top_p=float(_given(own.top_p, 1.0)),
        top_k=int(_given(own.top_k, 0)),
        min_p=float(_given(own.min_p, 0.0)),
        repetition_penalty=float(_given(own.repetition_penalty, 1.0)),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
    )


def _reduced(own: GenerationConfig, pad_id: int) -> GenerationConfig:
    """The checkpoint's generation settings without those of sampling, search, length and end."""
    kept = {name: value for name in KEPT if (value := getattr(own, name, None)) is not None}
    return GenerationConfig(  # type: ignore[no-untyped-call]  # not annotated there
        **kept, pad_token_id=pad_id
    )


def _context(config: PreTrainedConfig, tokenizer: PreTrainedTokenizerBase) -> int | None:
    """Positions that the model has: its own word for it, else the tokenizer's."""
    if getattr(config, "relative_attention_num_buckets", None):
        return None  # T5 and its kin write how long their training texts were
    text_config = config.get_text_config()
    stated = (getattr(text_config, name, None) for name in CONTEXT_NAMES)
    limit = next((size for size in stated if isinstance(size, int) and size > 0), tokenizer.model_max_length)
    return int(limit) if limit < NO_LIMIT else None


def _end_ids(written: int | list[int] | None) -> frozenset[int]:
    if written is None:
        return frozenset()
    return frozenset((written,) if isinstance(written, int) else written)


def _first_id(*candidates: int | None) -> int:
    return next((candidate for candidate in candidates if candidate is not None), 0)


def _given(value: Any, default: float) -> Any:
    return default if value is None else value
