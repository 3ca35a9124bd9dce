"""C-Eval: Chinese examination questions with four choices in 52 subjects. https://arxiv.org/abs/2305.08322"""

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import LISTED_ZH, by_letter, with_letters_ranked
from evalscope.benchmarks._subjects import CEVAL, categories, num_records
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.prompts.choices import SINGLE_ANSWER_ZH


def to_sample(record: Record) -> Sample:
    """The test split has no answers: its csv lacks the column, on the hub it is empty."""
    if not record.get("answer"):
        raise ValueError("no answer in the record: C-Eval has no answers published for its test split; ask val")
    return Sample(
        id=str(record["id"]),
        input=record["question"].strip(),
        choices=tuple(record[letter].strip() for letter in "ABCD"),
        target=key_letter(record["answer"], 4),
    )


BENCHMARK = with_letters_ranked(
    by_letter(
        name="ceval",
        about="Chinese examination questions with four choices in 52 subjects. https://arxiv.org/abs/2305.08322",
        about_zh="涵盖 52 个学科的中文考试四选一选择题。",
        source=Source(
            id="evalscope/ceval",
            huggingface_id="ceval/ceval-exam",
            subsets=tuple(num_records(CEVAL)),
            split="val",
            few_shot_split="dev",
            num_records=num_records(CEVAL),
            has_ids=True,
            old_ids=("modelscope/ceval-exam",),
            licence="CC-BY-NC-SA-4.0",
        ),
        to_sample=to_sample,
        prompt=SINGLE_ANSWER_ZH,
        few_shot_num=5,
        categories=categories(CEVAL),
        tags=("knowledge", "chinese"),
    ),
    LISTED_ZH,
)
