"""MBPP: short Python tasks in plain words, each with three tests. https://arxiv.org/abs/2108.07732"""

import ast
import warnings

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.code import code_block
from evalscope.metrics.mean import Mean
from evalscope.scorers.run_tests import RunTests
from evalscope.solvers.ask_once import ask_once

SPLITS = {"prompt": (1, 10), "test": (11, 510), "validation": (511, 600), "train": (601, 974)}
"""The first and last task of each split."""

PROMPT = Template(
    "Solve the task in Python. Reply with the whole program in one code block; its functions bear the names that the "
    "tests use.\n"
    "\n"
    "{examples}Task: {question}\n"
    "\n"
    "Program:\n"
)


def to_sample(record: Record) -> Sample:
    """The sanitised subset calls its text `prompt` and brings the tests' imports; the full one leaves them to the code.

    Tests that name a class of the solution (those of three tasks do) must run in one process with the program.
    """
    code = record["code"].replace("\r\n", "\n")
    tests = "\n".join(record["test_list"])
    setup = (record.get("test_setup_code") or "").replace("\r\n", "\n")
    used = {node.id for node in ast.walk(_parse(f"{setup}\n{tests}")) if isinstance(node, ast.Name)}
    defined = _parse(code).body
    functions = {node.name for node in defined if isinstance(node, ast.FunctionDef)}
    classes = {node.name for node in defined if isinstance(node, ast.ClassDef)}
    imports = [ast.unparse(node) for node in defined if isinstance(node, ast.Import | ast.ImportFrom)]
    names = tuple(sorted(used & functions))
    text = record["prompt"] if "prompt" in record else record["text"]
    return Sample(
        id=str(record["task_id"]),
        input=f"{text.strip()}\n\nTests:\n```python\n{tests}\n```",
        target=code,
        metadata={
            "entry_point": names[0] if names else "",
            "names": names,
            "setup": "\n".join([*(record.get("test_imports") or ()), *imports, setup]),
            "tests": tests,
            "is_weak": bool(used & classes),
        },
    )


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings(action="ignore"):  # of escapes such as "\\w" in the authors' programs
        try:
            return ast.parse(text)
        except SyntaxError as error:
            raise ValueError(f"the solution or a test is no Python: {error}") from error


def belongs(record: Record, split: str) -> bool:
    """The authors' one file holds all splits, told apart by the number of the task."""
    first, last = SPLITS.get(split, (1, 974))
    return first <= int(record["task_id"]) <= last


def solution(sample: Sample) -> str:
    """The authors' program in a code block."""
    return f"```python\n{sample.target}\n```"


BENCHMARK = Benchmark(
    name="mbpp",
    about="Short Python tasks in plain words, each with three tests. https://arxiv.org/abs/2108.07732",
    about_zh="用自然语言描述的简短 Python 编程题，每题三个测试。",
    source=Source(
        id="google-research-datasets/mbpp",
        subsets=("full", "sanitized"),
        asked_subsets=("full",),
        split="test",
        few_shot_split="prompt",
        patterns=("mbpp", "sanitized-mbpp"),
        num_records={"full": 500, "sanitized": 257},
        belongs=belongs,
        has_ids=True,
        licence="CC-BY-4.0",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    solver=ask_once,
    extract=code_block,
    scorer=RunTests(),
    metrics=(Mean("pass@1"),),
    few_shot=FewShot(num=3, answer=solution),
    generation=Generation(max_tokens=1024, temperature=0.0),
    tags=("code",),
)
