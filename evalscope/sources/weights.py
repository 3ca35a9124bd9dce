"""Which files of a hub's repository a model consists of: configuration, tokenizer, code, weights of one format."""

import json
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from evalscope.errors import ConfigError

SMALL_FILES = ("*.json", "*.jinja", "*.model", "*.tiktoken", "*.txt", "*.py")
"""Configuration, tokenizer, templates; the code is run only where the user trusts it."""


class Format(NamedTuple):
    """A format of weights.

    Attributes:
        whole: the one file of a model.
        parts: the list of the files that a model is cut into.
        adapter: the file of an adapter.
    """

    whole: str
    parts: str
    adapter: str


SAFETENSORS = Format("model.safetensors", "model.safetensors.index.json", "adapter_model.safetensors")
PICKLES = Format("pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin")


def choose_files(
    names: Iterable[str], take: Callable[[Iterable[str]], Path], *, allows_pickles: bool
) -> tuple[str, ...]:
    """The files that a model or adapter is loaded from; the same weights in other formats stay where they are.

    Args:
        names: of all files of the repository.
        take: fetches files and gives their folder; asked for the index where the weights are cut.
        allows_pickles: whether weights may be read that are no safetensors; those are taken where there are both.

    Raises:
        ConfigError: there are no weights, or only pickles where they are not allowed.
    """
    there = frozenset(names)
    small = [name for name in there if _is_small(name)]
    for weights in (SAFETENSORS, PICKLES) if allows_pickles else (SAFETENSORS,):
        for single in (weights.whole, weights.adapter):
            if single in there:
                return tuple(sorted((*small, single)))
        if weights.parts in there:
            return tuple(sorted((*small, weights.parts, *_shards(take([weights.parts]) / weights.parts, there))))
    raise _no_weights(there)


def _is_small(name: str) -> bool:
    """Whether a file is needed whatever the weights are; indexes of weights are taken with them."""
    if name.endswith(".index.json"):
        return False
    folder, _, last = name.rpartition("/")
    is_at_home = not folder or folder == "additional_chat_templates" or last.endswith(".py")
    return is_at_home and any(fnmatchcase(last, pattern) for pattern in SMALL_FILES)


def _shards(index: Path, there: frozenset[str]) -> tuple[str, ...]:
    try:
        shards = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{index} is no list of weight files ({error}); the model's repository is damaged") from error
    if absent := [name for name in shards if name not in there]:
        raise ConfigError(
            f"{index.name} names {len(shards)} files of weights, and {len(absent)} of them, such as {absent[0]}, are "
            "not in the model's repository; name another revision"
        )
    return tuple(shards)


def _no_weights(there: frozenset[str]) -> ConfigError:
    pickles = [name for name in PICKLES if name in there]  # which, were they allowed, would have been taken
    if not pickles:
        shown = ", ".join(sorted(there)[:10])
        return ConfigError(f"it holds no weights that transformers reads ({SAFETENSORS.whole}); found {shown}")
    return ConfigError(
        f"it holds its weights as {pickles[0]}, a pickle, which may run code when read; where you trust their author, "
        f"set use_safetensors to false in model_args, which takes {PICKLES.whole} and {PICKLES.adapter}"
    )
