"""CommonsenseQA: questions about everyday concepts, with five choices. https://arxiv.org/abs/1811.00937"""

from evalscope.benchmarks._keyed_choices import read_keyed
from evalscope.benchmarks._multiple_choice import COMPLETED, by_letter, with_choices_ranked
from evalscope.core.benchmark import Source

BENCHMARK = with_choices_ranked(
    by_letter(
        name="commonsense_qa",
        about="Questions about everyday concepts, with five choices. https://arxiv.org/abs/1811.00937",
        about_zh="围绕日常概念的五选一常识题。",
        source=Source(
            id="extraordinarylab/commonsense-qa",
            huggingface_id="tau/commonsense_qa",
            split="validation",  # the answers of test are not published
            few_shot_split="train",
            num_records={"default": 1221},
            has_ids=True,
            licence="MIT",
        ),
        to_sample=lambda record: read_keyed(record, "question"),
        aliases=("csqa", "commonsenseqa"),
        tags=("commonsense",),
    ),
    COMPLETED,
)
