"""CMMLU: Chinese questions with four choices in 67 subjects. https://arxiv.org/abs/2306.09212"""

import re

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import LISTED_ZH, by_letter, with_letters_ranked
from evalscope.benchmarks._subjects import CMMLU, categories, num_records
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.prompts.choices import SINGLE_ANSWER_ZH


def to_sample(record: Record) -> Sample:
    """The hub lists the choices as "(A) 水稻" and answers "(A)"; the authors' csv has columns with capital names."""
    if "choices" in record:
        question, answer = record["question"], record["answer"]
        choices = [re.sub(r"^\([A-D]\)", "", choice) for choice in record["choices"]]
    else:
        question, answer = record["Question"], record["Answer"]
        choices = [record[letter] for letter in "ABCD"]
    return Sample(
        input=question.strip(),
        choices=tuple(choice.strip() for choice in choices),
        target=key_letter(answer, len(choices)),
    )


BENCHMARK = with_letters_ranked(
    by_letter(
        name="cmmlu",
        about="Chinese questions with four choices in 67 subjects. https://arxiv.org/abs/2306.09212",
        about_zh="涵盖 67 个学科的中文四选一选择题。",
        source=Source(
            id="evalscope/cmmlu",
            huggingface_id="haonan-li/cmmlu",
            subsets=tuple(num_records(CMMLU)),
            split="test",
            few_shot_split="dev",
            subset_column="category",
            num_records=num_records(CMMLU),
            old_ids=("modelscope/cmmlu",),
            licence="CC-BY-NC-SA-4.0",
        ),
        to_sample=to_sample,
        prompt=SINGLE_ANSWER_ZH,
        few_shot_num=5,
        categories=categories(CMMLU),
        notes=(
            "categories are a partition: what is specific to China stands in no other category; "
            "the authors' overlap, and count it twice",
        ),
        tags=("knowledge", "chinese"),
    ),
    LISTED_ZH,
)
