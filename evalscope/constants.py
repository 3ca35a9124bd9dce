"""The words that users may write for a choice, with the other spellings that circulate for them."""

from collections.abc import Mapping
from enum import StrEnum


class EvalType(StrEnum):
    """Who answers."""

    SERVICE = "service"
    CHECKPOINT = "checkpoint"
    PREDICTIONS = "predictions"
    MOCK_LLM = "mock_llm"
    # spellings of other releases; as enum aliases they are the same members
    OPENAI_API = "service"
    SERVER = "service"
    LLM_CKPT = "checkpoint"


EVAL_TYPE_ALIASES: Mapping[str, EvalType] = {
    "openai_api": EvalType.SERVICE,
    "openai": EvalType.SERVICE,
    "server": EvalType.SERVICE,
    "api": EvalType.SERVICE,
    "llm_ckpt": EvalType.CHECKPOINT,
    "ckpt": EvalType.CHECKPOINT,
    "local": EvalType.CHECKPOINT,
    "mock": EvalType.MOCK_LLM,
}


class JudgeStrategy(StrEnum):
    """When a model grades the answers."""

    AUTO = "auto"  # where the benchmark has no other way
    RULE = "rule"  # never
    LLM = "llm"  # always
    LLM_RECALL = "llm_recall"  # what the benchmark's own way calls wrong


class RubricName(StrEnum):
    """How a judge grades the answers to benchmarks without a rubric of their own."""

    CORRECTNESS = "correctness"
    QUALITY = "quality"
    PAIRWISE = "pairwise"


class HubType(StrEnum):
    """Where data sets and models are downloaded from."""

    MODELSCOPE = "modelscope"
    HUGGINGFACE = "huggingface"


HUB_ALIASES: Mapping[str, HubType] = {
    "ms": HubType.MODELSCOPE,
    "hf": HubType.HUGGINGFACE,
    "hugging_face": HubType.HUGGINGFACE,
}


class OutputFormat(StrEnum):
    """What is printed on standard output when a run ends."""

    TABLE = "table"
    JSON = "json"
