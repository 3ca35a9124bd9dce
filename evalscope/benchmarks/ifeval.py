"""IFEval: requests with instructions that a program can check. https://arxiv.org/abs/2311.07911"""

import json

from evalscope.core.benchmark import Benchmark, Source
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.metrics.mean import Mean
from evalscope.metrics.parts import ShareOfParts
from evalscope.scorers.instructions.match import FollowsInstructions
from evalscope.solvers.ask_once import ask_once

METRICS = (
    Mean("prompt_strict", "prompt_strict"),
    ShareOfParts("instruction_strict", "instruction_strict", "num_instructions"),
    Mean("prompt_loose", "prompt_loose"),
    ShareOfParts("instruction_loose", "instruction_loose", "num_instructions"),
)


def to_sample(record: Record) -> Sample:
    """The target is each instruction with what it says; the hub fills what it does not say with null."""
    kinds, arguments = record["instruction_id_list"], record["kwargs"]
    if not kinds or len(kinds) != len(arguments):
        raise ValueError(f"instruction_id_list names {len(kinds)} instructions, and kwargs describe {len(arguments)}")
    said = [{name: one[name] for name in sorted(one) if one[name] is not None} for one in arguments]
    return Sample(
        id=str(record["key"]),
        input=record["prompt"],
        target=tuple(f"{kind} {json.dumps(one, ensure_ascii=False)}" for kind, one in zip(kinds, said, strict=True)),
        metadata={"instructions": tuple(zip(kinds, said, strict=True))},
    )


def reply_as_it_stands(text: str, sample: Sample) -> str | None:
    """The reply with the white space at its end; only empty lines before it go, which a reasoning has left there."""
    return text.lstrip("\n") if text.strip() else None


BENCHMARK = Benchmark(
    name="ifeval",
    about="Requests with instructions that a program can check, such as a number of words. "
    "https://arxiv.org/abs/2311.07911",
    about_zh="带有可由程序核对的指令（如字数要求）的请求。",
    source=Source(
        id="opencompass/ifeval",
        huggingface_id="google/IFEval",
        split="train",
        patterns=("input_data", "ifeval_input_data"),
        num_records={"default": 541},
        has_ids=True,
        licence="Apache-2.0",
    ),
    to_sample=to_sample,
    prompt=Template("{question}"),
    is_free_text=True,
    solver=ask_once,
    extract=reply_as_it_stands,
    scorer=FollowsInstructions(),
    metrics=METRICS,
    notes=(
        "languages by py3langid and sentences by NLTK, where the published scores used langdetect and a trained Punkt",
    ),
    tags=("instruction-following", "free-text"),
)

# longer than most, for its records hold instructions, and four numbers come of them
