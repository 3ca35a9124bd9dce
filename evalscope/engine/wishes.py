"""What the user changed about each data set: matched to its benchmark, and checked before data is read."""

from evalscope.config import DatasetArgs, TaskConfig
from evalscope.core.benchmark import Benchmark
from evalscope.core.template import Template
from evalscope.errors import ConfigError, nearest
from evalscope.registry import find_benchmark


def args_by_benchmark(config: TaskConfig, names: list[str]) -> dict[str, DatasetArgs]:
    """What is to be changed, by the benchmark's own name.

    Raises:
        ConfigError: a data set is named that is not asked, or one of them twice.
    """
    args: dict[str, DatasetArgs] = {}
    typed = dict(zip(config.datasets, names, strict=True))
    for key, value in config.dataset_args.items():
        name = typed.get(key) or (key if key in names else _known_name(key))
        if name not in names:
            raise ConfigError(f"dataset_args names {key!r}, which is not in datasets; {nearest(key, names)}")
        if name in args:
            raise ConfigError(f"dataset_args names {name!r} twice, under two of its names; keep one")
        args[name] = value
    for entry in () if config.collection is None else config.collection.datasets:
        name = typed[entry.name]
        over = args.get(name, DatasetArgs())
        args[name] = entry.args.model_copy(update={key: getattr(over, key) for key in over.model_fields_set})
    return args


def find_variant(benchmark: Benchmark, args: DatasetArgs) -> Benchmark:
    """The benchmark, or the variant of it that the user's `scoring` names.

    Raises:
        ConfigError: there is no such variant, or few_shot_as_turns is asked of one that ranks continuations of a text.
    """
    if args.scoring is None:
        return benchmark
    where = f"scoring {args.scoring!r} of dataset_args of {benchmark.name!r}"
    if not benchmark.variants:
        raise ConfigError(f"{where} is unknown: it can be scored in one way only; leave scoring out")
    if args.scoring not in benchmark.variants:
        raise ConfigError(f"{where} is unknown; {nearest(args.scoring, benchmark.variants)} (or leave it out)")
    variant = benchmark.variants[args.scoring]
    if variant.ranks and args.few_shot_as_turns:
        raise ConfigError(f"few_shot_as_turns has no meaning with {where}: what is ranked continues plain text")
    return variant


def with_own_settings(benchmark: Benchmark, args: DatasetArgs, config: TaskConfig) -> Benchmark:
    """The benchmark with the user's `extra_params`.

    Raises:
        ConfigError: one of them is unknown, or its value is not what it should be.
    """
    own = benchmark.own_settings
    known = {} if own is None else own.known
    where = f"extra_params of dataset_args of {benchmark.name!r}"
    for name in args.extra_params:
        if name not in known:
            advice = nearest(name, known) if known else "this benchmark has no settings of its own; leave it out"
            raise ConfigError(f"{where} has no key {name!r}; {advice}")
    if own is None:
        return benchmark
    try:
        return own.settle(benchmark, args.extra_params, config)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error


def ks_of(benchmark: Benchmark, args: DatasetArgs, repeats: int) -> tuple[int, ...]:
    """The k of pass@k and majority@k.

    Raises:
        ConfigError: more than there are answers to a sample.
    """
    if args.k is None:
        return (repeats,) if repeats > 1 else ()
    if max(args.k) > repeats:
        raise ConfigError(
            f"k {max(args.k)} of dataset_args of {benchmark.name!r} is more than the answers to a sample, "
            f"which are {repeats}; ask more often (--repeats {max(args.k)}) or lower k"
        )
    return args.k


def wording_of(benchmark: Benchmark, args: DatasetArgs, few_shot_num: int) -> Template | None:
    """The user's wording, checked; None where there is none.

    Raises:
        ConfigError: a placeholder in it is unknown or missing, or it is for examples and there are none.
    """
    where = f"of dataset_args of {benchmark.name!r}"
    wording: Template | None = None
    if args.prompt_template is not None:
        wording = Template(args.prompt_template)
        wording.check(f"prompt_template {where}")
    if args.few_shot_prompt_template is not None:
        few_shot_wording = Template(args.few_shot_prompt_template)
        few_shot_wording.check(f"few_shot_prompt_template {where}", needs_examples=True)
        if not few_shot_num:
            raise ConfigError(
                f"few_shot_prompt_template {where} has no effect without examples; set few_shot_num as well"
            )
        wording = few_shot_wording
    return wording


def _known_name(name: str) -> str | None:
    try:
        return find_benchmark(name).name
    except ConfigError:
        return None
