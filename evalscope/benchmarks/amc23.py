"""AMC 2023: forty problems of the American contests AMC 12A and 12B, without their choices. https://maa.org/amc"""

from evalscope.benchmarks._boxed_answers import boxed, competition_sample
from evalscope.core.benchmark import Source

BENCHMARK = boxed(
    name="amc23",
    about="Forty problems of the American contests AMC 12A and 12B of 2023, without choices. https://maa.org/amc",
    about_zh="2023 年美国数学竞赛 AMC 12A 与 12B 的 40 道题，不给选项。",
    source=Source(
        id="math-ai/amc23",
        num_records={"default": 40},
        licence="problems of the Mathematical Association of America",
    ),
    to_sample=competition_sample,
    aliases=("amc_2023", "amc2023"),
)
