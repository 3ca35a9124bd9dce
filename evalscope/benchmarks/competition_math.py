"""MATH: competition problems of five levels, to be solved step by step. https://arxiv.org/abs/2103.03874"""

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.boxed import final_expression, last_boxed
from evalscope.metrics.mean import Mean
from evalscope.scorers.expressions.match import ExpressionMatch
from evalscope.solvers.ask_once import ask_once

NUM_RECORDS = {"Level 1": 437, "Level 2": 894, "Level 3": 1131, "Level 4": 1214, "Level 5": 1324}

PROMPT = Template(
    "Solve the problem step by step. Put the final answer, and nothing else, into \\boxed{}.\n"
    "\n"
    "{examples}Problem: {question}\n"
    "Solution:"
)


def to_sample(record: Record) -> Sample:
    r"""The answer stands in the last \\boxed{…} of the solution.

    Seven questions have two answers in two boxes: "$\\boxed{-2}$ and $\\boxed{1}$". Both together are right; published
    scores take the last alone, so that is accepted too.
    """
    boxes = last_boxed(record["solution"])
    if not boxes:
        raise ValueError(f"the solution has no \\boxed{{…}} with its answer; it ends {record['solution'][-60:]!r}")
    return Sample(
        input=record["problem"].strip(),
        target=boxes[0] if len(boxes) == 1 else (", ".join(boxes), boxes[-1]),
        category=record["type"],
        metadata={"solution": record["solution"].strip()},
    )


def show_solution(sample: Sample) -> str:
    """The solution as its authors wrote it, with the answer in its box."""
    solution: str = sample.metadata["solution"]
    return solution


BENCHMARK = Benchmark(
    name="competition_math",
    about="Competition problems of five levels, to be solved step by step. https://arxiv.org/abs/2103.03874",
    about_zh="五个难度级别的数学竞赛题，需逐步求解。",
    source=Source(
        id="evalscope/competition_math",
        huggingface_id="EleutherAI/hendrycks_math",
        subsets=tuple(NUM_RECORDS),
        split="test",
        few_shot_split="train",
        patterns=("{split}/*/*", "MATH/{split}/*/*", "*/{split}", "*/{split}-*"),
        subset_column="level",
        num_records=NUM_RECORDS,
        old_ids=("modelscope/competition_math",),
        licence="MIT",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot=FewShot(num=4, answer=show_solution),
    solver=ask_once,
    extract=final_expression,
    scorer=ExpressionMatch(),
    metrics=(Mean("AverageAccuracy"),),
    generation=Generation(max_tokens=2048, temperature=0.0),
    aliases=("math",),
    tags=("mathematics", "reasoning"),
)
