"""How many tokens a text has: by the tokenizer of the model that is asked, or by an estimate that says so."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evalscope.config import TaskConfig
from evalscope.constants import EvalType
from evalscope.errors import ConfigError, MissingDependency

_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]")

CHARACTERS_PER_TOKEN, WIDE_PER_TOKEN = 4.0, 1.5
"""Of plain English, and of Chinese; common tokenizers differ from it by about a fifth."""


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """Counts tokens.

    Attributes:
        count: tokens of a text.
        said: by what it counts, for a reader of the report.
    """

    count: Callable[[str], int]
    said: str


def counter_of(task: TaskConfig, tokenizer: Path | None) -> TokenCounter:
    """The counter of the given tokenizer, else of the local folder of the model that is asked, else an estimate.

    Raises:
        ConfigError: the given tokenizer cannot be read.
        MissingDependency: what reads tokenizers is not installed.
    """
    file = None if tokenizer is None else tokenizer / "tokenizer.json" if tokenizer.is_dir() else tokenizer
    if file is None and task.answers_by == EvalType.CHECKPOINT and isinstance(task.model, str):
        own = Path(task.model).expanduser() / "tokenizer.json"
        file = own if own.is_file() else None
    if file is None:
        return TokenCounter(
            estimate_tokens,
            f"lengths are estimates: {CHARACTERS_PER_TOKEN:g} letters a token, {WIDE_PER_TOKEN:g} Chinese characters; "
            "what the model counted stands under its tokens (extra_params tokenizer counts exactly)",
        )
    return TokenCounter(_reader(file), f"lengths are tokens of the tokenizer in {file.parent.name or file.name}")


def estimate_tokens(text: str) -> int:
    """About as many tokens as a common tokenizer finds, at least 1."""
    wide = len(_WIDE.findall(text))
    return max(1, round(wide / WIDE_PER_TOKEN + (len(text) - wide) / CHARACTERS_PER_TOKEN))


def _reader(file: Path) -> Callable[[str], int]:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise MissingDependency("counting tokens", "local") from error
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises nothing narrower
        raise ConfigError(f"the tokenizer {str(file)!r} cannot be read: {error}; a tokenizer.json is needed") from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
