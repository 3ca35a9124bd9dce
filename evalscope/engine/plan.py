"""What will be asked, how, and of whom: checked whole before the first question."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from evalscope.config import Collection, DatasetArgs, TaskConfig
from evalscope.constants import JudgeStrategy
from evalscope.core.benchmark import Benchmark
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.core.snapshot import Snapshot
from evalscope.core.template import Template
from evalscope.engine.decisive import generation_settings
from evalscope.engine.drawing import check_collection, draw_all
from evalscope.engine.judging import Judge, Judging, check_judges, choose_judging
from evalscope.engine.wishes import args_by_benchmark, find_variant, ks_of, with_own_settings, wording_of
from evalscope.errors import ConfigError
from evalscope.prompts.render import Prompter, make_prompter, wordings_of
from evalscope.registry import find_benchmark
from evalscope.sources.load import Loaded, Subset, load
from evalscope.sources.supply import supply_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetPlan:
    """One subset: its samples and the way they are asked."""

    dataset: "DatasetPlan"
    subset: Subset
    prompter: Prompter

    @property
    def name(self) -> str:
        """The data's own name."""
        return self.subset.name


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetPlan:
    """One data set: its benchmark, with what the user changed about it.

    Attributes:
        benchmark: what it is.
        loaded: its data, checked.
        generation: the settings of every request.
        template: the user's wording, which replaces the benchmark's own; None for those.
        system_prompt: what the system says.
        split: the one that is asked.
        examples_are_turns: whether solved examples are turns of user and assistant.
        shuffles_choices: whether choices are asked in an order drawn by the seed.
        scoring: the name of the benchmark's variant; empty for the benchmark itself.
        judging: who judges the answers; None where the benchmark's own scorer does.
    """

    benchmark: Benchmark
    loaded: Loaded
    generation: Generation
    template: Template | None
    system_prompt: str
    split: str
    examples_are_turns: bool = False
    shuffles_choices: bool = False
    scoring: str = ""
    judging: Judging | None = None

    @property
    def name(self) -> str:
        """The benchmark's name."""
        return self.benchmark.name

    def subsets(self) -> Iterator[SubsetPlan]:
        """The subsets, in the order of reports, each with its solved examples rendered."""
        for subset in self.loaded.subsets:
            prompter = make_prompter(
                self.benchmark,
                subset.examples,
                template=self.template,
                system_prompt=self.system_prompt,
                as_turns=self.examples_are_turns,
            )
            yield SubsetPlan(dataset=self, subset=subset, prompter=prompter)

    def asked(self) -> dict[str, Any]:
        """How it is asked, for reports and for telling whether a run may be continued.

        The examples are digested by subset as they are worded, for a run may be continued with further subsets.
        """
        texts = {name: wording.text for name, wording in self.wordings.items()}
        return {
            "scoring": self.scoring,
            "few_shot_num": self.loaded.few_shot_num,
            "few_shot_as_turns": self.examples_are_turns,
            "template": texts[""],
            "template_digest": _digest(texts, self.system_prompt),
            "system_prompt": self.system_prompt,
            "split": self.split,
            "examples_digests": {
                subset.name: _digest([(form.examples, form.turns) for form in subset.prompter.forms.values()])
                for subset in self.subsets()
            },
            "shuffle_choices": self.shuffles_choices,
            "generation": generation_settings(self.generation),
            "benchmark_version": self.benchmark.version,
        }

    @property
    def wordings(self) -> dict[str, Template]:
        """The wordings in use, by the name that samples give."""
        return wordings_of(self.benchmark, self.template)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to ask: a sample in one of its repeats.

    Attributes:
        subset: where it belongs.
        sample: the question.
        repeat: from 0.
        order: the place of its row in the subset's files at the end.
        messages: what is asked.
        generation: how the answer is to be generated.
        key: names the request by its content: the same key, the same question to the same model in the same way.
    """

    subset: SubsetPlan
    sample: Sample
    repeat: int
    order: int
    messages: tuple[Message, ...]
    generation: Generation
    key: str

    def row_name(self) -> dict[str, Any]:
        """What names its row."""
        return {
            "dataset": self.subset.dataset.name,
            "subset": self.subset.name,
            "sample_id": self.sample.id,
            "repeat": self.repeat,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that will be asked.

    Attributes:
        datasets: in the order the user named them.
        identity: what decides the model's answers.
        repeats: how often each sample is asked.
        seed: the task's.
        ks: for each data set the k of pass@k and majority@k; none where each sample is asked once.
        is_base_model: whether whoever answers continues plain text.
        collection: what the data sets make together; None where each is by itself.
        taken: what was taken from hubs to answer: the model, then its adapter.
    """

    datasets: tuple[DatasetPlan, ...]
    identity: Mapping[str, str]
    repeats: int
    seed: int
    ks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    is_base_model: bool = False
    collection: Collection | None = None
    taken: tuple[Snapshot, ...] = ()

    @property
    def judges(self) -> tuple[Judge, ...]:
        """All who judge, each once."""
        judgings = [dataset.judging for dataset in self.datasets if dataset.judging is not None]
        return tuple({judge.name: judge for judging in judgings for judge in judging.judges}.values())

    @property
    def num_requests(self) -> int:
        """Questions in all, repeats counted."""
        return self.repeats * sum(subset.num for dataset in self.datasets for subset in dataset.loaded.subsets)

    def requests(self) -> Iterator[Request]:
        """The requests in sample order, made as they are needed."""
        for dataset in self.datasets:
            # the part of the key that all its requests share is digested once
            shared = [dict(self.identity), generation_settings(dataset.generation), self.seed]
            base = hashlib.blake2b(orjson.dumps(shared, option=orjson.OPT_SORT_KEYS), digest_size=16)
            draws = tuple(replace(dataset.generation, draw=repeat) for repeat in range(self.repeats))
            for subset in dataset.subsets():
                for index, sample in enumerate(subset.subset.samples):
                    messages = subset.prompter(sample)
                    asked = base.copy()
                    asked.update(orjson.dumps(messages))
                    for repeat, generation in enumerate(draws):
                        named = asked.copy()
                        named.update(b"%d" % repeat)
                        yield Request(
                            subset=subset,
                            sample=sample,
                            repeat=repeat,
                            order=index * self.repeats + repeat,
                            messages=messages,
                            generation=generation,
                            key=named.hexdigest(),
                        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answerer:
    """What a plan must know of who answers.

    Attributes:
        identity: what decides the answers.
        generation: the settings of a benchmark's requests; refuses those that would not be honoured.
        is_base_model: whether it continues plain text, and so goes on with questions of its own unless stopped.
        taken: what was taken from hubs for it.
    """

    identity: Mapping[str, str]
    generation: Callable[[Benchmark], Generation]
    is_base_model: bool = False
    taken: tuple[Snapshot, ...] = ()


def find_benchmarks(config: TaskConfig) -> tuple[Benchmark, ...]:
    """The benchmarks that a task names.

    Raises:
        ConfigError: none is named, one is unknown, or one is named twice.
    """
    if not config.datasets:
        raise ConfigError("no data set is named; for example --datasets gsm8k arc ('evalscope benchmarks' lists all)")
    benchmarks = tuple(find_benchmark(name) for name in config.datasets)
    names = [benchmark.name for benchmark in benchmarks]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ConfigError(f"data set {twice!r} is named twice; each can be asked once in a run (repeats: --repeats N)")
    if config.collection is not None:
        check_collection(config.collection, names)
    return benchmarks


def make_plan(
    config: TaskConfig, benchmarks: Sequence[Benchmark], answerer: Answerer, judges: Sequence[Judge] = ()
) -> Plan:
    """The plan of a task: arguments matched to data sets, wordings checked, data read through once.

    Raises:
        ConfigError: an unknown data set, subset or placeholder, or a setting that nobody would honour.
        DatasetError: the data is absent or torn.
    """
    given = args_by_benchmark(config, [benchmark.name for benchmark in benchmarks])
    wanted = [(benchmark, given.get(benchmark.name, DatasetArgs())) for benchmark in benchmarks]
    wanted = [(find_variant(with_own_settings(benchmark, args, config), args), args) for benchmark, args in wanted]
    # what can be refused is refused before data is read
    for benchmark, _ in wanted:
        check_judges(benchmark, config.judge_strategy, judges)
    ks = {benchmark.name: ks_of(benchmark, args, config.num_repeats) for benchmark, args in wanted}
    generations = [_generation(benchmark, answerer) for benchmark, _ in wanted]
    if config.generation_config.model_fields_set - {"n"} and all(benchmark.ranks for benchmark, _ in wanted):
        raise ConfigError("generation_config has no effect where options are ranked by likelihood; remove it")
    wanted = [(_with_ready_scorer(benchmark, config), args) for benchmark, args in wanted]
    datasets = [
        _judged(_plan_dataset(benchmark, args, generation, config), config.judge_strategy, judges)
        for (benchmark, args), generation in zip(wanted, generations, strict=True)
    ]
    _check_names_apart(datasets)
    if config.collection is not None:
        drawn = draw_all(config.collection, {dataset.name: dataset.loaded for dataset in datasets}, config)
        datasets = [replace(dataset, loaded=drawn[dataset.name]) for dataset in datasets]
    if answerer.is_base_model:
        datasets = [_stopped_at_next_question(dataset) for dataset in datasets]
    return Plan(
        datasets=tuple(datasets),
        identity=answerer.identity,
        repeats=config.num_repeats,
        seed=config.seed,
        ks=ks,
        is_base_model=answerer.is_base_model,
        collection=config.collection,
        taken=answerer.taken,
    )


def plan_asking(config: TaskConfig, benchmark: Benchmark, answerer: Answerer) -> Plan:
    """How one data set would be asked, each sample once; who grades is neither made ready nor asked for.

    Raises:
        ConfigError, DatasetError: as make_plan.
    """
    args = args_by_benchmark(config, [benchmark.name]).get(benchmark.name, DatasetArgs())
    benchmark = find_variant(with_own_settings(benchmark, args, config), args)
    if config.judge_strategy is JudgeStrategy.LLM:
        benchmark = replace(benchmark, scorer=None)
    dataset = _plan_dataset(benchmark, args, _generation(benchmark, answerer), config)
    if config.collection is not None:
        (loaded,) = draw_all(config.collection, {dataset.name: dataset.loaded}, config).values()
        dataset = replace(dataset, loaded=loaded)
    if answerer.is_base_model:
        dataset = _stopped_at_next_question(dataset)
    return Plan(datasets=(dataset,), identity=answerer.identity, repeats=1, seed=config.seed)


def _check_names_apart(datasets: Iterable[DatasetPlan]) -> None:
    """Files of rows are named <data set>_<subset>: subset b_c of a and subset c of a_b would share one."""
    places: dict[str, tuple[str, str]] = {}
    for dataset in datasets:
        for subset in dataset.subsets():
            place = (dataset.name, subset.name)
            other = places.setdefault("_".join(place).casefold(), place)
            if other != place:
                raise ConfigError(
                    f"subset {other[1]!r} of {other[0]!r} and subset {place[1]!r} of {place[0]!r} would be stored in "
                    "the same file; evaluate the two data sets in runs of their own"
                )


def _judged(dataset: DatasetPlan, strategy: JudgeStrategy, judges: Sequence[Judge]) -> DatasetPlan:
    """The same, with its judges; where they alone decide, the metrics are those of their rubric."""
    judging = choose_judging(dataset.benchmark, strategy, judges, has_targets=dataset.loaded.has_targets)
    if judging is None or judging.is_second_look:
        return replace(dataset, judging=judging)
    return replace(dataset, judging=judging, benchmark=replace(dataset.benchmark, metrics=judging.rubric.metrics))


def _with_ready_scorer(benchmark: Benchmark, config: TaskConfig) -> Benchmark:
    """The benchmark with its scorer told about the task, and asked whether all is there that it needs.

    Where a judge alone decides, it has none.
    """
    if config.judge_strategy is JudgeStrategy.LLM:
        return replace(benchmark, scorer=None)
    try:
        if prepare := getattr(benchmark.scorer, "prepare", None):
            benchmark = replace(benchmark, scorer=prepare(config))
        if check := getattr(benchmark.scorer, "check", None):
            check()
    except ConfigError as error:
        raise ConfigError(f"{benchmark.name}: {error}") from error
    return benchmark


def _generation(benchmark: Benchmark, answerer: Answerer) -> Generation:
    """The user's settings over the benchmark's; where nothing is generated they mean nothing."""
    return benchmark.generation if benchmark.ranks else answerer.generation(benchmark)


def _plan_dataset(benchmark: Benchmark, args: DatasetArgs, generation: Generation, config: TaskConfig) -> DatasetPlan:
    if config.num_repeats > 1 and generation.is_greedy:
        logger.warning(
            "%s: %d repeats at temperature 0 give the same answer each time", benchmark.name, config.num_repeats
        )
    limit = config.limit if config.collection is None else None  # of what is drawn, and not of what is there
    loaded = load(benchmark, args, supply=supply_of(config), limit=limit, seed=config.seed)
    if args.few_shot_as_turns and not loaded.few_shot_num:
        raise ConfigError(
            f"few_shot_as_turns of dataset_args of {benchmark.name!r} has no effect without examples; "
            "set few_shot_num as well"
        )
    system_prompt = benchmark.system_prompt if args.system_prompt is None else args.system_prompt
    return DatasetPlan(
        benchmark=benchmark,
        loaded=loaded,
        generation=generation,
        template=wording_of(benchmark, args, loaded.few_shot_num),
        system_prompt=system_prompt,
        split=loaded.split,
        examples_are_turns=args.few_shot_as_turns,
        shuffles_choices=bool(args.shuffle_choices or benchmark.shuffles_choices),
        scoring=args.scoring or "",
    )


def _stopped_at_next_question(dataset: DatasetPlan) -> DatasetPlan:
    """The same, with the marker of a question as a stop string where the user gave none."""
    markers = dict.fromkeys(wording.question_marker for wording in dataset.wordings.values())
    stops = tuple(f"\n{marker}" for marker in markers if marker)
    if not stops or dataset.generation.stop or dataset.benchmark.ranks:
        return dataset
    return replace(dataset, generation=replace(dataset.generation, stop=stops))


def _digest(*parts: Any) -> str:
    return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
