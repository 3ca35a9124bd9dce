"""GPQA: questions of biology, physics and chemistry that a search engine does not help with. https://arxiv.org/abs/2311.12022"""

from hashlib import blake2b

from evalscope.benchmarks._reasoned_choice import by_reasoned_letter
from evalscope.core.benchmark import Source
from evalscope.core.sample import LETTERS, Record, Sample


def to_sample(record: Record) -> Sample:
    """The right answer stands apart, so choices are put in the order of their texts, before the seed draws another."""
    question, right = record["Question"].strip(), record["Correct Answer"].strip()
    choices = sorted((right, *(record[f"Incorrect Answer {number}"].strip() for number in (1, 2, 3))))
    return Sample(
        id=record.get("Record ID") or blake2b(question.encode(), digest_size=6).hexdigest(),
        input=question,
        choices=tuple(choices),
        target=LETTERS[choices.index(right)],
        category=record.get("High-level domain") or "",
    )


BENCHMARK = by_reasoned_letter(
    name="gpqa",
    about="Questions of biology, physics and chemistry, hard also for experts. https://arxiv.org/abs/2311.12022",
    about_zh="生物、物理、化学的研究生级选择题，借助搜索引擎也难以作答；选项顺序由随机种子打乱。",
    source=Source(
        id="modelscope/gpqa",
        huggingface_id="Idavidrein/gpqa",
        subsets=("gpqa_diamond", "gpqa_main", "gpqa_extended"),
        asked_subsets=("gpqa_diamond",),  # each of the others holds the one before it
        split="train",
        patterns=("{subset}", "dataset/{subset}"),
        num_records={"gpqa_diamond": 198, "gpqa_main": 448, "gpqa_extended": 546},
        has_ids=True,
        licence="CC-BY-4.0",
    ),
    to_sample=to_sample,
    shuffles_choices=True,
    tags=("knowledge", "reasoning"),
)

# longer than most, for its records keep the right choice apart from the others
