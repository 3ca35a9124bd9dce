"""Which tokens are a continuation's, where a context and its continuation meet."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from transformers import PreTrainedTokenizerBase

from evalscope.errors import ModelError, PromptTooLong
from evalscope.models.checkpoint.prompt import text_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """A context and a continuation as tokens.

    Attributes:
        tokens: ids of both.
        num_given: how many of them are the context's, at least one; the rest are the continuation's, at least one.
        is_wanted: whether somebody still waits for the figure; may be called from any thread.
    """

    tokens: tuple[int, ...]
    num_given: int
    is_wanted: Callable[[], bool] = field(default=lambda: True, compare=False)

    @property
    def way(self) -> Hashable:
        """All continuations may share a batch."""
        return "loglikelihood"

    @property
    def num_scored(self) -> int:
        """How many tokens are the continuation's."""
        return len(self.tokens) - self.num_given


def continued(
    tokenizer: PreTrainedTokenizerBase,
    context: str,
    continuation: str,
    limit: int | None,
    is_wanted: Callable[[], bool],
) -> Continued:
    """The tokens of a continuation behind its context.

    Both are tokenised together, as the model would read them, with the special tokens that the tokenizer puts in front
    and none behind. The continuation's tokens are those from the first place where that differs from the tokens of the
    context alone. A token that straddles the seam is thus the continuation's; so is all before it that the seam
    changed. Where nothing stands before them, the token that begins a text does (that which ends one, where a
    tokenizer has no other), since there is no probability without a condition.

    Args:
        tokenizer: of the model.
        context: plain text; may be empty.
        continuation: plain text, with the space that parts it from the context.
        limit: positions that the model has; None where it has no limit.
        is_wanted: as in Continued.

    Raises:
        ModelError: no token is the continuation's: it is empty, or the tokenizer drops it.
        PromptTooLong: both together do not fit the model's context. Nothing is ever cut off.
    """
    alone, both = text_tokens(tokenizer, context), text_tokens(tokenizer, context + continuation)
    num_given = num_shared(alone, both)
    if num_given == len(both):
        raise ModelError(
            f"the continuation {continuation[:80]!r} adds no token to its context, so it has no likelihood; "
            "see whether the record has an empty option"
        )
    if num_given == 0:
        both, num_given = [_beginning(tokenizer), *both], 1
    if limit is not None and len(both) - 1 > limit:  # what follows the last token is not asked
        raise PromptTooLong(
            f"context and continuation have {len(both)} tokens and the model's context {limit}; shorten the prompt "
            "(few_shot_num, for example)"
        )
    return Continued(tokens=tuple(both), num_given=num_given, is_wanted=is_wanted)


def num_shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts have in common at their start."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _beginning(tokenizer: PreTrainedTokenizerBase) -> int:
    for token in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        if token is not None:
            return int(token)
    raise ModelError(
        "the context is empty and the tokenizer has no token that begins or ends a text, so the first token has no "
        "probability; give a context"
    )
