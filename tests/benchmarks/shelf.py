"""Every benchmark of the shelf, with its own records and the prompts they give."""

import json
from importlib.resources import files
from pathlib import Path

from evalscope.core.benchmark import Benchmark
from evalscope.core.sample import Record, Sample
from evalscope.prompts.render import make_prompter
from evalscope.registry import SHELF, benchmark_names, find_benchmark

HERE = Path(__file__).parent


def built_in_names() -> tuple[str, ...]:
    """The benchmarks of the shelf itself, without plug-ins."""
    import importlib

    folder = Path(next(iter(importlib.import_module(SHELF).__path__)))
    return tuple(name for name in benchmark_names() if (folder / f"{name}.py").is_file())


def ways_of_asking() -> tuple[tuple[str, str], ...]:
    """Every benchmark and every variant of one: its name, and that of the variant, empty for the benchmark itself."""
    return tuple((name, way) for name in built_in_names() for way in ("", *find_benchmark(name).variants))


def find_way(name: str, way: str) -> Benchmark:
    """The benchmark, or its variant."""
    benchmark = find_benchmark(name)
    return benchmark.variants[way] if way else benchmark


def records_of(name: str) -> tuple[Record, ...]:
    """Records of our own making in the shape of the real ones, which listings show as well."""
    lines = (files(SHELF) / "records" / f"{name}.jsonl").read_text(encoding="utf-8").split("\n")
    return tuple(json.loads(line) for line in lines if line)


def samples_of(benchmark: Benchmark) -> tuple[Sample, ...]:
    """The records understood."""
    return tuple(benchmark.to_sample(record) for record in records_of(benchmark.name))


def golden_path(name: str, way: str = "") -> Path:
    """Where the exact prompt of the first record lies."""
    return HERE / "prompts" / ".".join(part for part in (name, way, "txt") if part)


def golden_prompt(name: str, way: str = "") -> str:
    """The first record as it is asked, with the other records as solved examples where the benchmark has any."""
    benchmark = find_way(name, way)
    first, *others = samples_of(benchmark)
    num = benchmark.few_shot.num if benchmark.few_shot else 0
    prompter = make_prompter(benchmark, others[:num], system_prompt=benchmark.system_prompt)
    return "".join(f"--- {message.role}\n{message.content}\n" for message in prompter(first))
