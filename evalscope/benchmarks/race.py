"""RACE: English examination questions about a passage, with four choices. https://arxiv.org/abs/1704.04683"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import by_letter, with_choices_ranked
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template

PROMPT = Template(
    "Read the passage and choose the right answer to the question about it. Reply with one line only, in the form "
    "“ANSWER: X”, where X is one of the letters {letters}.\n"
    "\n"
    "{examples}Passage: {question}\n"
    "{choices}\n"
    "ANSWER:"
)
COMPLETED = Template("{examples}Passage: {question}\nAnswer:")
"""What options are ranked behind; where the question has a blank they follow it all the same, and do not fill it."""


def to_sample(record: Record) -> Sample:
    """The question goes with its passage; about four questions share one, so their errors go together."""
    return Sample(
        input=f"{record['article'].strip()}\n\nQuestion: {record['question'].strip()}",
        choices=tuple(option.strip() for option in record["options"]),
        target=key_letter(record["answer"], len(record["options"])),
        group=record["example_id"],
    )


BENCHMARK = with_choices_ranked(
    by_letter(
        name="race",
        about="English examination questions about a passage, with four choices. https://arxiv.org/abs/1704.04683",
        about_zh="针对一篇短文的英语考试四选一选择题。",
        source=Source(
            id="evalscope/race",
            huggingface_id="ehovy/race",
            subsets=("high", "middle"),
            split="test",
            few_shot_split="train",
            num_records={"high": 3498, "middle": 1436},
            old_ids=("modelscope/race",),
            licence="non-commercial research only",
        ),
        to_sample=to_sample,
        prompt=PROMPT,
        few_shot_num=3,
        tags=("reading",),
    ),
    COMPLETED,
)
