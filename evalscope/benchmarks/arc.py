"""ARC: school science questions with three to five choices, easy and hard. https://arxiv.org/abs/1803.05457"""

from evalscope.benchmarks._multiple_choice import by_letter, with_choices_ranked
from evalscope.core.benchmark import Source
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.core.template import Template

COMPLETED = Template("{examples}Question: {question}\nAnswer:")


def to_sample(record: Record) -> Sample:
    """Some answer keys are digits, so the letter comes from the key's place among the labels.

    The authors' archive nests the question's text and choices as question: {stem, choices: [{text, label}]}.
    """
    question, choices = record["question"], record.get("choices")
    if isinstance(question, dict):
        question, nested = question["stem"], question["choices"]
        choices = {"text": [choice["text"] for choice in nested], "label": [choice["label"] for choice in nested]}
    elif choices is None:
        raise KeyError("choices")
    labels, key = list(choices["label"]), record["answerKey"]
    if key not in labels:
        raise ValueError(f"the answer key {key!r} is not among the choices {', '.join(map(repr, labels))}")
    return Sample(id=record["id"], input=question, choices=tuple(choices["text"]), target=LETTERS[labels.index(key)])


BENCHMARK = with_choices_ranked(
    by_letter(
        name="arc",
        about="School science questions with three to five choices, easy and hard. https://arxiv.org/abs/1803.05457",
        about_zh="学校科学考试题，每题三至五个选项，分简单与困难两个子集。",
        source=Source(
            id="allenai/ai2_arc",
            subsets=("ARC-Easy", "ARC-Challenge"),
            split="test",
            few_shot_split="train",
            patterns=("{subset}/{subset}-{Split}",),
            num_records={"ARC-Easy": 2376, "ARC-Challenge": 1172},
            has_ids=True,
            old_ids=("modelscope/ai2_arc",),
            licence="CC-BY-SA-4.0",
        ),
        to_sample=to_sample,
        aliases=("ai2_arc",),
        tags=("reasoning",),
    ),
    COMPLETED,
)
