"""OlympiadBench, text alone: olympiad problems of mathematics in English. https://arxiv.org/abs/2402.14008"""

from fractions import Fraction

from evalscope.benchmarks._boxed_answers import boxed
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """All answers together are right, in any order; where the authors give a margin of error, that near is right."""
    answers = ", ".join(record["final_answer"])
    if not answers.strip():
        raise ValueError("there is no final answer: problems that ask for a proof are not part of this benchmark")
    asked = [text.strip() for text in (record.get("context"), record["question"]) if text]
    margin = {"tolerance": str(Fraction(record["error"]))} if record.get("error") else {}
    return Sample(
        id=str(record["id"]), input="\n\n".join(asked), target=answers, category=record["subfield"], metadata=margin
    )


BENCHMARK = boxed(
    name="olympiadbench",
    about="Olympiad problems of mathematics in English, without figures. https://arxiv.org/abs/2402.14008",
    about_zh="英文奥林匹克数学竞赛题（纯文本、开放式作答）。",
    source=Source(
        id="AI-ModelScope/OlympiadBench",
        huggingface_id="Hothan/OlympiadBench",
        subsets=("OE_TO_maths_en_COMP",),
        patterns=("{subset}/{subset}", "{subset}"),
        num_records={"OE_TO_maths_en_COMP": 675},
        has_ids=True,
        licence="Apache-2.0",
    ),
    to_sample=to_sample,
    has_prose=True,
    aliases=("olympiad_bench",),
)
