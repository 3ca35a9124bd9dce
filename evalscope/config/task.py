"""The one truth about a task: flags, help, dict, YAML and JSON all come from this model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, SecretStr, field_validator, model_validator

from evalscope.config.collection import Collection, read_collection
from evalscope.config.generation import GenerationConfig
from evalscope.config.judge import JudgeArgs
from evalscope.config.part import Part, Whole, not_empty, one_of, one_or_several
from evalscope.config.parts import DatasetArgs, ModelArgs
from evalscope.config.sandbox import SandboxConfig
from evalscope.constants import EVAL_TYPE_ALIASES, HUB_ALIASES, EvalType, HubType, JudgeStrategy, OutputFormat

NESTED: Mapping[str, type[Part]] = {
    "generation_config": GenerationConfig,
    "model_args": ModelArgs,
    "dataset_args": DatasetArgs,
    "sandbox": SandboxConfig,
    "judge_model_args": JudgeArgs,
}
SEVERAL = ("dataset_args", "judge_model_args")
"""Those that stand under a name or in a list."""


class TaskConfig(Part):
    """What to evaluate, on what, and how. Each field is a flag of `evalscope eval` under the same name."""

    where: ClassVar[str] = "the task"
    secret: ClassVar[frozenset[str]] = frozenset({"api_key", "generation_config", "judge_model_args"})
    elsewhere: ClassVar[Mapping[str, str]] = {
        "few_shot_num": "it belongs to a data set: dataset_args: {'gsm8k': {'few_shot_num': 4}}",
        "local_path": "it belongs to a data set: dataset_args: {'gsm8k': {'local_path': '/path/to/gsm8k'}}",
        "temperature": "it belongs into generation_config: {'temperature': 0.6}",
        "max_tokens": "it belongs into generation_config: {'max_tokens': 512}",
        "max_new_tokens": "it belongs into generation_config: {'max_new_tokens': 512}",
        "precision": "it belongs into model_args: {'precision': 'torch.float16'}",
    }

    model: Any = Field(None, description="hub id, local folder, the name a service knows it by, or a file of answers")
    model_id: str | None = Field(None, description="the name in reports; otherwise the last part of --model")
    model_args: ModelArgs = Field(default_factory=ModelArgs, description="how a local model is loaded")
    datasets: tuple[str, ...] = Field((), description="names of benchmarks, or paths of benchmark files")
    collection: Collection | None = Field(
        None, description="YAML file that names data sets, weights and numbers of samples: an index of your own"
    )
    dataset_args: dict[str, DatasetArgs] = Field({}, description="settings of each data set, by its name")
    dataset_hub: HubType = Field(HubType.MODELSCOPE, description="where data sets are downloaded from")
    dataset_dir: Path | None = Field(
        None,
        description="folder or zip that holds data sets by name: of 'evalscope download', or data.zip; else "
        "EVALSCOPE_DATA",
    )
    offline: bool = Field(
        False, description="open no connection but to the service that answers; what is missing is listed at the start"
    )
    generation_config: GenerationConfig = Field(
        default_factory=GenerationConfig, description="how answers are generated"
    )
    eval_type: str | None = Field(
        None, description="service, checkpoint, predictions or mock_llm; with --api-url service, otherwise checkpoint"
    )
    api_url: str | None = Field(
        None, repr=False, description="address of a service, ending in /v1 or /v1/chat/completions"
    )
    api_key: SecretStr | None = Field(None, description="key of the service; never written to any file")
    api_key_env: str | None = Field(
        None, description="environment variable that holds the key; otherwise OPENAI_API_KEY"
    )
    ray_address: str | None = Field(
        None, description="address of a Ray cluster that replicas of model_args run on; otherwise this machine"
    )
    eval_batch_size: Annotated[Whole, Field(ge=1)] | None = Field(
        None,
        description="questions asked at once; by default auto: found out with a service, what memory holds locally",
    )
    max_rpm: Annotated[float, Field(gt=0)] | None = Field(
        None, description="requests a minute that a service is sent at most"
    )
    max_tpm: Annotated[float, Field(gt=0)] | None = Field(
        None, description="tokens a minute, prompts and answers together, that a service is to spend at most"
    )
    limit: int | float | None = Field(
        None, description="most samples of each subset; below 1 a share of it; all unless given"
    )
    repeats: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="how often each question is asked; 1 unless given"
    )
    seed: Annotated[Whole, Field(ge=0)] = Field(42, description="seed of examples, orders and local sampling")
    timeout: Annotated[float, Field(gt=0)] = Field(600.0, description="seconds that one request may take")
    max_retries: Annotated[Whole, Field(ge=0)] = Field(5, description="how often a failed request is sent again")
    max_tokens_total: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="tokens of prompts and answers that this command may spend; the run can be continued"
    )
    max_time: Annotated[float, Field(gt=0)] | None = Field(
        None, description="seconds after which nothing more is asked; the run can be continued"
    )
    give_up_after: Annotated[float, Field(gt=0)] = Field(
        600.0, description="seconds that a service which has gone away is waited for; the run can be continued"
    )
    stream: bool = Field(False, description="read answers as they are written, with the time to the first token")
    judge_strategy: JudgeStrategy = Field(
        JudgeStrategy.AUTO,
        description="who grades answers: rule (the benchmark), llm (a judge), auto (a judge where the benchmark has no "
        "rule), llm_recall (a judge looks again at what the benchmark calls wrong)",
    )
    judge_model_args: tuple[JudgeArgs, ...] = Field((), description="the judge, or a list of several who vote")
    judge_worker_num: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="answers that a judge is asked about at once; unset: as for eval_batch_size"
    )
    sandbox: SandboxConfig = Field(
        default_factory=SandboxConfig, description="where programs that a model wrote are run"
    )
    work_dir: Path = Field(Path("outputs"), description="folder that the run's own folder is made in")
    run_name: str | None = Field(None, description="name of the run's folder; otherwise date and time")
    use_cache: Path | None = Field(None, description="run folder to continue: nothing answered there is asked again")
    dry_run: bool = Field(False, description="check everything, data included, show the first prompts, ask nothing")
    strict: bool = Field(False, description="end with exit code 2 where answers made elsewhere are missing")
    output_format: OutputFormat = Field(OutputFormat.TABLE, description="table or json, on standard output")
    quiet: bool = Field(False, description="no progress, no notes: only the result and errors")
    debug: bool = Field(False, description="log everything, and show where an error came from")

    @classmethod
    def _owner(cls, path: list[str]) -> tuple[type[Part], int]:
        if len(path) < 2 or path[0] not in NESTED:
            return cls, 0
        return NESTED[path[0]], 2 if path[0] in SEVERAL else 1

    @model_validator(mode="before")
    @classmethod
    def _of_collection(cls, settings: Any) -> Any:
        """A collection says which data sets are asked."""
        if not isinstance(settings, Mapping) or settings.get("collection") is None:
            return settings
        collection = read_collection(settings["collection"])
        names = tuple(entry.name for entry in collection.datasets)
        given = settings.get("datasets")
        if given and tuple(one_or_several(given)) != names:
            raise ValueError("the collection names the data sets, so datasets has no place beside it; leave one out")
        return {**settings, "collection": collection, "datasets": names}

    @field_validator("datasets", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return one_or_several(value)

    @field_validator(
        "model_id",
        "eval_type",
        "api_url",
        "api_key_env",
        "ray_address",
        "work_dir",
        "use_cache",
        "dataset_dir",
        mode="before",
    )
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        return not_empty(value)

    @field_validator("eval_batch_size", mode="before")
    @classmethod
    def _number_or_auto(cls, value: Any) -> Any:
        return None if isinstance(value, str) and value.casefold() == "auto" else value

    @field_validator("judge_model_args", mode="before")
    @classmethod
    def _one_or_several_judges(cls, value: Any) -> Any:
        return (value,) if isinstance(value, Mapping | JudgeArgs) else value

    @field_validator("dataset_args", mode="before")
    @classmethod
    def _by_data_set(cls, value: Any) -> Any:
        if isinstance(value, Mapping) and (bare := [key for key in value if key in DatasetArgs.known_keys()]):
            raise ValueError(f"{bare[0]!r} must stand under its data set: {{'gsm8k': {{{bare[0]!r}: …}}}}")
        return value

    @field_validator("model", mode="before")
    @classmethod
    def _text_or_model(cls, value: Any) -> Any:
        if isinstance(value, type):
            raise ValueError(f"an object is needed, not its class; write {value.__name__}(…)")
        if value is None or isinstance(value, str) or callable(getattr(value, "generate", None)):
            return value
        if isinstance(value, Path):
            return str(value)
        raise ValueError(f"a name, a path, or an object with a generate method is needed; found {type(value).__name__}")

    @field_validator("eval_type", mode="before")
    @classmethod
    def _one_spelling(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        folded = value.casefold().replace("-", "_")
        return str(EVAL_TYPE_ALIASES.get(folded, folded))

    @field_validator("dataset_hub", mode="before")
    @classmethod
    def _hub(cls, value: Any) -> Any:
        return one_of(value, HubType, HUB_ALIASES)

    @field_validator("judge_strategy", mode="before")
    @classmethod
    def _strategy(cls, value: Any) -> Any:
        return one_of(value, JudgeStrategy, {})

    @field_validator("output_format", mode="before")
    @classmethod
    def _format(cls, value: Any) -> Any:
        return one_of(value, OutputFormat, {})

    @field_validator("limit", mode="before")
    @classmethod
    def _count_or_share(cls, value: Any) -> Any:
        if value is None:
            return None
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = -1.0
        is_count = number >= 1 and number.is_integer() and not (number == 1 and "." in str(value))
        if isinstance(value, bool) or not (is_count or 0 < number <= 1):
            raise ValueError(f"a whole number from 1, or a share such as 0.1 (at most 1.0), is needed; found {value!r}")
        return int(number) if is_count else number

    @field_validator("run_name")
    @classmethod
    def _plain_name(cls, value: str | None) -> str | None:
        if value is not None and (
            value in {"", "latest"}
            or value != value.strip(" .")
            or not value.isprintable()
            or set(value) & set('/\\:*?"<>|')
            or len(value.encode()) > 200
        ):
            raise ValueError(
                f"a plain folder name is needed, without slashes, not 'latest' and not too long; found {value!r}"
            )
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.run_name and self.use_cache:
            raise ValueError("run_name makes a new run and use_cache continues an old one; give one of them")
        if self.repeats and self.generation_config.n and self.repeats != self.generation_config.n:
            raise ValueError(
                f"repeats is {self.repeats} and n of generation_config is {self.generation_config.n}: give one"
            )
        if self.api_url and self.answers_by in {*EvalType, "object"} - {EvalType.SERVICE}:
            raise ValueError(f"api_url is for eval_type service, not for {self.answers_by}; drop one of them")
        if self.ray_address and self.model_args.replicas is None:
            raise ValueError(
                "ray_address is where replicas run; give their number as replicas of model_args, or drop it"
            )
        return self

    @property
    def answers_by(self) -> str:
        """Who answers: the eval type, or "object" where the model was handed over as one."""
        if self.model is not None and not isinstance(self.model, str):
            return "object"
        return self.eval_type or (EvalType.SERVICE if self.api_url else EvalType.CHECKPOINT)

    @property
    def num_repeats(self) -> int:
        """How often each question is asked."""
        return self.repeats or self.generation_config.n or 1
