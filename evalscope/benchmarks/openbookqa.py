"""OpenBookQA: elementary science, to be combined with everyday knowledge. https://arxiv.org/abs/1809.02789"""

from evalscope.benchmarks._keyed_choices import read_keyed
from evalscope.benchmarks._multiple_choice import CONTINUED, by_letter, with_choices_ranked
from evalscope.core.benchmark import Source

BENCHMARK = with_choices_ranked(
    by_letter(
        name="openbookqa",
        about="Elementary science, to be combined with everyday knowledge. https://arxiv.org/abs/1809.02789",
        about_zh="需结合生活常识的小学科学四选一选择题。",
        source=Source(
            id="allenai/openbookqa",
            subsets=("main",),
            stand_in_split="validation",
            few_shot_split="train",
            num_records={"main": 500},
            has_ids=True,
            old_ids=("opencompass/openbookqa",),
            licence="Apache-2.0",
        ),
        to_sample=lambda record: read_keyed(record, "question_stem"),
        aliases=("obqa", "openbook_qa"),
        tags=("commonsense", "knowledge"),
    ),
    CONTINUED,  # most stems are sentences that a choice completes
)
