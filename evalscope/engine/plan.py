"""What will be asked, how, and of whom: checked whole before the first question."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from evalscope.config import DatasetArgs, TaskConfig
from evalscope.core.benchmark import Benchmark
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.core.template import Template
from evalscope.errors import ConfigError, nearest
from evalscope.prompts.render import Prompter, make_prompter, wordings_of
from evalscope.registry import find_benchmark
from evalscope.sources.load import Loaded, Subset, load

logger = logging.getLogger(__name__)

NOT_IN_KEYS = ("extra_headers", "extra_query", "max_tokens_field", "draw")
"""Settings that do not decide an answer, or may hold a secret."""


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
    """

    datasets: tuple[DatasetPlan, ...]
    identity: Mapping[str, str]
    repeats: int
    seed: int
    ks: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

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
    """

    identity: Mapping[str, str]
    generation: Callable[[Benchmark], Generation]
    is_base_model: bool = False


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
    return benchmarks


def make_plan(config: TaskConfig, benchmarks: Sequence[Benchmark], answerer: Answerer) -> Plan:
    """The plan of a task: arguments matched to data sets, wordings checked, data read through once.

    Raises:
        ConfigError: an unknown data set, subset or placeholder, or a setting that nobody would honour.
        DatasetError: the data is absent or torn.
    """
    given = _args_by_benchmark(config, [benchmark.name for benchmark in benchmarks])
    wanted = [(benchmark, given.get(benchmark.name, DatasetArgs())) for benchmark in benchmarks]
    wanted = [(find_variant(benchmark, args), args) for benchmark, args in wanted]
    # what can be refused is refused before data is read
    ks = {benchmark.name: _ks(benchmark, args, config.num_repeats) for benchmark, args in wanted}
    generations = [_generation(benchmark, answerer) for benchmark, _ in wanted]
    if config.generation_config.model_fields_set - {"n"} and all(benchmark.ranks for benchmark, _ in wanted):
        raise ConfigError("generation_config has no effect where options are ranked by likelihood; remove it")
    wanted = [(_with_ready_scorer(benchmark, config), args) for benchmark, args in wanted]
    datasets = [
        _plan_dataset(benchmark, args, generation, config)
        for (benchmark, args), generation in zip(wanted, generations, strict=True)
    ]
    if answerer.is_base_model:
        datasets = [_stopped_at_next_question(dataset) for dataset in datasets]
    return Plan(
        datasets=tuple(datasets),
        identity=answerer.identity,
        repeats=config.num_repeats,
        seed=config.seed,
        ks=ks,
    )


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


def _with_ready_scorer(benchmark: Benchmark, config: TaskConfig) -> Benchmark:
    """The benchmark with its scorer told about the task, and asked whether all is there that it needs."""
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


def _ks(benchmark: Benchmark, args: DatasetArgs, repeats: int) -> tuple[int, ...]:
    """The k of pass@k and majority@k."""
    if args.k is None:
        return (repeats,) if repeats > 1 else ()
    if max(args.k) > repeats:
        raise ConfigError(
            f"k {max(args.k)} of dataset_args of {benchmark.name!r} is more than the answers to a sample, "
            f"which are {repeats}; ask more often (--repeats {max(args.k)}) or lower k"
        )
    return args.k


def generation_settings(generation: Generation) -> dict[str, Any]:
    """The settings that decide an answer; those left to the model are left out."""
    return {
        name: value
        for name, value in asdict(generation).items()
        if name not in NOT_IN_KEYS and value is not None and value != () and value != {}
    }


def _args_by_benchmark(config: TaskConfig, names: list[str]) -> dict[str, DatasetArgs]:
    args: dict[str, DatasetArgs] = {}
    typed = dict(zip(config.datasets, names, strict=True))
    for key, value in config.dataset_args.items():
        name = typed.get(key) or (key if key in names else _known_name(key))
        if name not in names:
            raise ConfigError(f"dataset_args names {key!r}, which is not in datasets; {nearest(key, names)}")
        if name in args:
            raise ConfigError(f"dataset_args names {name!r} twice, under two of its names; keep one")
        args[name] = value
    return args


def _known_name(name: str) -> str | None:
    try:
        return find_benchmark(name).name
    except ConfigError:
        return None


def _plan_dataset(benchmark: Benchmark, args: DatasetArgs, generation: Generation, config: TaskConfig) -> DatasetPlan:
    if config.num_repeats > 1 and generation.is_greedy:
        logger.warning(
            "%s: %d repeats at temperature 0 give the same answer each time", benchmark.name, config.num_repeats
        )
    loaded = load(benchmark, args, hub=config.dataset_hub, limit=config.limit, seed=config.seed)
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
        template=_wording(benchmark, args, loaded.few_shot_num),
        system_prompt=system_prompt,
        split=args.eval_split or benchmark.source.split,
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


def _wording(benchmark: Benchmark, args: DatasetArgs, few_shot_num: int) -> Template | None:
    """The user's wording, checked; None where there is none."""
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


def _digest(*parts: Any) -> str:
    return hashlib.blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
