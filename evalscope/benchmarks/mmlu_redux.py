"""MMLU-Redux: 5700 questions of MMLU that experts have read for errors. https://arxiv.org/abs/2406.04127"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from evalscope.benchmarks import mmlu
from evalscope.benchmarks._reasoned_choice import by_reasoned_letter
from evalscope.benchmarks._subjects import MMLU, categories, num_records
from evalscope.core.benchmark import Benchmark, OwnSettings, Source
from evalscope.core.sample import Record, Sample
from evalscope.errors import nearest

SOUND = ("ok",)
ERROR_TYPES = (
    *SOUND,
    "bad_question_clarity",
    "bad_options_clarity",
    "no_correct_answer",
    "multiple_correct_answers",
    "wrong_groundtruth",
    "expert",
)


def to_sample(record: Record) -> Sample:
    """As MMLU's, which the key is too: where experts call it wrong, theirs is prose and not always an option."""
    return replace(mmlu.to_sample(record), category=record["error_type"])


def belongs(record: Record, split: str, asked: tuple[str, ...]) -> bool:
    """Whether what experts found is among what is asked."""
    return record["error_type"] in asked


def settle(benchmark: Benchmark, given: Mapping[str, Any], task: object) -> Benchmark:
    """The benchmark with the questions of these error types."""
    asked = given.get("error_types", SOUND)
    asked = (asked,) if isinstance(asked, str) else tuple(asked)
    strange = [str(name) for name in asked if name not in ERROR_TYPES]
    if strange or not asked:
        found = repr(strange[0]) if strange else "an empty list"
        raise ValueError(f"error_types: found {found}; {nearest(strange[0] if strange else '', ERROR_TYPES)}")
    return replace(benchmark, source=replace(benchmark.source, belongs=partial(belongs, asked=asked)))


BENCHMARK = by_reasoned_letter(
    name="mmlu_redux",
    about="Questions of MMLU's 57 subjects that experts have found to be sound. https://arxiv.org/abs/2406.04127",
    about_zh="由专家逐题复核过的 MMLU 题目，默认只评测标注为无误的题目。",
    source=Source(
        id="AI-ModelScope/mmlu-redux-2.0",
        huggingface_id="edinburgh-dawg/mmlu-redux-2.0",
        subsets=tuple(num_records(MMLU)),
        split="test",
        licence="CC-BY-4.0",
    ),
    to_sample=to_sample,
    categories=categories(MMLU),
    notes=("asked are the questions whose error_type is ok, unless error_types of extra_params names others",),
    own_settings=OwnSettings(
        known={"error_types": f"the questions to ask, by what experts found: {', '.join(ERROR_TYPES)} (default: ok)"},
        settle=settle,
    ),
    tags=("knowledge",),
)

# longer than most, for it can be asked by what experts found of each question
