"""HumanEval: Python functions to be completed from their docstrings. https://arxiv.org/abs/2107.03374"""

from evalscope.core.benchmark import Benchmark, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.code import code_block
from evalscope.metrics.mean import Mean
from evalscope.scorers.run_tests import RunTests
from evalscope.solvers.ask_once import ask_once

PROMPT = Template(
    "Complete the Python function. Reply with the whole function in one code block, together with the imports and "
    "helpers that it needs.\n"
    "\n"
    "```python\n"
    "{question}\n"
    "```"
)


def to_sample(record: Record) -> Sample:
    """The prompt may hold imports and further functions, which some tests call as well: so it is their setup, too."""
    return Sample(
        id=record["task_id"],
        input=record["prompt"].strip(),
        target=record["canonical_solution"],
        metadata={
            "prompt": record["prompt"],
            "entry_point": record["entry_point"],
            "names": (record["entry_point"],),
            "setup": record["prompt"],
            "tests": f"{record['test']}\ncheck({record['entry_point']})\n",
        },
    )


BENCHMARK = Benchmark(
    name="humaneval",
    about="Python functions to be completed from their docstrings. https://arxiv.org/abs/2107.03374",
    about_zh="根据文档字符串补全 Python 函数。",
    source=Source(
        id="opencompass/humaneval",
        huggingface_id="openai/openai_humaneval",
        split="test",
        patterns=("HumanEval", "human-eval-v2-20210705", "humaneval"),
        num_records={"default": 164},
        has_ids=True,
        old_ids=("modelscope/humaneval",),
        licence="MIT",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    solver=ask_once,
    extract=code_block,
    scorer=RunTests(),
    metrics=(Mean("pass@1"),),
    generation=Generation(max_tokens=1024, temperature=0.0),
    aliases=("human_eval",),
    tags=("code",),
)
