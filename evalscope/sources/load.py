"""A benchmark's samples, checked once and then read lazily."""

import logging
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import orjson

from evalscope.config import DatasetArgs
from evalscope.core.benchmark import Benchmark, Source
from evalscope.core.digests import DIGEST_BYTES, Digests
from evalscope.core.sample import Record, Sample
from evalscope.errors import ConfigError, DatasetError, nearest
from evalscope.sources.amounts import limited, spread
from evalscope.sources.datasets import open_dataset
from evalscope.sources.digest import digest
from evalscope.sources.layouts import Served, Wanted
from evalscope.sources.opened import Opened
from evalscope.sources.patterns import SYNONYMS
from evalscope.sources.samples import MADE, Checked, Reader, Samples, check, say_files
from evalscope.sources.supply import Supply

MOST_NAMED = 20
"""So many files are named in the log; a split may be cut into one file a record."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """One subset, ready to be asked.

    Attributes:
        name: the data's own.
        num: samples to ask, at least 1.
        samples: exactly `num`, with subset and id filled in; every loop reads the files again, one record at a time.
        examples: the solved examples, the same for every sample, in file order.
        files: that serve the evaluated split.
        digests: of the records that are asked, and of the examples.
    """

    name: str
    num: int
    samples: Iterable[Sample]
    examples: tuple[Sample, ...]
    files: tuple[str, ...]
    digests: Digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A benchmark's data.

    Attributes:
        subsets: in the order of reports.
        split: the one that is asked.
        few_shot_num: examples before each question.
        fingerprint: of the samples to ask and the examples; the same for the same records in any layout or format,
            and in any order of asking.
        notes: what a reader of the report must know about the data.
        has_targets: whether every sample has a right answer.
        origin: where the records came from: hub, id and revision, or the name of a local path.
        drawn: how many of them a collection drew, before a limit; 0 where none did.
    """

    subsets: tuple[Subset, ...]
    split: str
    few_shot_num: int
    fingerprint: str
    notes: tuple[str, ...]
    has_targets: bool = True
    origin: Mapping[str, str] = field(default_factory=dict)
    drawn: int = 0


def load(benchmark: Benchmark, args: DatasetArgs, *, supply: Supply, limit: int | float | None, seed: int) -> Loaded:
    """Finds, checks and counts a benchmark's samples.

    Every record that may be asked is understood once here, so that faults come up before anything is asked.

    Args:
        benchmark: whose records are read; only a judge, and so one without a scorer, can do without right answers.
        args: what the user changed about its data.
        supply: where they may come from, unless they are local.
        limit: most samples of each subset; a float is a share of each.
        seed: of orders and examples.

    Raises:
        ConfigError: the settings contradict each other or the benchmark.
        DatasetError: the data is absent, torn or not what the benchmark expects.
    """
    wanted, opened = _find(benchmark, args, supply)
    served = opened.served
    num_shots, notes = _settle_shots(benchmark, args, wanted.source, served)
    notes.extend((*_split_notes(benchmark, args, wanted, opened.path), *_absence_notes(wanted, served, opened.path)))
    choices_seed = seed if args.shuffle_choices or benchmark.shuffles_choices else None
    asked = Reading(choices_seed=choices_seed, needs_target=benchmark.scorer is not None, seed=seed)
    readers = [_reader(benchmark, wanted.source, one, asked) for one in served]
    most = limit if isinstance(limit, int) and not args.shuffle else None
    official = benchmark.source.num_records if wanted.source.split == benchmark.source.split else {}
    checked = [check(reader, most, counts_rest=reader.subset in official) for reader in readers]
    notes.extend(_count_notes(official, readers, checked))
    nums = spread([limited(one.num, limit) for one in checked], args.max_samples)
    if skipped := [one.subset for one, num in zip(served, nums, strict=True) if not num]:
        notes.append(f"max_samples {args.max_samples} leaves nothing for {', '.join(skipped)}")
    subsets, fingerprint = [], blake2b(digest_size=DIGEST_BYTES)
    for one, reader, found, num in zip(served, readers, checked, nums, strict=True):
        if num:
            rows = _rows(found.num, num, f"{seed}/{reader.subset}" if args.shuffle else None)
            example_reader = _example_reader(benchmark, wanted.source, one, seed)
            examples = _draw(example_reader, num_shots, seed if args.few_shot_random else None)
            digests = _digests(found, rows, example_reader, examples)
            subsets.append(_subset(Samples(reader=reader, rows=rows, kept=found.kept), examples, digests))
            fingerprint.update(orjson.dumps((reader.subset, num, num_shots)) + digests.records + digests.examples)
    for note in notes:
        logger.warning("%s: %s", benchmark.name, note)
    return Loaded(
        subsets=tuple(subsets),
        split=wanted.source.split,
        few_shot_num=num_shots,
        fingerprint=fingerprint.hexdigest(),
        notes=tuple(notes),
        has_targets=all(one.has_targets for one in checked),
        origin=opened.origin,
    )


def look_up(benchmark: Benchmark, args: DatasetArgs, supply: Supply) -> None:
    """Looks whether a benchmark's files are where they may come from; none of them is read.

    Raises:
        ConfigError, DatasetError: as of load.
    """
    _find(benchmark, args, supply)


def _find(benchmark: Benchmark, args: DatasetArgs, supply: Supply) -> tuple[Wanted, Opened]:
    """What is read, and its files; of a local copy without the split that is asked by default the one that stands in.

    Raises:
        ConfigError, DatasetError: as of load.
    """
    wanted = wanted_of(benchmark, args)
    try:
        return wanted, _open(benchmark, wanted, args, supply)
    except DatasetError:
        stand_in = benchmark.source.stand_in_split
        if not stand_in or args.eval_split or not (args.local_path or supply.store):
            raise
        other = wanted_of(benchmark, args.model_copy(update={"eval_split": stand_in}))
        with suppress(DatasetError):  # then what is missing is told of the split that was wanted
            return other, _open(benchmark, other, args, supply)
        raise


def _open(benchmark: Benchmark, wanted: Wanted, args: DatasetArgs, supply: Supply) -> Opened:
    """The files of every subset; records that are made need no files.

    Raises:
        ConfigError: files are named for records that are made.
        DatasetError: a file is missing.
    """
    if benchmark.source.generate is None:
        return open_dataset(wanted, args, supply, benchmark.aliases)
    if args.local_path is not None or args.dataset_id is not None:
        raise ConfigError(f"{benchmark.name} makes its questions itself; leave local_path and dataset_id out")
    served = tuple(Served(subset=name, asked=(MADE,), examples=()) for name in wanted.subsets)
    return Opened(path=MADE.path, served=served)


def wanted_of(benchmark: Benchmark, args: DatasetArgs) -> Wanted:
    """The subsets and splits to read, checked against the benchmark.

    Raises:
        ConfigError: an unknown subset, or examples that would come from the evaluated split.
    """
    own = benchmark.source
    others: tuple[str, ...] = ()
    if own.asked_subsets and not args.subset_list:  # then a folder may lack the others
        others = tuple(name for name in own.subsets if name not in own.asked_subsets)
        own = replace(own, subsets=own.asked_subsets)
    if args.subset_list and own.subsets != ("default",):  # where the data names no subset, the user's files do
        for name in args.subset_list:
            if name not in own.subsets:
                raise ConfigError(f"{benchmark.name} has no subset {name!r}; {nearest(name, own.subsets)}")
    subsets = tuple(args.subset_list or own.subsets)
    ordered = tuple(sorted(subsets, key=own.subsets.index)) if set(subsets) <= set(own.subsets) else subsets
    split = args.eval_split or own.split
    few_shot_split = args.few_shot_split or own.few_shot_split
    num_shots = _num_shots(benchmark, args)
    if num_shots and few_shot_split is not None and few_shot_split in (split, SYNONYMS.get(split)):
        raise ConfigError(
            f"{benchmark.name}: its {num_shots} few-shot examples would come from {few_shot_split!r}, the split that "
            "is asked; set few_shot_split to another, or few_shot_num to 0"
        )
    source = replace(own, split=split, few_shot_split=few_shot_split if num_shots else None)
    return Wanted(name=benchmark.name, source=source, subsets=ordered, is_picked=bool(args.subset_list), others=others)


def _num_shots(benchmark: Benchmark, args: DatasetArgs) -> int:
    """How many examples are wished for, by the user or else the benchmark.

    Raises:
        ConfigError: the benchmark knows no examples.
    """
    if args.few_shot_num is None:
        return benchmark.few_shot.num if benchmark.few_shot else 0
    if args.few_shot_num and benchmark.few_shot is None:
        raise ConfigError(
            f"{benchmark.name} is asked without examples; few_shot_num is {args.few_shot_num}; set it to 0"
        )
    return args.few_shot_num


def _settle_shots(
    benchmark: Benchmark, args: DatasetArgs, source: Source, served: Sequence[Served]
) -> tuple[int, list[str]]:
    """How many examples there really are to be, and what to note: none where a default meets data without their split.

    Raises:
        DatasetError: the user asked for examples, and their split is missing.
    """
    num = _num_shots(benchmark, args)
    lacking = [one for one in served if not one.examples]
    if not num or not lacking:
        return num, []
    what = f"few-shot split {source.few_shot_split!r}" if source.few_shot_split else "split for few-shot examples"
    beside = f"no {what} of {lacking[0].subset!r} beside {lacking[0].asked[0]}"
    if args.few_shot_num is not None:
        advice = "add the file, name another few_shot_split, or set it to 0"
        raise DatasetError(f"{benchmark.name}: {beside}, but few_shot_num is {num}; {advice}")
    return 0, [f"{beside}; asked with 0 examples instead of {num}"]


class Reading(NamedTuple):
    """How a split is read.

    Attributes:
        choices_seed: what the order of choices is drawn from; None leaves it as it is.
        needs_target: whether a record without a right answer is a fault.
        seed: of records that are made.
    """

    choices_seed: int | None
    needs_target: bool
    seed: int


def _reader(benchmark: Benchmark, source: Source, one: Served, reading: Reading) -> Reader:
    for file in one.asked[:MOST_NAMED]:
        logger.info("%s: %s is read from %s", benchmark.name, one.subset, file)
    if len(one.asked) > MOST_NAMED:
        logger.info("%s: … and %d files more", benchmark.name, len(one.asked) - MOST_NAMED)
    generate = source.generate
    return replace(
        _example_reader(benchmark, source, one, None),
        files=one.asked,
        generate=None if generate is None else partial(generate, one.subset, reading.seed),
        belongs=_belonging(source, source.split),
        choices_seed=reading.choices_seed,
        needs_target=reading.needs_target,
    )


def _example_reader(benchmark: Benchmark, source: Source, one: Served, seed: int | None) -> Reader:
    """Examples keep the order of their choices where the data does not demand another: a solution may name a letter."""
    return Reader(
        benchmark=benchmark.name,
        subset=one.subset,
        files=one.examples,
        to_sample=benchmark.to_sample,
        has_ids=benchmark.source.has_ids,
        choices_seed=seed if benchmark.shuffles_choices else None,
        columns=benchmark.source.columns,
        subset_column=benchmark.source.subset_column if one.is_shared else "",
        read_text=benchmark.source.read_example_text,
        belongs=_belonging(source, source.few_shot_split),
        unfold=source.unfold,
    )


def _belonging(source: Source, split: str | None) -> Callable[[Record], bool] | None:
    belongs = source.belongs
    return None if belongs is None or split is None else lambda record: belongs(record, split)


def _count_notes(official: Mapping[str, int], readers: Sequence[Reader], checked: Sequence[Checked]) -> list[str]:
    """What differs from the official numbers of records, by subset."""
    return [
        f"{reader.subset} has {found.num_records} records in {reader.files[0]}; "
        f"officially there are {official[reader.subset]}"
        for reader, found in zip(readers, checked, strict=True)
        if found.num_records is not None and official.get(reader.subset, found.num_records) != found.num_records
    ]


def _split_notes(benchmark: Benchmark, args: DatasetArgs, wanted: Wanted, path: Path) -> list[str]:
    """That another split than the benchmark's own is asked, though the user did not say so."""
    own, asked = benchmark.source.split, wanted.source.split
    return [] if args.eval_split or asked == own else [f"{path} has no split {own!r}; {asked!r} is asked"]


def _absence_notes(wanted: Wanted, served: Sequence[Served], path: Path) -> list[str]:
    """That a path given by the user holds one subset of several, and only that one is asked."""
    absent = [subset for subset in wanted.subsets if subset not in {one.subset for one in served}]
    if not absent:
        return []
    name = served[0].subset
    if name not in wanted.subsets:  # a file without a subset's name may well hold all of them
        return [f"{path} names no subset; all of it is asked as {name!r}"]
    return [f"{path} is {name} alone; not asked: {', '.join(absent)}"]


def _rows(total: int, num: int, seed: str | None) -> range | tuple[int, ...]:
    """The rows to ask: the first of all, or of an order drawn by the seed."""
    if seed is None:
        return range(num)
    rows = list(range(total))
    random.Random(seed).shuffle(rows)
    return tuple(rows[:num])


def _draw(reader: Reader, num: int, seed: int | None) -> tuple[Sample, ...]:
    """The examples, in file order: drawn by seed without replacement, or the first where the seed is None.

    Raises:
        DatasetError: the split holds fewer.
    """
    if not num:
        return ()
    total = num if seed is None else reader.count()
    examples: tuple[Sample, ...] = ()
    if num <= total:
        rows = (
            range(num) if seed is None else sorted(random.Random(f"{seed}/{reader.subset}").sample(range(total), num))
        )
        examples = tuple(reader.pick(rows))
        total = total if len(examples) == num else len(examples)
    if num > total:
        raise DatasetError(
            f"{reader.benchmark}: {num} few-shot examples are asked for, and {say_files(reader.files)} "
            f"holds {total}; set few_shot_num to {total} or less"
        )
    return examples


def _digests(
    found: Checked, rows: range | tuple[int, ...], example_reader: Reader, examples: Sequence[Sample]
) -> Digests:
    files, has_id = say_files(example_reader.files), example_reader.has_ids
    return Digests(
        rows=rows if isinstance(rows, range) else tuple(sorted(rows)),
        records=found.of_rows(rows),
        examples=b"".join(digest(example, files, has_id=has_id) for example in examples),
    )


def _subset(samples: Samples, examples: tuple[Sample, ...], digests: Digests) -> Subset:
    return Subset(
        name=samples.reader.subset,
        num=len(samples),
        samples=samples,
        examples=examples,
        files=tuple(map(str, samples.reader.files)),
        digests=digests,
    )
