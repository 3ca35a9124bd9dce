"""AIME 2025: the thirty problems of both papers, with whole numbers up to 999 as answers. https://maa.org/aime"""

from evalscope.benchmarks._boxed_answers import boxed, competition_sample
from evalscope.core.benchmark import Source

BENCHMARK = boxed(
    name="aime25",
    about="The thirty problems of the American Invitational Mathematics Examination 2025. https://maa.org/aime",
    about_zh="2025 年美国数学邀请赛（AIME I 与 II）的 30 道题，答案为 0 到 999 的整数。",
    source=Source(
        id="evalscope/aime25",
        huggingface_id="math-ai/aime25",
        patterns=("aime_2025",),
        num_records={"default": 30},
        licence="problems of the Mathematical Association of America",
    ),
    to_sample=competition_sample,
    aliases=("aime_2025", "aime2025"),
)
