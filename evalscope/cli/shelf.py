"""What listings say about a benchmark, in English and Chinese, all of it from its declaration."""

import inspect
import json
from collections.abc import Mapping
from importlib.resources import files

from evalscope.cli.chinese import LABELS as LABELS_ZH
from evalscope.cli.chinese import SCORED_HOW, TAGS
from evalscope.core.benchmark import Benchmark
from evalscope.core.rubric import Rubric
from evalscope.core.sample import Sample
from evalscope.prompts.render import make_prompter
from evalscope.registry import SHELF

LANGUAGES = ("en", "zh")

LABELS: Mapping[str, str] = {
    "also": "also called",
    "size": "samples",
    "subsets": "subsets",
    "default": "by default",
    "asks": "asks",
    "shots": "examples",
    "generation": "generation",
    "scored": "scored by",
    "metrics": "metrics",
    "scoring": "other scoring",
    "own": "extra_params",
    "modelscope": "modelscope",
    "huggingface": "huggingface",
    "licence": "licence",
    "tags": "tags",
    "notes": "note",
}

HEADINGS: Mapping[str, tuple[str, str]] = {
    "en": ("How a question is put:", "An example, without solved ones before it:"),
    "zh": ("提问方式：", "示例（不含少样本示例）："),
}
"""Above the wording and the example, by language."""

JUDGED: Mapping[str, tuple[str, str, str, str]] = {
    "en": ("A judge model grades the answer", ": ", ", ", "."),
    "zh": ("由裁判模型评级", "：", "、", "。"),
}
"""What is said where only a judge can tell, and the marks that join its grades to it, by language."""


def about(benchmark: Benchmark, language: str) -> str:
    """What it asks, with a link where there is one."""
    if language == "en" or not benchmark.about_zh:
        return benchmark.about
    link = next((word for word in benchmark.about.split() if word.startswith("http")), "")
    return f"{benchmark.about_zh}{link}"


def num_samples(benchmark: Benchmark) -> int:
    """Official number of samples that are asked by default; 0 where the data is the user's own."""
    source = benchmark.source
    return sum(source.num_records.get(subset, 0) for subset in source.asked_subsets or source.subsets)


def facts(benchmark: Benchmark, language: str) -> dict[str, str]:
    """What is to be known about it, by label; what does not apply is left out."""
    source, generation, is_chinese = benchmark.source, benchmark.generation, language == "zh"
    where = ("（来自 {}）" if is_chinese else " from {}").format(source.few_shot_split) if source.few_shot_split else ""
    most = "最多 {} 个 token" if is_chinese else "at most {} tokens"
    values = {
        "also": ", ".join(benchmark.aliases),
        "size": str(num_samples(benchmark) or ""),
        "subsets": ", ".join(f"{name} {source.num_records.get(name, '')}".strip() for name in source.subsets),
        "default": ", ".join(source.asked_subsets),
        "asks": source.split,
        "shots": f"{benchmark.few_shot.num}{where}" if benchmark.few_shot else "",
        "generation": f"temperature {generation.temperature:g}, {most.format(generation.max_tokens)}",
        "scored": how_scored(benchmark, language),
        "metrics": ", ".join(metric.name for metric in benchmark.metrics),
        "scoring": "; ".join(
            f"{name} ({', '.join(metric.name for metric in variant.metrics)})"
            for name, variant in benchmark.variants.items()
        ),
        "own": "; ".join(f"{name}: {what}" for name, what in _own_settings(benchmark).items()),
        "modelscope": source.id,
        "huggingface": source.huggingface_id or source.id,
        "licence": source.licence,
        "notes": "; ".join(benchmark.notes),
        "tags": ", ".join(TAGS.get(tag, tag) if is_chinese else tag for tag in benchmark.tags),
    }
    labels = LABELS_ZH if is_chinese else LABELS
    return {labels[name]: value for name, value in values.items() if value}


def _own_settings(benchmark: Benchmark) -> Mapping[str, str]:
    return {} if benchmark.own_settings is None else benchmark.own_settings.known


def how_scored(benchmark: Benchmark, language: str) -> str:
    """What is taken from a reply, and when it is right: the first sentences of the code, or a judge's grades."""
    scorer = benchmark.scorer
    parts: tuple[object, ...] = (benchmark.extract,) if scorer is None else (benchmark.extract, type(scorer))
    sentences = [_say(part, language) for part in parts]
    if scorer is None:
        sentences.append(_say_judged(benchmark.rubric, language))
    return ("" if language == "zh" else " ").join(sentences)


def example_prompt(benchmark: Benchmark) -> str | None:
    """The messages that ask its example, without solved ones; None for a benchmark from outside the shelf."""
    sample = example_sample(benchmark)
    if sample is None:
        return None
    messages = make_prompter(benchmark, (), system_prompt=benchmark.system_prompt)(sample)
    if len(messages) == 1:
        return messages[0].content
    return "\n".join(f"--- {message.role}\n{message.content}" for message in messages)


def example_sample(benchmark: Benchmark) -> Sample | None:
    """The first of the records of our own making that come with a benchmark of the shelf."""
    path = files(SHELF) / "records" / f"{benchmark.name}.jsonl"
    if not path.is_file():
        return None
    return benchmark.to_sample(json.loads(path.read_text(encoding="utf-8").split("\n", 1)[0]))


def _say(part: object, language: str) -> str:
    known = SCORED_HOW.get(getattr(part, "__name__", "")) if language == "zh" else None
    return known or _first_sentence(part)


def _say_judged(rubric: Rubric | None, language: str) -> str:
    """That a judge decides, and between which grades where it has any."""
    judged, colon, comma, stop = JUDGED[language]
    grades = comma.join(rubric.grades) if rubric else ""
    return f"{judged}{colon if grades else ''}{grades}{stop}"


def _first_sentence(part: object) -> str:
    text = " ".join((inspect.getdoc(part) or "").split("\n\n")[0].split())
    return text if text.endswith(".") else f"{text}."
