"""evalscope benchmarks: what there is to ask."""

from collections.abc import Sequence

from evalscope.arguments import Parser
from evalscope.core.benchmark import Benchmark
from evalscope.errors import ConfigError
from evalscope.registry import benchmark_names, find_benchmark
from evalscope.reports.table import print_text


def main(argv: Sequence[str]) -> int:
    """Lists all benchmarks, or shows one."""
    parser = Parser(prog="evalscope benchmarks", description="List the benchmarks, or show one with its prompt.")
    parser.add_argument("name", nargs="?", help="a benchmark's name, or the path of a benchmark file")
    name = parser.read(argv).name
    print_text(_show(find_benchmark(name)) if name else _list())
    return 0


def _list() -> str:
    from tabulate import tabulate

    rows = [_row(name) for name in benchmark_names()]
    return tabulate(rows, headers=["Name", "Subsets", "Samples", "Shots", "Tags", "About"], disable_numparse=True)


def _row(name: str) -> list[str]:
    try:
        benchmark = find_benchmark(name)
    except ConfigError as error:  # a broken plug-in does not hide the others
        return [name, "–", "–", "–", "", str(error)]
    source = benchmark.source
    asked = source.asked_subsets or source.subsets
    num = sum(source.num_records.get(subset, 0) for subset in asked)
    shots = benchmark.few_shot.num if benchmark.few_shot else 0
    return [benchmark.name, str(len(asked)), str(num or "–"), str(shots), ", ".join(benchmark.tags), benchmark.about]


def _show(benchmark: Benchmark) -> str:
    source = benchmark.source
    counts = ", ".join(f"{name} {source.num_records.get(name, '')}".strip() for name in source.subsets)
    generation = benchmark.generation
    facts = {
        "also called": ", ".join(benchmark.aliases),
        "subsets": counts,
        "by default": ", ".join(source.asked_subsets),
        "asks": f"split {source.split}, examples from {source.few_shot_split}"
        if source.few_shot_split
        else source.split,
        "examples": f"{benchmark.few_shot.num} by default" if benchmark.few_shot else "none",
        "generation": f"temperature {generation.temperature:g}, at most {generation.max_tokens} tokens",
        "metrics": ", ".join(metric.name for metric in benchmark.metrics),
        "modelscope": source.id,
        "huggingface": source.huggingface_id or source.id,
        "tags": ", ".join(benchmark.tags),
    }
    lines = [f"{benchmark.name}: {benchmark.about}", ""]
    lines += [f"  {name:<13}{value}" for name, value in facts.items() if value]
    return "\n".join([*lines, "", "How a question is put:", "", benchmark.prompt.text])
