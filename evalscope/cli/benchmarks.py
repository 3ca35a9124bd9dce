"""evalscope benchmarks: what there is to ask."""

from collections.abc import Sequence

from evalscope.arguments import Parser
from evalscope.cli.pages import page
from evalscope.cli.shelf import HEADINGS, LANGUAGES, about, example_prompt, facts, num_samples
from evalscope.core.benchmark import Benchmark
from evalscope.errors import ConfigError, nearest
from evalscope.registry import benchmark_names, find_benchmark
from evalscope.reports.table import print_text


def main(argv: Sequence[str]) -> int:
    """Lists all benchmarks, shows one, or writes the page of all."""
    parser = Parser(prog="evalscope benchmarks", description="List the benchmarks, or show one with its prompt.")
    parser.add_argument("name", nargs="?", help="a benchmark's name, or the path of a benchmark file")
    parser.add_argument("--tag", help="list only those with this tag, or one that begins so")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="language of descriptions (default: en)")
    parser.add_argument("--markdown", action="store_true", help="everything about all of them, as a page in Markdown")
    flags = parser.read(argv)
    if flags.name:
        if flags.tag or flags.markdown:
            parser.error("--tag and --markdown are for lists; a name shows one benchmark")
        print_text(_show(find_benchmark(flags.name), flags.lang))
        return 0
    found = [(name, _found(name)) for name in benchmark_names()]
    if flags.tag:
        found = _tagged(found, flags.tag)
    if flags.markdown:
        print_text(page([benchmark for _, benchmark in found if isinstance(benchmark, Benchmark)], flags.lang))
    else:
        print_text(_list(found, flags.lang))
    return 0


def _found(name: str) -> Benchmark | ConfigError:
    """The benchmark, or why there is none: a broken plug-in does not hide the others."""
    try:
        return find_benchmark(name)
    except ConfigError as error:
        return error


def _tagged(found: list[tuple[str, Benchmark | ConfigError]], tag: str) -> list[tuple[str, Benchmark | ConfigError]]:
    """Those with a tag that begins as asked: math finds mathematics, and code the same as Code."""
    wanted = tag.casefold()
    tags = {one for _, benchmark in found if isinstance(benchmark, Benchmark) for one in benchmark.tags}
    if not wanted or not any(one.startswith(wanted) for one in tags):
        raise ConfigError(f"no benchmark has the tag {tag!r}; {nearest(tag, tags)}")
    return [
        (name, one)
        for name, one in found
        if isinstance(one, Benchmark) and any(own.startswith(wanted) for own in one.tags)
    ]


def _list(found: Sequence[tuple[str, Benchmark | ConfigError]], language: str) -> str:
    from tabulate import tabulate

    rows = [_row(name, benchmark, language) for name, benchmark in found]
    return tabulate(rows, headers=["Name", "Subsets", "Samples", "Shots", "Tags", "About"], disable_numparse=True)


def _row(name: str, benchmark: Benchmark | ConfigError, language: str) -> list[str]:
    if isinstance(benchmark, ConfigError):
        return [name, "–", "–", "–", "", str(benchmark)]
    asked = benchmark.source.asked_subsets or benchmark.source.subsets
    num = str(num_samples(benchmark) or "–")
    shots = str(benchmark.few_shot.num if benchmark.few_shot else 0)
    return [benchmark.name, str(len(asked)), num, shots, ", ".join(benchmark.tags), about(benchmark, language)]


def _show(benchmark: Benchmark, language: str) -> str:
    from wcwidth import wcswidth

    lines = [f"{benchmark.name}: {about(benchmark, language)}", ""]
    lines += [f"  {name}{' ' * (14 - wcswidth(name))}{value}" for name, value in facts(benchmark, language).items()]
    put, shown = HEADINGS[language]
    lines += ["", put, "", benchmark.prompt.text]
    prompt = example_prompt(benchmark)
    if prompt is not None:
        lines += ["", shown, "", prompt]
    return "\n".join(lines)
