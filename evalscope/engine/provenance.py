"""Where a run's data came from and what it was, kept so that the run can be verified later."""

from collections.abc import Mapping
from typing import Any

from evalscope.config import DatasetArgs, TaskConfig
from evalscope.engine.plan import Plan
from evalscope.engine.wishes import args_by_benchmark
from evalscope.runs.digests import write_digests
from evalscope.runs.folder import RunFolder


def data_of(config: TaskConfig, plan: Plan) -> dict[str, Any]:
    """What the record of a run tells of its data, by data set: what finds the same records again, and their number."""
    given = args_by_benchmark(config, [dataset.name for dataset in plan.datasets])
    return {
        dataset.name: {
            "named": named,
            "origin": dict(dataset.loaded.origin),
            "hub": str(config.dataset_hub),
            "limit": config.limit,
            "args": given.get(dataset.name, DatasetArgs()).model_dump(mode="json", exclude_unset=True),
            "num": {subset.name: subset.num for subset in dataset.loaded.subsets},
            **({"drawn": dataset.loaded.drawn} if dataset.loaded.drawn else {}),
        }
        for named, dataset in zip(config.datasets, plan.datasets, strict=True)
    }


def keep_digests(folder: RunFolder, plan: Plan) -> None:
    """Writes the digest of every record that is asked.

    Raises:
        OSError: they could not be written.
    """
    for dataset in plan.datasets:
        for subset in dataset.loaded.subsets:
            write_digests(folder.digests(dataset.name, subset.name), subset.digests)


def kept_data(record: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """What `data_of` gave, for all data sets that the run asked; empty where an earlier version made it."""
    kept: Mapping[str, Mapping[str, Any]] = record.get("data") or {}
    return kept
