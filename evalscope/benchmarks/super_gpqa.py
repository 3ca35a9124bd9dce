"""SuperGPQA: graduate questions of 13 disciplines with up to ten choices. https://arxiv.org/abs/2502.14739"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._reasoned_choice import by_reasoned_letter
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample

NUM_RECORDS = {
    "Agronomy": 485,
    "Economics": 873,
    "Education": 484,
    "Engineering": 7892,
    "History": 674,
    "Law": 656,
    "Literature and Arts": 1676,
    "Management": 501,
    "Medicine": 2755,
    "Military Science": 205,
    "Philosophy": 347,
    "Science": 9838,
    "Sociology": 143,
}


def to_sample(record: Record) -> Sample:
    """The letter is the truth: the answer's text may stand among the choices twice."""
    options = tuple(option.strip() for option in record["options"])
    return Sample(
        id=record["uuid"],
        input=record["question"].strip(),
        choices=options,
        target=key_letter(record["answer_letter"], len(options)),
        category=record.get("difficulty") or "",
    )


BENCHMARK = by_reasoned_letter(
    name="super_gpqa",
    about="Graduate questions of 13 disciplines with up to ten choices. https://arxiv.org/abs/2502.14739",
    about_zh="涵盖 13 个学科门类、285 个研究生专业、最多十个选项的选择题。",
    source=Source(
        id="m-a-p/SuperGPQA",
        subsets=tuple(NUM_RECORDS),
        split="train",
        patterns=("SuperGPQA-all",),
        subset_column="discipline",
        num_records=NUM_RECORDS,
        has_ids=True,
        licence="ODC-BY",
    ),
    to_sample=to_sample,
    tags=("knowledge", "reasoning"),
)

# longer than most, for it names thirteen disciplines with their numbers
