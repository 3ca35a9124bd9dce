"""BoolQ: yes or no questions of search engine users, each about a passage. https://arxiv.org/abs/1905.10044"""

from evalscope.benchmarks._multiple_choice import OPENED, by_letter, with_choices_ranked
from evalscope.benchmarks.race import PROMPT
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample


def to_sample(record: Record) -> Sample:
    """The answer is true or false, and in SuperGLUE's copy the label, there also 1 or 0; questions lack their mark."""
    is_true = record["answer"] if "answer" in record else record["label"]
    if is_true not in (True, False):  # which 1 and 0 are too
        raise ValueError(f"the answer is {is_true!r}, neither true nor false; those of test are not published")
    return Sample(
        input=f"{record['passage'].strip()}\n\nQuestion: {record['question'].strip().rstrip('?')}?",
        choices=("yes", "no"),
        target="A" if is_true else "B",
    )


BENCHMARK = with_choices_ranked(
    by_letter(
        name="boolq",
        about="Yes or no questions of search engine users, each about a passage. https://arxiv.org/abs/1905.10044",
        about_zh="根据短文用是或否回答的搜索引擎用户提问。",
        source=Source(
            id="google/boolq",
            split="validation",
            few_shot_split="train",
            num_records={"default": 3270},
            old_ids=("super_glue/boolq",),
            licence="CC-BY-SA-3.0",
        ),
        to_sample=to_sample,
        prompt=PROMPT,
        tags=("reading",),
    ),
    OPENED,
)
