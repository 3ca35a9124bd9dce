"""What a task that may not ask hubs lacks on this machine: told whole, before anything is asked."""

import shlex
from collections.abc import Iterator, Sequence

from evalscope.config import DatasetArgs, ModelArgs, TaskConfig
from evalscope.constants import EvalType, HubType
from evalscope.core.benchmark import Benchmark
from evalscope.engine.wishes import args_by_benchmark, find_variant, with_own_settings
from evalscope.errors import ConfigError, DatasetError
from evalscope.models.build import find_adapter, find_checkpoint
from evalscope.sources.datasets import is_path, path_of
from evalscope.sources.load import look_up
from evalscope.sources.models import ModelFetcher
from evalscope.sources.supply import Supply, supply_of

FOLDER = "offline"
"""What the advice calls the folder that is to be brought."""

TOKENIZERS = ("tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.*", "*.tiktoken", "spiece.model")
"""A tokenizer is in at least one of these."""


def refuse_missing(config: TaskConfig, benchmarks: Sequence[Benchmark], *, asks_model: bool = True) -> None:
    """Looks for everything that a task needs, where hubs may not be asked.

    Args:
        config: the task.
        benchmarks: that it names.
        asks_model: whether the model itself is needed, and not only what it answered earlier.

    Raises:
        ConfigError: naming all data sets, splits, models and tokenizers that are not here, with the command that
            fetches them where there is a network.
    """
    supply = supply_of(config)
    if not supply.is_offline:
        return
    args = args_by_benchmark(config, [benchmark.name for benchmark in benchmarks])
    wanted = [(benchmark, args.get(benchmark.name, DatasetArgs())) for benchmark in benchmarks]
    datasets = {
        benchmark.name: fault
        for benchmark, given in wanted
        if (fault := _dataset_fault(benchmark, given, config, supply))
    }
    models = dict(_model_faults(config, supply, asks_model=asks_model))
    if datasets or models:
        listed = "\n".join(f"  {fault}" for fault in (*datasets.values(), *models.values()))
        # a new store takes the place of the one that is named, so it must hold what that one does
        needed = wanted if supply.store else [(one, given) for one, given in wanted if one.name in datasets]
        by_id = [one.name for one, given in needed if one.source.id and path_of(given) is None]
        advice = _advice(config, by_id, [name for name in models if not is_path(name)])
        raise ConfigError(f"hubs may not be asked (--offline), and this is not here:\n{listed}\n{advice}")


def _dataset_fault(benchmark: Benchmark, args: DatasetArgs, config: TaskConfig, supply: Supply) -> str:
    try:
        look_up(find_variant(with_own_settings(benchmark, args, config), args), args, supply)
    except DatasetError as error:
        return str(error)
    return ""


def _model_faults(config: TaskConfig, supply: Supply, *, asks_model: bool) -> Iterator[tuple[str, str]]:
    """Names of models and adapters that are not here or not whole, each with what is wrong."""
    is_local = config.answers_by == EvalType.CHECKPOINT and config.ray_address is None  # nodes have disks of their own
    if asks_model and is_local and config.model:
        yield from _faults_of(str(config.model), config.model_args, supply)
    for judge in config.judge_model_args:
        if judge.model_id and (judge.eval_type or EvalType.CHECKPOINT) == EvalType.CHECKPOINT and not judge.api_url:
            yield from _faults_of(judge.model_id, judge.model_args, supply)


def _faults_of(name: str, args: ModelArgs, supply: Supply) -> Iterator[tuple[str, str]]:
    from evalscope.models.checkpoint.folder import check_adapter, check_folder  # with much that a service needs not

    allows_pickles = args.use_safetensors is False
    fetch = ModelFetcher(supply=supply, allows_pickles=allows_pickles)
    try:
        folder = find_checkpoint(name, args=args, fetch=fetch)
        check_folder(folder, allows_pickles=allows_pickles)
        if not any(any(folder.glob(pattern)) for pattern in TOKENIZERS):
            raise ConfigError(f"{folder} has no tokenizer ({', '.join(TOKENIZERS)}); copy the model's folder whole")
    except ConfigError as error:
        yield name, str(error)
    if args.adapter is not None:
        try:
            check_adapter(find_adapter(args.adapter, args=args, fetch=fetch), allows_pickles=allows_pickles)
        except ConfigError as error:
            yield args.adapter, str(error)


def _advice(config: TaskConfig, datasets: Sequence[str], models: Sequence[str]) -> str:
    """What to type where there is a network, and then here; other advice where only the user's own paths are wrong."""
    if not datasets and not models:
        return "correct the paths"
    words = ["evalscope", "download"]
    words += ["--datasets", *datasets] if datasets else []
    words += ["--dataset-hub", config.dataset_hub.value] if config.dataset_hub is not HubType.MODELSCOPE else []
    words += ["--model", *models] if models else []
    words += ["--model-args", f"hub={config.model_args.hub.value}"] if models and config.model_args.hub else []
    return (
        f"where there is a network:  {shlex.join([*words, '--to', FOLDER])}\n"
        f"then bring that folder here and add:  --dataset-dir {FOLDER}"
    )
