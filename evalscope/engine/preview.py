"""What a dry run shows: how each data set would be asked, with its first prompt."""

from collections.abc import Iterator

from evalscope.engine.plan import DatasetPlan, Plan


def preview(plan: Plan) -> str:
    """The first rendered prompt of each data set, and the number of requests."""
    parts = [_show(dataset, plan.repeats) for dataset in plan.datasets]
    return "\n\n".join([*parts, f"{plan.num_requests} requests in all; nothing was asked"])


def _show(dataset: DatasetPlan, repeats: int) -> str:
    counts = ", ".join(f"{subset.name} {subset.num}" for subset in dataset.loaded.subsets)
    num = sum(subset.num for subset in dataset.loaded.subsets) * repeats
    shots = dataset.loaded.few_shot_num
    lines = [
        f"=== {dataset.name}: {num} requests ({counts}{f', {repeats} repeats' if repeats > 1 else ''}), {shots}-shot"
    ]
    lines += [f"note: {note}" for note in dataset.loaded.notes]
    return "\n".join([*lines, *_first_prompt(dataset)])


def _first_prompt(dataset: DatasetPlan) -> Iterator[str]:
    subset = next(iter(dataset.subsets()))
    sample = next(iter(subset.subset.samples))
    for message in subset.prompter(sample):
        yield f"--- {message.role}"
        yield message.content
    yield f"--- (target: {' | '.join(sample.targets)})"
