"""WinoGrande: which of two names fits the blank in a sentence. https://arxiv.org/abs/1907.10641"""

from dataclasses import replace

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks._multiple_choice import CONTINUED, by_letter, with_ranking
from evalscope.core.benchmark import Source
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.metrics.mean import Mean
from evalscope.scorers.likelihood import LikelihoodMatch
from evalscope.solvers.rank_rests import filled_in, rank_rests, right_filled_in

PROMPT = Template(
    "Choose what fits the blank (_) in the text. Reply with one line only, in the form “ANSWER: X”, where X is one "
    "of the letters {letters}.\n"
    "\n"
    "{examples}Text: {question}\n"
    "{choices}\n"
    "ANSWER:"
)


def to_sample(record: Record) -> Sample:
    """The answer is "1" or "2"; in the test split, where none is published, it is empty."""
    choices = record["option1"].strip(), record["option2"].strip()
    if record["answer"] not in ("1", "2"):
        raise ValueError(f"the answer is {record['answer']!r}, neither '1' nor '2'; those of test are not published")
    return Sample(input=record["sentence"].strip(), choices=choices, target=key_letter(int(record["answer"]) - 1, 2))


def to_parted_sample(record: Record) -> Sample:
    """What stands before the blank is the question, what follows it the rest that is ranked behind either name."""
    sample = to_sample(record)
    before, blank, rest = sample.question.partition("_")
    if not before.strip() or not blank:
        raise ValueError(f"no blank (_) with words before it in {sample.question!r}")
    return replace(sample, input=before.strip(), metadata={"rest": rest.strip()})


LETTERED = by_letter(
    name="winogrande",
    about="Which of two names fits the blank in a sentence. https://arxiv.org/abs/1907.10641",
    about_zh="从两个名称中选出适合填入句中空格的一个（指代消解）。",
    source=Source(
        id="AI-ModelScope/winogrande_val",
        huggingface_id="allenai/winogrande",
        subsets=("winogrande_xl",),
        split="validation",
        few_shot_split="train",
        patterns=("{subset}_{split}", "{old_split}"),
        old_splits={"validation": "dev", "train": "train_xl"},
        num_records={"winogrande_xl": 1267},
        licence="CC-BY-4.0",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    tags=("commonsense",),
)
BENCHMARK = with_ranking(
    LETTERED,
    prompt=CONTINUED,
    continuations=filled_in,
    answer=right_filled_in,
    scorer=LikelihoodMatch(divides=False),
    metrics=(Mean("acc", "acc"),),
    to_sample=to_parted_sample,
    solver=rank_rests,
)

# longer than most, for its likelihood is another: that of the rest of the sentence, given either name
