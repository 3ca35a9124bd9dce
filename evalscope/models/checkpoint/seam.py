"""Which tokens are a continuation's, where a context and its continuation meet."""

from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from evalscope.errors import ModelError, PromptTooLong
from evalscope.models.checkpoint.prefixes import num_shared
from evalscope.models.checkpoint.prompt import text_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """A context and a continuation as tokens.

    Attributes:
        tokens: ids of both.
        num_given: how many of them are the context's, at least one; the rest are the continuation's, at least one.
    """

    tokens: tuple[int, ...]
    num_given: int

    @property
    def num_scored(self) -> int:
        """How many tokens are the continuation's."""
        return len(self.tokens) - self.num_given


def continued(tokenizer: PreTrainedTokenizerBase, context: str, continuation: str, limit: int | None) -> Continued:
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
    return Continued(tokens=tuple(both), num_given=num_given)


def answered(tokenizer: PreTrainedTokenizerBase, context: str, answer: str) -> Continued:
    """The tokens of an answer that a decoder gives to a context, which an encoder reads whole, with its end.

    Raises:
        ModelError: the answer has no token.
    """
    read = text_tokens(tokenizer, context, is_closed=True)
    said = tokenizer.encode(answer, add_special_tokens=False)
    if not said:
        raise ModelError(f"the answer {answer[:80]!r} has no token, so it has no likelihood; look at the record")
    return Continued(tokens=(*read, *said), num_given=len(read))


def _beginning(tokenizer: PreTrainedTokenizerBase) -> int:
    for token in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        if token is not None:
            return int(token)
    raise ModelError(
        "the context is empty and the tokenizer has no token that begins or ends a text, so the first token has no "
        "probability; give a context"
    )
