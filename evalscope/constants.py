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

    AUTO = "auto"
    RULE = "rule"


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
