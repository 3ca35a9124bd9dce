"""Who grades answers where a model does, and how it is asked."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from evalscope.config.generation import GenerationConfig
from evalscope.config.part import Part, not_empty, one_of
from evalscope.config.parts import ModelArgs
from evalscope.constants import EVAL_TYPE_ALIASES, EvalType, RubricName


class JudgeArgs(Part):
    """One judge; several are written as a list of them."""

    where: ClassVar[str] = "judge_model_args"
    secret: ClassVar[frozenset[str]] = frozenset({"api_key", "generation_config"})
    is_listed: ClassVar[bool] = True
    elsewhere: ClassVar[Mapping[str, str]] = {
        "model": "here it is called model_id",
        "judge_worker_num": "it is a setting of the whole task: --judge-worker-num",
        "strategy": "it is a setting of the whole task: --judge-strategy",
        "score_type": "a rubric decides that: correctness asks for a grade, quality for a number",
        "score_mapping": "grades have their worth from the rubric; leave it out",
        "timeout": "it is a setting of the whole task: --timeout",
        "max_retries": "it is a setting of the whole task: --max-retries",
        "temperature": "it belongs into its generation_config: {'temperature': 0}",
        "max_tokens": "it belongs into its generation_config: {'max_tokens': 512}",
    }

    model_id: str | None = Field(None, description="the judge: the name a service knows it by, or a local folder")
    api_url: str | None = Field(None, repr=False, description="address of the judge's service")
    api_key: SecretStr | None = Field(None, description="its key; never written to any file")
    api_key_env: str | None = Field(None, description="environment variable that holds its key")
    name: str | None = Field(None, description="the judge's name in reports; unset: the last part of model_id")
    eval_type: str | None = Field(None, description="service, checkpoint or mock_llm; with api_url service")
    model_args: ModelArgs = Field(default_factory=ModelArgs, description="how a local judge is loaded")
    generation_config: GenerationConfig = Field(
        default_factory=GenerationConfig, description="how its replies are generated; unset: greedy, 2048 tokens"
    )
    rubric: RubricName | None = Field(
        None, description="correctness (beside a target) or quality (a number, no target needed); unset: what fits"
    )
    prompt_template: str | None = Field(
        None, description="the judge's question: {question}, {target}, {answer}; unset: the rubric's"
    )
    system_prompt: str | None = Field(None, description="what the judge's system says first")
    score_pattern: str | None = Field(
        None, description="regular expression whose first group is the verdict; unset: a line GRADE: … or SCORE: …"
    )
    check: Path | None = Field(
        None, description="judge_check.json of judge-check: scores are also given corrected for the judge's errors"
    )

    @field_validator(
        "model_id", "api_url", "api_key_env", "name", "eval_type", "prompt_template", "check", mode="before"
    )
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        return not_empty(value)

    @field_validator("eval_type", mode="before")
    @classmethod
    def _kind(cls, value: Any) -> Any:
        kind = one_of(value, EvalType, EVAL_TYPE_ALIASES)
        if kind is EvalType.PREDICTIONS:
            raise ValueError("a judge cannot be a file of answers; service, checkpoint or mock_llm is needed")
        return str(kind)

    @field_validator("rubric", mode="before")
    @classmethod
    def _rubric(cls, value: Any) -> Any:
        return one_of(value, RubricName, {})

    @field_validator("score_pattern")
    @classmethod
    def _has_a_group(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            num_groups = re.compile(value).groups
        except re.error as error:
            raise ValueError(f"score_pattern {value!r} is no regular expression: {error}") from None
        if not num_groups:
            raise ValueError(f"score_pattern {value!r} has no group; put the verdict in brackets: GRADE: (\\w+)")
        return value

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if not self.model_id and self.eval_type != EvalType.MOCK_LLM:
            raise ValueError("judge_model_args needs the judge's name as model_id")
        return self
