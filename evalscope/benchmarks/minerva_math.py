"""Minerva's OCWCourses: undergraduate problems of science and mathematics from MIT. https://arxiv.org/abs/2206.14858"""

import re

from evalscope.benchmarks._boxed_answers import boxed
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.extractors.boxed import last_boxed


def to_sample(record: Record) -> Sample:
    r"""The answer stands in the solution's box; some copies hold it alone. One is Python: np.arcsin is \\arcsin."""
    solution = re.sub(r"\bnp\.", r"\\", record.get("solution") or "").strip()
    answer = ", ".join(last_boxed(solution)) or record["answer"]
    return Sample(
        input=(record.get("problem") or record["question"]).strip(),
        target=answer.strip(),
        category=record.get("type") or "",
        metadata={"solution": solution},
    )


BENCHMARK = boxed(
    name="minerva_math",
    about="Undergraduate problems of science and mathematics from MIT's open courses. https://arxiv.org/abs/2206.14858",
    about_zh="来自 MIT 公开课的本科理工科题目（OCWCourses）。",
    source=Source(
        id="knoveleng/Minerva-Math",
        huggingface_id="math-ai/minervamath",
        num_records={"default": 272},
        licence="CC-BY-NC-SA-4.0",
    ),
    to_sample=to_sample,
    has_prose=True,
    notes=("a number is right where it equals the published one; one that is rounded otherwise is wrong",),
    aliases=("minerva", "ocw_courses"),
)
