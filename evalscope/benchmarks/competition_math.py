"""MATH: competition problems of five levels, to be solved step by step. https://arxiv.org/abs/2103.03874"""

from evalscope.benchmarks._boxed_answers import boxed
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.extractors.boxed import last_boxed

NUM_RECORDS = {"Level 1": 437, "Level 2": 894, "Level 3": 1131, "Level 4": 1214, "Level 5": 1324}


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


BENCHMARK = boxed(
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
    few_shot_num=4,
    aliases=("math",),
)
