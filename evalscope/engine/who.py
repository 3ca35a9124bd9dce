"""Who answers and who judges, as a task names them."""

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalscope.config import JudgeArgs, TaskConfig
from evalscope.constants import EvalType
from evalscope.core.benchmark import Benchmark
from evalscope.core.generation import Generation
from evalscope.engine.ask import Asker, AskModel, LookUp
from evalscope.engine.judging import GREEDY, Judge, needs_judge
from evalscope.engine.plan import Answerer
from evalscope.errors import ConfigError
from evalscope.models.build import build_model
from evalscope.models.predictions import Predictions, read_predictions
from evalscope.sources.models import ModelFetcher
from evalscope.sources.records import RecordFile, read_records
from evalscope.sources.supply import Supply, supply_of

logger = logging.getLogger(__name__)


def who_answers(config: TaskConfig, predictions: Predictions | None) -> tuple[Asker, Answerer]:
    """The model that a task names, or the answers made elsewhere.

    Raises:
        ConfigError: no such model, or settings that it would not honour.
    """
    if predictions is not None:
        return LookUp(predictions), Answerer(identity=predictions.identity, generation=lambda benchmark: Generation())
    fetch = _fetcher(config, supply_of(config))
    model = build_model(config, api_key=api_key(config), fetch=fetch)
    check = getattr(model, "check", None)

    def generation(benchmark: Benchmark) -> Generation:
        settings = config.generation_config.over(benchmark.generation)
        if check is not None:
            check(settings)
        return settings

    is_base_model = bool(getattr(model, "is_base_model", False))
    identity = model.identity  # by now all is fetched that decides it
    return AskModel(model), Answerer(
        identity=identity, generation=generation, is_base_model=is_base_model, taken=tuple(fetch.taken)
    )


def who_answered(record: Mapping[str, Any], config: TaskConfig) -> Answerer:
    """Who answered in an earlier run, as its record tells; there is nobody to ask."""
    identity: Mapping[str, str] = record["asking"]["model"]
    made_elsewhere = identity.get("kind") == EvalType.PREDICTIONS
    return Answerer(
        identity=identity,
        generation=lambda benchmark: (
            Generation() if made_elsewhere else config.generation_config.over(benchmark.generation)
        ),
        is_base_model=bool(record.get("continues plain text")),
    )


def who_judges(config: TaskConfig, benchmarks: Sequence[Benchmark], *, are_expected: bool = True) -> tuple[Judge, ...]:
    """The judges that a task names; none where nothing needs them, which is said where they `are_expected` to be.

    Raises:
        ConfigError: no such model, settings that it would not honour, or two of one name.
    """
    if not config.judge_model_args:
        return ()
    if not any(needs_judge(benchmark, config.judge_strategy) for benchmark in benchmarks):
        if are_expected:
            logger.warning(
                "judge_model_args is not used: with judge_strategy %s these data sets are graded by their own rules "
                "(--judge-strategy llm asks the judge)",
                config.judge_strategy,
            )
        return ()
    supply = supply_of(config)
    judges = tuple(_judge(config, args, supply) for args in config.judge_model_args)
    names = [judge.name for judge in judges]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"two judges are called {twice!r}; give each a name of its own in judge_model_args")
    return judges


def _judge(config: TaskConfig, args: JudgeArgs, supply: Supply) -> Judge:
    """A judge: a model like the one asked, with settings of its own."""
    task = TaskConfig(
        model=args.model_id,
        model_id=args.name,
        model_args=args.model_args,
        eval_type=args.eval_type,
        api_url=args.api_url,
        api_key=args.api_key,
        api_key_env=args.api_key_env,
        generation_config=args.generation_config,
        eval_batch_size=config.judge_worker_num,
        timeout=config.timeout,
        max_retries=config.max_retries,
        seed=config.seed,
    )
    model = build_model(task, api_key=api_key(task), fetch=_fetcher(task, supply))
    generation = args.generation_config.over(GREEDY)
    if check := getattr(model, "check", None):
        check(generation)
    return Judge(name=model.name, model=model, generation=generation, args=args)


def _fetcher(config: TaskConfig, supply: Supply) -> ModelFetcher:
    """What downloads a task's models: with pickles only where these may be read."""
    return ModelFetcher(supply=supply, allows_pickles=config.model_args.use_safetensors is False)


def api_key(config: TaskConfig) -> str | None:
    """The key of a task's service: as it is written, of the variable that is named, or of OPENAI_API_KEY.

    Raises:
        ConfigError: the variable is not set, or there are two keys.
    """
    if config.api_key is not None and config.api_key_env:
        raise ConfigError("api_key and api_key_env are both given; keep one")
    if config.api_key is not None:
        return config.api_key.get_secret_value()
    if config.api_key_env:
        if config.api_key_env not in os.environ:
            raise ConfigError(f"api_key_env names the environment variable {config.api_key_env!r}, which is not set")
        return os.environ[config.api_key_env]
    return os.environ.get("OPENAI_API_KEY")


def answers_made_elsewhere(config: TaskConfig) -> Predictions | None:
    """The file of answers that a task names; None where a model is to be asked.

    Raises:
        ConfigError: it is not there, or settings are given that would have no effect.
    """
    if config.answers_by != EvalType.PREDICTIONS:
        return None
    if not config.model:
        raise ConfigError("eval_type predictions needs the file of answers: --model answers.jsonl")
    unheard = sorted(config.generation_config.model_fields_set - {"n", "max_tokens_field"})
    if unheard:
        raise ConfigError(f"generation_config {', '.join(unheard)} has no effect on answers made elsewhere; remove it")
    if config.max_tokens_total or config.max_time:
        raise ConfigError("max_tokens_total and max_time have no effect on answers made elsewhere; remove them")
    path = Path(config.model).expanduser()
    if not path.is_file():
        raise ConfigError(f"the file of answers {config.model!r} does not exist (looked in {Path.cwd()})")
    return read_predictions(read_records(RecordFile(path)))
