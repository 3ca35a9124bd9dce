"""LiveCodeBench: contest problems by date, solved by a program or a function. https://arxiv.org/abs/2403.07974"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from evalscope.benchmarks._contest_tests import ABOUT_PROGRAM, PRELUDE, about_method
from evalscope.core.benchmark import Benchmark, OwnSettings, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.code import code_block
from evalscope.metrics.mean import Mean
from evalscope.scorers.run_tests import RunTests
from evalscope.solvers.ask_once import ask_once

PROMPT = Template("Solve the problem in Python. Reply with the whole program in one code block.\n\n{question}")
NUM_RECORDS = {"test": 400, "test2": 111, "test3": 101, "test4": 101, "test5": 167, "test6": 175}
"""By file: each release adds one, so release_v5 is the first five."""


def to_sample(record: Record) -> Sample:
    """A problem with starter code asks for a method of a class; the others for a program that reads its input."""
    packed = tuple(filter(None, (record["public_test_cases"], record.get("private_test_cases"))))
    if not any(cases.strip() not in ("", "[]") for cases in packed):
        raise ValueError("there is no test")
    text, starter = record["question_content"].strip(), (record.get("starter_code") or "").strip()
    if starter:
        facts = json.loads(record["metadata"]) if isinstance(record["metadata"], str) else record["metadata"]
        asked = f"{text}\n\nComplete this code:\n```python\n{starter}\n```"
        metadata = {"entry_point": "Solution", **about_method(facts["func_name"])}
    else:
        asked = f"{text}\n\nThe program reads standard input and writes to standard output."
        metadata = {"entry_point": "", **ABOUT_PROGRAM}
    return Sample(
        id=record["question_id"],
        input=asked,
        target="",
        category=record["difficulty"],
        metadata={**metadata, "before": PRELUDE, "packed": packed},
    )


def belongs(record: Record, split: str, first: date, last: date) -> bool:
    """Whether a problem's contest lies in the window, its ends included."""
    return first <= date.fromisoformat(record["contest_date"][:10]) <= last


def settle(benchmark: Benchmark, given: Mapping[str, Any], task: object) -> Benchmark:
    """The benchmark with the problems of a window of dates."""
    if not given:
        return benchmark
    first, last = (_date(given, name, end) for name, end in (("start_date", date.min), ("end_date", date.max)))
    if first > last:
        raise ValueError(f"start_date {first} lies behind end_date {last}")
    # the window alone says how many there are
    return replace(
        benchmark, source=replace(benchmark.source, belongs=partial(belongs, first=first, last=last), num_records={})
    )


def _date(given: Mapping[str, Any], name: str, default: date) -> date:
    try:
        return date.fromisoformat(str(given[name])) if name in given else default
    except ValueError:
        raise ValueError(f"{name}: a date such as 2024-08-01 is needed; found {given[name]!r}") from None


BENCHMARK = Benchmark(
    name="live_code_bench",
    about="Contest problems by date, solved by a program or a function. https://arxiv.org/abs/2403.07974",
    about_zh="按日期收录的编程竞赛题，以读写标准输入输出的程序或函数作答。",
    source=Source(
        id="AI-ModelScope/code_generation_lite",
        huggingface_id="livecodebench/code_generation_lite",
        subsets=tuple(NUM_RECORDS),
        patterns=("{subset}",),
        num_records=NUM_RECORDS,
        has_ids=True,
        licence="CC",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    solver=ask_once,
    extract=code_block,
    scorer=RunTests(timeout_s=60.0),
    metrics=(Mean("pass@1"),),
    own_settings=OwnSettings(
        known={
            "start_date": "first day of the contests to ask, such as 2024-08-01",
            "end_date": "last day of the contests to ask",
        },
        settle=settle,
    ),
    notes=(
        "programs find the standard library alone, and 60 s for all tests of a problem unless sandbox sets another",
    ),
    generation=Generation(max_tokens=4096, temperature=0.0),
    tags=("code",),
)

# longer than most, for its problems are of two kinds, and are picked by date
