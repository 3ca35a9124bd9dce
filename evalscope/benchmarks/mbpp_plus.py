"""MBPP+: sound tasks of MBPP with about thirty-five times as many tests. https://arxiv.org/abs/2305.01210"""

import ast
from dataclasses import replace

from evalscope.benchmarks import mbpp
from evalscope.benchmarks._plus import facts_of_tests
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """EvalPlus's own files put task and test into a docstring; the hub's records are MBPP's with one more column."""
    if "base_input" in record:
        question, name = record["prompt"].strip().strip('"').strip(), record["entry_point"]
        text, *tests = question.split("\nassert ")
        shown = "\n".join(f"assert {test.strip()}" for test in tests)
        asked = {"text": text, "test_list": [shown], "code": record["canonical_solution"]}
        sample = mbpp.to_sample({"task_id": record["task_id"], **asked})
        return replace(
            sample, metadata={"entry_point": name, "names": (name,), **facts_of_tests(record, has_own_check=False)}
        )
    sample = mbpp.to_sample(record)
    called = {node.id for node in ast.walk(ast.parse(record["test"])) if isinstance(node, ast.Name)}
    defined = (node.name for node in ast.parse(record["code"]).body if isinstance(node, ast.FunctionDef))
    names = tuple(sorted(called & set(defined)))
    facts = {"entry_point": names[0] if names else "", "names": names}
    return replace(sample, metadata={**facts, **facts_of_tests({**record, "entry_point": ""}, has_own_check=False)})


BENCHMARK = replace(
    mbpp.BENCHMARK,
    name="mbpp_plus",
    about="Sound tasks of MBPP with about thirty-five times as many tests. https://arxiv.org/abs/2305.01210",
    about_zh="从 MBPP 中筛选的题目，测试用例约为原版三十五倍。",
    source=Source(
        id="evalplus/mbppplus",
        split="test",
        patterns=("MbppPlus", "MbppPlus-*"),
        num_records={"default": 378},
        has_ids=True,
        licence="Apache-2.0",
    ),
    to_sample=to_sample,
    few_shot=None,
)

# longer than most, for hub and authors publish it in two forms
