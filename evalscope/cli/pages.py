"""The page of all benchmarks in Markdown, in English or Chinese."""

from collections.abc import Iterator, Sequence

from evalscope.cli.shelf import about, example_prompt, facts, num_samples
from evalscope.core.benchmark import Benchmark

TITLE = {"en": "Benchmarks", "zh": "基准列表"}
INTRODUCTION = {
    "en": "Made by `make docs` from the declarations in `evalscope/benchmarks/`; `evalscope benchmarks NAME` shows the "
    "same in the terminal. Prompts are shown without solved examples.",
    "zh": "本页由 `make docs` 根据 `evalscope/benchmarks/` 中的声明生成；在终端中可用 `evalscope benchmarks 名称` "
    "查看。提示词示例不含少样本示例。",
}
HEADERS = {
    "en": ("Name", "What it asks", "Samples", "Shots", "Licence"),
    "zh": ("名称", "内容", "样本数", "示例数", "许可证"),
}
EXAMPLE = {"en": "An example prompt", "zh": "提示词示例"}


def page(benchmarks: Sequence[Benchmark], language: str) -> str:
    """The whole page, with a table of all and a section for each."""
    sections = (line for benchmark in benchmarks for line in _section(benchmark, language))
    return "\n".join([*_overview(benchmarks, language), *sections])


def _overview(benchmarks: Sequence[Benchmark], language: str) -> Iterator[str]:
    yield from (f"# {TITLE[language]}", "", INTRODUCTION[language], "")
    yield _row(HEADERS[language])
    yield _row(["---"] * len(HEADERS[language]))
    for benchmark in benchmarks:
        shots = str(benchmark.few_shot.num) if benchmark.few_shot else "0"
        num = str(num_samples(benchmark) or "–")
        link = f"[{benchmark.name}](#{benchmark.name})"
        yield _row([link, about(benchmark, language), num, shots, benchmark.source.licence or "–"])


def _section(benchmark: Benchmark, language: str) -> Iterator[str]:
    yield from ("", f"## {benchmark.name}", "", about(benchmark, language), "")
    yield from ("| | |", "|---|---|")
    for label, value in facts(benchmark, language).items():
        yield _row([label, value])
    prompt = example_prompt(benchmark)
    if prompt is not None:
        fence = "`" * (3 + max((len(run) for run in _runs_of_ticks(prompt)), default=0))
        yield from ("", f"{EXAMPLE[language]}:", "", f"{fence}text", prompt, fence)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _runs_of_ticks(text: str) -> list[str]:
    return [run for run in "".join(sign if sign == "`" else " " for sign in text).split() if len(run) >= 3]
