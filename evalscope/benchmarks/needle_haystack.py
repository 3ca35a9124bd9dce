"""A needle in a haystack: one fact hidden at some depth of a long text, and asked for. Made, not read."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from evalscope.benchmarks._needles import SETTINGS, make_records, read_settings
from evalscope.config import TaskConfig
from evalscope.core.benchmark import Benchmark, OwnSettings, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.whole import whole_text
from evalscope.metrics.mean import Mean
from evalscope.models.tokens import counter_of
from evalscope.scorers.facts import HoldsFact
from evalscope.solvers.ask_once import ask_once

PROMPT = Template("Read the text, and answer the question behind it in one short sentence.\n\n{question}")
PROMPT_ZH = Template("请阅读下面的文字，并用一句简短的话回答文末的问题。\n\n{question}")


def to_sample(record: Record) -> Sample:
    """Samples are grouped by length, by depth and by both."""
    language, length, depth = record["language"], f"{record['length']} tokens", f"depth {record['depth']} %"
    return Sample(
        id=f"{record['length']}-{record['depth']}-{record['number']}",
        input=f"{record['text'].strip()}\n\n{record['question']}",
        target=record["answer"],
        category=((language, length), (language, depth), (language, length, depth)),
        wording="zh" if language == "chinese" else "",
    )


def settle(benchmark: Benchmark, given: Mapping[str, Any], task: TaskConfig) -> Benchmark:
    """The benchmark with the texts of these settings, as long as the asked model's own tokenizer says."""
    settings = read_settings(given)
    counter = counter_of(task, settings.tokenizer)
    return replace(
        benchmark,
        source=replace(benchmark.source, generate=partial(make_records, settings=settings, count=counter.count)),
        notes=(counter.said,),
    )


BENCHMARK = Benchmark(
    name="needle_haystack",
    about="One fact hidden at some depth of a long text, and asked for, by length and depth; made, not read.",
    about_zh="大海捞针：在长文本的不同深度插入一个事实并提问，按长度与深度统计；文本由程序生成，无需数据。",
    source=Source(id="", subsets=("english", "chinese"), generate=make_records, has_ids=True),
    to_sample=to_sample,
    prompt=PROMPT,
    wordings={"zh": PROMPT_ZH},
    solver=ask_once,
    extract=whole_text,
    scorer=HoldsFact(),
    metrics=(Mean("AverageAccuracy"),),
    own_settings=OwnSettings(known=SETTINGS, settle=settle),
    generation=Generation(max_tokens=128, temperature=0.0),
    aliases=("needle", "niah"),
    tags=("long-context", "chinese"),
)

# longer than most, for it makes its questions, in two languages
