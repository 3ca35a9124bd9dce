"""Messages become the token ids that a model is prompted with."""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError
from transformers import PreTrainedTokenizerBase

from evalscope.core.message import Message
from evalscope.errors import ConfigError, RequestRefused

Json = Any


def prompt_tokens(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[Message],
    template_kwargs: Mapping[str, Json],
    *,
    is_closed: bool = False,
) -> tuple[int, ...]:
    """The ids of a conversation that the assistant is to continue; at least one.

    With a chat template, it decides everything, special tokens included. A base model has none: the contents are
    joined by a blank line, and the tokenizer adds the special tokens it is made to add.

    Args:
        tokenizer: of the model.
        messages: the conversation.
        template_kwargs: for the chat template.
        is_closed: whether the token that ends a text stays; an encoder reads whole texts.

    Raises:
        RequestRefused: the template does not take this conversation, or nothing is in it.
        ConfigError: the template cannot be read.
    """
    if tokenizer.chat_template:
        tokens = tokenizer.encode(_rendered(tokenizer, messages, template_kwargs), add_special_tokens=False)
    else:
        tokens = text_tokens(tokenizer, "\n\n".join(message.content for message in messages), is_closed=is_closed)
    if not tokens:
        raise RequestRefused("the prompt is empty, and a model cannot continue nothing")
    return tuple(tokens)


def _rendered(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], template_kwargs: Mapping[str, Json]
) -> str:
    conversation = [{"role": message.role, "content": message.content} for message in messages]
    arguments = {"add_generation_prompt": True, **template_kwargs, "tokenize": False}
    try:
        return str(tokenizer.apply_chat_template(conversation, **arguments))
    except TemplateSyntaxError as error:
        raise ConfigError(f"the chat template cannot be read: {error} (line {error.lineno})") from error
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        roles = ", ".join(message.role for message in messages)
        raise RequestRefused(f"the chat template does not take this conversation ({roles}): {error}") from error


def text_tokens(tokenizer: PreTrainedTokenizerBase, text: str, *, is_closed: bool = False) -> list[int]:
    """The ids of plain text, with the special tokens that the tokenizer puts in front.

    Args:
        tokenizer: of the model.
        text: as it is.
        is_closed: whether those that it puts behind stay, too; a text that is to be continued must not have them.
    """
    tokens: list[int] = tokenizer.encode(text, add_special_tokens=True)
    bos, eos = tokenizer.bos_token_id, tokenizer.eos_token_id
    if bos is not None and tokens[:2] == [bos, bos]:  # the text brings one, and the tokenizer put another before it
        tokens = tokens[1:]
    if (
        not is_closed
        and eos is not None
        and len(tokens) > 1
        and tokens[-1] == eos
        and not text.endswith(str(tokenizer.eos_token))
    ):
        return tokens[:-1]  # some tokenizers close every text, and a closed text has no continuation
    return tokens
