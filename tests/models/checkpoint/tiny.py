"""Tiny checkpoints with random weights, whole in every other respect: they load, answer and stop like real ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

Family = Literal["qwen2", "gpt2", "llama"]

END = "<|im_end|>"
PAD = "<|endoftext|>"
START = "<|im_start|>"
BEGIN = "<s>"

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is defined and not enable_thinking %}{{ '<think></think>' }}{% endif %}{% endif %}"
)


def make_tiny(
    folder: Path,
    *,
    chat: bool = True,
    family: Family = "qwen2",
    context: int = 512,
    seed: int = 0,
    merges: Sequence[tuple[str, str]] = (),
    begins: bool = False,
) -> Path:
    """A checkpoint of about 0.1 M parameters in `folder`, made in a fraction of a second; the folder.

    A token is a byte unless there are merges, so a text of n ASCII characters has n tokens. Answers are printable ASCII
    with, seldom, an end token, and depend on the whole prompt. The weights are spread so that the likeliest token leads
    by far more than the rounding of float32.

    Args:
        folder: made where it does not exist.
        chat: whether it has a chat template (ChatML); the end of a turn is its end token either way.
        family: qwen2 and llama turn positions (RoPE) and share key heads, gpt2 has learned positions.
        context: the most tokens of prompt and answer together.
        seed: of the weights.
        merges: pairs of symbols that make one token, the first of them first; a space is written "Ġ".
        begins: whether every text gets a token in front.
    """
    import torch
    from transformers import AutoModelForCausalLM

    from evalscope.models.checkpoint.quiet import quiet

    tokenizer = tiny_tokenizer(context, merges, begins=begins)
    if chat:
        tokenizer.chat_template = CHAT_TEMPLATE
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(_config(family, tokenizer, context))
    with torch.no_grad():
        model.lm_head.weight.mul_(2.0)
        unreadable = [token for token in range(len(tokenizer)) if not _is_readable(tokenizer, token)]
        model.lm_head.weight[unreadable] = 0.0
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    with quiet():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


def tiny_tokenizer(context: int, merges: Sequence[tuple[str, str]], *, begins: bool):
    """The tokenizer alone; arguments as in make_tiny."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    symbols = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *(left + right for left, right in merges)]
    vocabulary = {symbol: place for place, symbol in enumerate(symbols)}
    if begins:
        vocabulary[BEGIN] = len(vocabulary)
    bytewise = Tokenizer(models.BPE(vocab=vocabulary, merges=list(merges)))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    if begins:
        bytewise.post_processor = processors.TemplateProcessing(
            single=f"{BEGIN} $A", special_tokens=[(BEGIN, vocabulary[BEGIN])]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=bytewise,
        bos_token=BEGIN if begins else None,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[START],
        padding_side="left",
        model_max_length=context,
    )


def _is_readable(tokenizer, token: int) -> bool:
    text = tokenizer.decode([token])
    return token == tokenizer.eos_token_id or text == "\n" or (text.isascii() and text.isprintable() and len(text) == 1)


def _config(family: Family, tokenizer, context: int):
    from transformers import GPT2Config, LlamaConfig, Qwen2Config

    common = {
        "vocab_size": len(tokenizer),
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "tie_word_embeddings": False,
        "initializer_range": 0.3,
    }
    if family == "gpt2":
        return GPT2Config(n_positions=context, n_embd=64, n_layer=2, n_head=4, **common)
    kind = {"qwen2": Qwen2Config, "llama": LlamaConfig}[family]
    return kind(
        max_position_embeddings=context,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        **common,
    )
