"""What a dry run shows: how each data set would be asked, with its first prompt."""

import math
from collections.abc import Iterator

from evalscope.engine.plan import DatasetPlan, Plan


def preview(plan: Plan) -> str:
    """The first rendered prompt of each data set, and the number of requests."""
    parts = [_show(dataset, plan.repeats) for dataset in plan.datasets]
    return "\n\n".join([*parts, f"{describe_size(plan)}; nothing was asked"])


def describe_size(plan: Plan) -> str:
    """The number of requests and about how many tokens they take, judged by the first prompt of each subset."""
    prompts = answers = 0.0
    for dataset in plan.datasets:
        for subset in dataset.subsets():
            num = subset.subset.num * plan.repeats
            messages = subset.prompter(next(iter(subset.subset.samples)))
            prompts += num * sum(_num_tokens(message.content) for message in messages)
            answers += num * (0 if dataset.benchmark.ranks else dataset.generation.max_tokens or math.inf)
    if not answers:
        return f"{plan.num_requests} requests, about {_short(prompts)} tokens of prompts; nothing is generated"
    most = "as many of answers as the model likes" if answers == math.inf else f"at most {_short(answers)} of answers"
    return f"{plan.num_requests} requests, about {_short(prompts)} tokens of prompts, {most}"


def _num_tokens(text: str) -> float:
    """About as many as usual tokenizers make: one for four ASCII signs, or for each other."""
    num_ascii = len(text.encode("ascii", "ignore"))
    return num_ascii / 4 + (len(text) - num_ascii)


def _short(num: float) -> str:
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if num >= size:
            return f"{num / size:.3g} {name}"
    return f"{num:.0f}"


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
