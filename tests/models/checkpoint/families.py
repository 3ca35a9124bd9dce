"""Tiny models of many architectures, each with its own way of placing, caching and masking tokens."""

from pathlib import Path

from tests.models.checkpoint.tiny import BEGIN, END, tiny_tokenizer

CONTEXT = 512
WINDOW = 24
"""Shorter than what the prompts of the tests begin with."""

INDEXED = 48
"""Fewer tokens than what the prompts of the tests begin with; more than the check at the start computes."""

SIZES = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT,
}
ALTERNATING = {"sliding_window": WINDOW, "layer_types": ["sliding_attention", "full_attention"]}
EXPERTS = {"num_experts_per_tok": 2, "moe_intermediate_size": 48}

CONFIGS = {
    "qwen2": {**SIZES, "use_sliding_window": True, "max_window_layers": 1, **ALTERNATING},
    "qwen3": {**SIZES, "head_dim": 16},
    "qwen3_moe": {**SIZES, **EXPERTS, "head_dim": 16, "num_experts": 4},
    "llama": SIZES,
    "mistral": {**SIZES, "sliding_window": WINDOW},
    "gemma2": {**SIZES, **ALTERNATING, "head_dim": 16, "query_pre_attn_scalar": 16},
    "gemma3_text": {**SIZES, **ALTERNATING, "head_dim": 16, "query_pre_attn_scalar": 16},
    "phi3": SIZES,
    "gpt2": {"n_positions": CONTEXT, "n_embd": 64, "n_layer": 2, "n_head": 4},
    "glm4": {**SIZES, "head_dim": 16},
    "deepseek_v3": {
        **SIZES,
        "num_key_value_heads": 4,
        "n_routed_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 48,
        "n_group": 2,
        "topk_group": 1,
        "first_k_dense_replace": 1,
        "kv_lora_rank": 16,
        "q_lora_rank": 24,
        "qk_rope_head_dim": 8,
        "qk_nope_head_dim": 16,
        "v_head_dim": 12,
    },
    "deepseek_v32": {
        **SIZES,
        "num_key_value_heads": 4,
        "n_routed_experts": 4,
        "num_experts_per_tok": 2,
        "moe_intermediate_size": 48,
        "n_group": 2,
        "topk_group": 1,
        "first_k_dense_replace": 1,
        "kv_lora_rank": 16,
        "q_lora_rank": 24,
        "qk_rope_head_dim": 8,
        "head_dim": 8,
        "qk_nope_head_dim": 16,
        "v_head_dim": 12,
        "index_topk": INDEXED,
        "index_head_dim": 16,
        "index_n_heads": 2,
    },
    "mixtral": {**SIZES, "num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": WINDOW},
    "gpt_oss": {**SIZES, **ALTERNATING, "head_dim": 16, "num_local_experts": 4, "num_experts_per_tok": 2},
    "cohere": SIZES,
    "olmo2": SIZES,
    "gpt_neox": {key: value for key, value in SIZES.items() if key != "num_key_value_heads"},
    "bloom": {"hidden_size": 64, "n_layer": 2, "n_head": 4},
    "opt": {**SIZES, "ffn_dim": 96, "word_embed_proj_dim": 64},
    "t5": {"d_model": 64, "d_kv": 16, "d_ff": 96, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4},
    "mamba": {"hidden_size": 64, "state_size": 8, "num_hidden_layers": 2},
    "lfm2": {**SIZES, "layer_types": ["conv", "full_attention"], "block_multiple_of": 16},
    "falcon_h1": {
        **SIZES,
        "head_dim": 16,
        "mamba_d_ssm": 64,
        "mamba_n_heads": 4,
        "mamba_d_head": 16,
        "mamba_d_state": 8,
    },
}
"""By the name that transformers gives the architecture."""

SPREAD = 0.2
"""Of the weights: enough for every position to matter, and too little for rounding to grow from layer to layer."""


def make_family(folder: Path, family: str, **settings) -> Path:
    """A checkpoint without chat template in `folder`; the folder. A token is a byte; the likeliest leads clearly.

    Args:
        folder: made where it does not exist.
        family: one of CONFIGS.
        settings: of the configuration, over those of the family.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

    from evalscope.models.checkpoint.quiet import quiet

    tokenizer = tiny_tokenizer(CONTEXT, (), begins=family == "llama")
    config = AutoConfig.for_model(
        family,
        vocab_size=len(tokenizer),
        bos_token_id=tokenizer.convert_tokens_to_ids(BEGIN) if family == "llama" else None,
        eos_token_id=tokenizer.convert_tokens_to_ids(END),
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=False,
        initializer_range=SPREAD,
        **({"decoder_start_token_id": tokenizer.pad_token_id} if family == "t5" else {}),
        **{**CONFIGS[family], **settings},
    )
    kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    torch.manual_seed(0)
    model = kind.from_config(config).eval()
    with torch.no_grad():
        if family == "t5":  # whose own way to begin makes all logits alike
            for name, weight in model.named_parameters():
                if "layer_norm" not in name:
                    weight.normal_(std=SPREAD)
        model.get_output_embeddings().weight.mul_(4.0)
        # an end, seldom: otherwise all rows end together
        model.get_output_embeddings().weight[tokenizer.eos_token_id].mul_(1.2)
    with quiet():
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder
