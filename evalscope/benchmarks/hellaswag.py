"""HellaSwag: which of four endings continues a description of everyday life. https://arxiv.org/abs/1905.07830"""

import re
from dataclasses import replace

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import by_letter, with_choices_ranked
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template

PROMPT = Template(
    "Choose the ending that continues the text best. Reply with one line only, in the form “ANSWER: X”, where X is "
    "one of the letters {letters}.\n"
    "\n"
    "{examples}Text: {question}\n"
    "Which ending comes next?\n"
    "{choices}\n"
    "ANSWER:"
)
CONTINUED = Template("{examples}{question}")


def to_sample(record: Record) -> Sample:
    """The label is a number in the authors' files and a text on the hub; the test split's is empty."""
    if record["label"] == "":
        raise ValueError("the label is empty: the answers of this split are not published")
    endings = tuple(without_marks(ending) for ending in record["endings"])
    context, begun = record["ctx"].strip(), (record.get("ctx_b") or "").strip()
    if begun and context.endswith(f". {begun}"):  # the sentence to be continued begins with a small letter
        context = context.removesuffix(begun) + begun[0].upper() + begun[1:]
    return Sample(
        input=without_marks(context),
        choices=endings,
        target=key_letter(int(record["label"]), len(endings)),
        group=record.get("source_id") or "",  # up to six descriptions are of one video, and their errors go together
    )


def to_titled_sample(record: Record) -> Sample:
    """What is ranked continues the description itself, behind the name of the activity, as is usual."""
    sample = to_sample(record)
    return replace(sample, input=f"{record['activity_label'].strip()}: {sample.question}")


def without_marks(text: str) -> str:
    """The prose of a WikiHow article without the marks of its parts, such as [title] and [step].

    Headings carry no full stop of their own, so what follows one of them begins a sentence.
    """
    text = re.sub(r"(?<=[^\s.!?:;,\]])\s*(?=\[title\])", ".", text)
    return re.sub(r"\s+", " ", re.sub(r"\[(?:header|title|step|substeps)\]", " ", text)).strip()


BENCHMARK = with_choices_ranked(
    by_letter(
        name="hellaswag",
        about="Which of four endings continues a description of everyday life. https://arxiv.org/abs/1905.07830",
        about_zh="从四个结尾中选出最能延续一段日常生活描述的一个。",
        source=Source(
            id="evalscope/hellaswag",
            huggingface_id="Rowan/hellaswag",
            split="validation",
            few_shot_split="train",
            patterns=("hellaswag_{split}",),
            num_records={"default": 10042},
            old_ids=("modelscope/hellaswag",),
            licence="MIT",
        ),
        to_sample=to_sample,
        prompt=PROMPT,
        tags=("commonsense",),
    ),
    CONTINUED,
    to_titled_sample,
)
