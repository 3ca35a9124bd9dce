"""Whether data, prompts and versions of today are those of a run; nothing is asked, and nothing written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from evalscope.config import TaskConfig
from evalscope.core.message import Message
from evalscope.core.sample import Sample
from evalscope.engine.laid_beside import CHANGED, first_difference, first_other_example, what_became_of_it
from evalscope.engine.plan import DatasetPlan, Plan, find_benchmarks, plan_asking
from evalscope.engine.provenance import kept_data
from evalscope.engine.record import differences_of_asking, read_record, task_of, versions
from evalscope.engine.who import who_answered
from evalscope.errors import ConfigError, DatasetError, nearest
from evalscope.registry import find_benchmark
from evalscope.runs.answers import messages_of
from evalscope.runs.digests import read_digests
from evalscope.runs.folder import RunFolder
from evalscope.runs.reviews import is_of
from evalscope.runs.stored import StoredRows
from evalscope.sources.digest import digest
from evalscope.sources.load import Subset

MOST_SHOWN = 60
"""So many characters are shown of a text that differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing beside what it was.

    Attributes:
        what: "data", "prompts" or "versions".
        dataset: whose; empty for what all have in common.
        is_same: None where it cannot be told.
        said: what was found, as a sentence without a full stop.
    """

    what: str
    dataset: str
    is_same: bool | None
    said: str


def verify(folder: RunFolder, changes: Mapping[str, Any]) -> Iterator[Finding]:
    """What was found of each data set, and of the versions.

    Args:
        folder: of the run.
        changes: where data is today, by field of TaskConfig; dataset_args go over those of the run, one by one.

    Raises:
        ConfigError: it is no run, or one that kept too little; changes name a data set that it did not ask.
    """
    record = read_record(folder.task_config)
    kept = kept_data(record)
    if not kept:
        raise ConfigError(
            f"the run in {folder.root} was made by an earlier version, which did not keep what its data was; "
            "there is nothing to verify it by"
        )
    given = _by_dataset(changes.get("dataset_args", {}), kept)
    for name in kept:
        try:
            config = _as_asked(record, name, changes, given.get(name, {}))
            (benchmark,) = find_benchmarks(config)
            plan = plan_asking(config, benchmark, who_answered(record, config))
        except (ConfigError, DatasetError) as error:
            yield Finding(what="data", dataset=name, is_same=None, said=str(error))
            yield Finding(what="prompts", dataset=name, is_same=None, said="without its data nothing can be worded")
            continue
        yield _data(folder, record, plan.datasets[0])
        yield _prompts(folder, record, plan)
    yield _versions(record.get("versions", {}))


def _by_dataset(given: Mapping[str, Any], kept: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What the user says about data sets, by their own names.

    Raises:
        ConfigError: the run asked no such data set.
    """
    typed = {kept[name]["named"]: name for name in kept}
    found = {}
    for key, value in given.items():
        name = typed.get(key) or (key if key in kept else _own_name(key))
        if name not in kept:
            raise ConfigError(f"dataset_args names {key!r}, which the run did not ask; {nearest(key, kept)}")
        found[name] = value
    return found


def _own_name(key: str) -> str:
    try:
        return find_benchmark(key).name
    except ConfigError:
        return key


def _as_asked(record: Mapping[str, Any], name: str, changes: Mapping[str, Any], given: Mapping[str, Any]) -> TaskConfig:
    """The task of a run, reduced to one data set; where its data is may have changed."""
    kept = kept_data(record)[name]
    args = dict(kept["args"])
    if "dataset_id" in given or changes.get("dataset_dir"):
        args.pop("local_path", None)  # it would go before what the user says now
    bare = {field: value for field, value in record["task"].items() if field not in ("dataset_args", "collection")}
    if "drawn" in kept:  # of a collection of several, this one by itself draws the same
        alone = {"name": kept["named"], "num": kept["drawn"]}
        bare["collection"] = {"name": record["task"]["collection"]["name"], "datasets": [alone]}
    return task_of(
        {**record, "task": bare},
        {
            "dataset_hub": kept["hub"],
            **{field: value for field, value in changes.items() if field != "dataset_args"},
            "datasets": [kept["named"]],
            "dataset_args": {kept["named"]: {**args, **given}},
            "limit": kept["limit"],
        },
    )


def _data(folder: RunFolder, record: Mapping[str, Any], dataset: DatasetPlan) -> Finding:
    name, num = dataset.name, sum(subset.num for subset in dataset.loaded.subsets)
    fingerprint = dataset.loaded.fingerprint
    if record["data_fingerprint"].get(name) == fingerprint:
        said = f"{num} records, fingerprint {fingerprint}"
        return Finding(what="data", dataset=name, is_same=True, said=said)
    origins = kept_data(record)[name]["origin"], dict(dataset.loaded.origin)
    moved = f"; it came from {_place(origins[0])}, and comes from {_place(origins[1])}" * (origins[0] != origins[1])
    for said in (*_subsets_gone(record, dataset), *islice(_first_others(folder, record, dataset), 1)):
        return Finding(what="data", dataset=name, is_same=False, said=f"{said}{moved}")
    said = (
        f"the fingerprint was {record['data_fingerprint'].get(name)} and is {fingerprint}; the digests of its records, "
        "which would tell the first that differs, are gone or incomplete"
    )
    return Finding(what="data", dataset=name, is_same=None, said=f"{said}{moved}")


def _place(origin: Mapping[str, str]) -> str:
    return " ".join(f"{name} {value}" for name, value in origin.items() if value)


def _subsets_gone(record: Mapping[str, Any], dataset: DatasetPlan) -> Iterator[str]:
    now = {subset.name for subset in dataset.loaded.subsets}
    for subset, num in kept_data(record)[dataset.name]["num"].items():
        if subset not in now:
            yield f"subset {subset}, {num} records, is not there"


def _first_others(folder: RunFolder, record: Mapping[str, Any], dataset: DatasetPlan) -> Iterator[str]:
    """The first record, or else example, that differs in each subset."""
    for subset in dataset.loaded.subsets:
        then, now = read_digests(folder.digests(dataset.name, subset.name)), subset.digests
        if then is None:
            continue
        if (index := first_difference(then, now)) is not None:
            row = (now.rows if index < len(now.rows) else then.rows)[index]
            counts = "" if len(then.rows) == len(now.rows) else f" ({len(then.rows)} records then, {len(now.rows)} now)"
            became = what_became_of_it(then, now, index)
            shown = ""
            if index < len(now.rows):
                sample = _sample_of(dataset, subset, now.record(index))
                shown = f"; it reads {sample.question[:MOST_SHOWN]!r} today"
                if became == CHANGED:
                    shown += _other_target(folder, record, sample, dataset.name)
            yield f"record {row} of {subset.name} {became}{counts}{shown}"
        elif (place := first_other_example(then, now)) is not None:
            counts = f"{then.num_examples} then, {now.num_examples} now"
            yield f"solved example {place} of {subset.name} differs ({counts}); records are counted from 0"


def _prompts(folder: RunFolder, record: Mapping[str, Any], plan: Plan) -> Finding:
    (dataset,) = plan.datasets
    model = record["asking"]["name in reports"]
    rows = {
        subset.name: StoredRows(folder.predictions(model, dataset.name, subset.name))
        for subset in dataset.loaded.subsets
    }
    settings = [f"settings: {line}" for line in differences_of_asking(record, dataset)]
    num = 0
    for request in plan.requests():
        row = rows[request.subset.name].find(request.sample.id)
        if row is None or not isinstance(row.get("messages"), list):
            continue
        num += 1
        if (was := messages_of(row)) != request.messages:
            said = f"sample {request.sample.id} of {request.subset.name}: {_difference(was, request.messages)}"
            return Finding(what="prompts", dataset=dataset.name, is_same=False, said="; ".join((said, *settings)))
    if settings:
        return Finding(what="prompts", dataset=dataset.name, is_same=False, said="; ".join(settings))
    said = f"{num} compared word for word" if num else "the run has stored none"
    return Finding(what="prompts", dataset=dataset.name, is_same=True if num else None, said=said)


def _versions(then: Mapping[str, str]) -> Finding:
    now = versions()
    changed = [
        f"{package} was {then.get(package, 'not there')}, is {now.get(package, 'not there')}"
        for package in sorted({*then, *now})
        if then.get(package) != now.get(package)
    ]
    said = ", ".join(changed) or ", ".join(f"{package} {number}" for package, number in now.items())
    return Finding(what="versions", dataset="", is_same=not changed, said=said)


def _difference(was: Sequence[Message], now: Sequence[Message]) -> str:
    """Where two prompts part."""
    if [message.role for message in was] != [message.role for message in now]:
        roles = [", ".join(message.role for message in messages) for messages in (was, now)]
        return f"turns were {roles[0]}, are {roles[1]}"
    place = next(index for index, (one, other) in enumerate(zip(was, now, strict=True)) if one != other)
    one, other = was[place].content, now[place].content
    pairs = enumerate(zip(one, other, strict=False))
    num_common = next((index for index, (left, right) in pairs if left != right), min(len(one), len(other)))
    start = max(0, num_common - MOST_SHOWN // 3)
    texts = [repr(text[start : start + MOST_SHOWN]) for text in (one, other)]
    return f"from character {start} on the prompt read {texts[0]}, and reads {texts[1]}"


def _sample_of(dataset: DatasetPlan, subset: Subset, wanted: bytes) -> Sample:
    """The sample whose record has this digest."""
    has_id = dataset.benchmark.source.has_ids
    return next(sample for sample in subset.samples if digest(sample, "", has_id=has_id) == wanted)


def _other_target(folder: RunFolder, record: Mapping[str, Any], sample: Sample, dataset: str) -> str:
    """That the run graded against another target, where it did."""
    reviews = folder.reviews(record["asking"]["name in reports"], dataset, sample.subset)
    row = StoredRows(reviews).find(sample.id)
    return "" if row is None or is_of(row, sample) else f", and its target was {row['target']!r}, is {sample.target!r}"
