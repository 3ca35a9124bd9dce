"""The record of a run: how it was asked, on what, by which versions; and whether it may be continued."""

import platform
import subprocess
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from evalscope.config import TaskConfig, load_task_config
from evalscope.engine.grading import grading_digest
from evalscope.engine.plan import DatasetPlan, Plan
from evalscope.engine.provenance import data_of, keep_digests, kept_data
from evalscope.errors import ConfigError
from evalscope.models.build import report_name
from evalscope.runs.folder import RunFolder
from evalscope.version import __version__

MASK = "**********"
ENDED_WITH_THE_RUN = (
    "run_name",
    "max_tokens_total",
    "max_time",
    "dry_run",
    "strict",
    "quiet",
    "debug",
    "output_format",
)
"""Settings that are no part of how a run asked or graded."""

SECRET_PARTS = ("extra_headers", "extra_query")
PACKAGES = ("torch", "transformers", "aiohttp", "pyarrow", "modelscope-hub", "huggingface_hub")


@cache
def versions() -> Mapping[str, str]:
    """Versions of Python, of this package, and of the packages that touch prompts or answers."""
    found = {"evalscope": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def write_record(
    folder: RunFolder, config: TaskConfig, plan: Plan, *, started: datetime, earlier: Mapping[str, Any]
) -> None:
    """Writes the record, and the digests of the data beside it; data sets asked earlier in the same run stay there.

    Args:
        folder: of the run.
        config: the task.
        plan: what is asked.
        started: when.
        earlier: the record so far; empty for a new run.
    """
    asking = asking_of(config, plan)
    before = earlier.get("asking", {}).get("datasets", {})
    for name in before.keys() & asking["datasets"].keys():
        subsets = before[name].get("examples_digests", {}) | asking["datasets"][name]["examples_digests"]
        asking["datasets"][name]["examples_digests"] = subsets
    asking["datasets"] = {**before, **asking["datasets"]}
    fingerprints = {dataset.name: dataset.loaded.fingerprint for dataset in plan.datasets}
    record = {
        "task": masked_task(config),
        "asking": asking,
        "data_fingerprint": {**earlier.get("data_fingerprint", {}), **fingerprints},
        "data": {**kept_data(earlier), **data_of(config, plan)},
        "models": [snapshot.origin for snapshot in plan.taken] or earlier.get("models", []),
        "grading": {**earlier.get("grading", {}), **gradings_of(plan)},
        "continues plain text": plan.is_base_model,
        "started": earlier.get("started") or started.isoformat(timespec="seconds"),
        "versions": versions(),
    }
    if revision := _git_revision():
        record["git_revision"] = revision
    keep_digests(folder, plan)
    path = folder.task_config
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(yaml.safe_dump(record, allow_unicode=True, sort_keys=False, width=120), encoding="utf-8")
    fresh.replace(path)


def read_record(path: Path) -> dict[str, Any]:
    """The record of an earlier run.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"the record {path} of the run to continue cannot be read: {error}") from None
    if not isinstance(record, dict) or not isinstance(record.get("asking"), dict):
        raise ConfigError(f"{path} is no record of a run; a run folder made by this program is needed")
    return record


def task_of(record: Mapping[str, Any], changes: Mapping[str, Any]) -> TaskConfig:
    """The task of an earlier run, with changes over it, to grade its answers again; secrets and budgets are left out.

    Raises:
        ConfigError: a change is not what it should be.
    """
    task = {name: value for name, value in _unmasked(record["task"]).items() if name not in ENDED_WITH_THE_RUN}
    task["model_id"] = record["asking"]["name in reports"]
    for name, value in changes.items():
        under = task.get(name)
        task[name] = {**under, **value} if isinstance(under, Mapping) and isinstance(value, Mapping) else value
    return load_task_config(task)


def _unmasked(settings: Any) -> Any:
    """The settings without those that hide a secret."""
    if isinstance(settings, Mapping):
        return {name: _unmasked(value) for name, value in settings.items() if value != MASK}
    return [_unmasked(value) for value in settings] if isinstance(settings, list) else settings


def asking_of(config: TaskConfig, plan: Plan) -> dict[str, Any]:
    """All that decides the keys of answers: of one run folder it must stay the same."""
    return {
        "model": dict(plan.identity),
        "name in reports": report_name(config),
        "seed": plan.seed,
        "generation_config": _plain(
            config.generation_config.model_dump(mode="json", exclude_none=True, exclude={*SECRET_PARTS, "n"})
        ),
        "datasets": {dataset.name: _plain(dataset.asked()) for dataset in plan.datasets},
    }


def gradings_of(plan: Plan) -> dict[str, str]:
    """What verdicts depend on beside the answers, by data set."""
    return {dataset.name: grading_digest(dataset.benchmark) for dataset in plan.datasets}


def drop_outdated_reviews(record: Mapping[str, Any], plan: Plan, folder: RunFolder, model: str) -> None:
    """Takes away verdicts that would come out otherwise today, and those that are to vote among repeats; answers stay.

    A row does not say in which form its answer votes. Where judges decide, verdicts are made again in any case, and the
    old ones go when the new ones are there: the judge may not answer.
    """
    before = record.get("grading", {})
    for dataset in plan.datasets:
        if dataset.judging is not None:
            continue
        if before.get(dataset.name) != grading_digest(dataset.benchmark) or plan.repeats > 1:
            for subset in dataset.loaded.subsets:
                folder.reviews(model, dataset.name, subset.name).unlink(missing_ok=True)


def differences_of_asking(record: Mapping[str, Any], dataset: DatasetPlan) -> list[str]:
    """What is asked otherwise of a data set today than in the run of a record, with what it was and would be."""
    return list(_differences_of_dataset(record["asking"]["datasets"][dataset.name], _plain(dataset.asked()), ""))


def refuse_another_way(record: Mapping[str, Any], config: TaskConfig, plan: Plan, folder: Path) -> None:
    """Refuses to continue a run in another way than it was asked so far.

    Raises:
        ConfigError: naming every setting that differs, with what it was and what it would be.
    """
    before, now = record["asking"], asking_of(config, plan)
    known = before.get("datasets", {})
    differences = [
        *_differences({name: before.get(name) for name in now if name != "datasets"}, {**now, "datasets": None}, ""),
        *(
            line
            for name, asked in now["datasets"].items()
            if name in known
            for line in _differences_of_dataset(known[name], asked, f"{name}: ")
        ),
    ]
    if differences:
        listed = "\n".join(f"  {line}" for line in differences)
        raise ConfigError(
            f"the run in {folder} was asked in another way, so its answers cannot be mixed with new ones:\n{listed}\n"
            "ask as before, or leave --use-cache out for a new run"
        )


def masked_task(config: TaskConfig) -> dict[str, Any]:
    """The task as the user wrote it, with secrets masked."""
    task: dict[str, Any] = config.model_dump(mode="json", exclude_unset=True, exclude={"model"})
    task = {"model": config.model if isinstance(config.model, str) else repr(type(config.model).__qualname__), **task}
    for model in (task, *task.get("judge_model_args", ())):
        _mask(model)
    plain: dict[str, Any] = _plain(task)
    return plain


def _mask(model: dict[str, Any]) -> None:
    """Masks the secrets in the settings of a model: the one asked, or a judge."""
    if model.get("api_key"):
        model["api_key"] = MASK
    if model.get("api_url"):
        model["api_url"] = without_password(model["api_url"])
    for name in SECRET_PARTS:
        if secrets := model.get("generation_config", {}).get(name):
            model["generation_config"][name] = dict.fromkeys(secrets, MASK)


def without_password(url: str) -> str:
    """The URL without what stands before an @, and without parameters, which may hold keys."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=""))


def _differences_of_dataset(before: Mapping[str, Any], now: Mapping[str, Any], where: str) -> Iterator[str]:
    """Differences in how a data set is asked; of examples only in the subsets that both have."""
    digests, earlier = now["examples_digests"], before.get("examples_digests", {})
    common = {subset: digests[subset] for subset in digests.keys() & earlier}
    return _differences(before, {**now, "examples_digests": {**earlier, **common}}, where)


def _differences(before: Any, now: Any, where: str) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in sorted({*before, *now}):
            yield from _differences(before.get(name), now.get(name), f"{where}{name} ")
    elif before != now:
        yield f"{where.strip()}: was {_short(before)}, would be {_short(now)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:120]}…{text[-30:]}"


def _plain(value: Any) -> Any:
    """The value as YAML gives it back: tuples as lists, so that what was stored equals what is made anew."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def _git_revision() -> str | None:
    """The commit of the folder that the run is started in, if it is a work tree."""
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None
