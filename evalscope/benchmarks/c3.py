"""C3: Chinese questions about dialogues and other short texts, with two to four choices. https://arxiv.org/abs/1904.09679"""

from collections.abc import Iterator

from evalscope.benchmarks._multiple_choice import by_letter, target_text, with_ranking
from evalscope.core.benchmark import Source
from evalscope.core.sample import LETTERS, Record, Sample
from evalscope.core.template import Template
from evalscope.metrics.mean import Mean
from evalscope.scorers.likelihood import LikelihoodMatch

PROMPT = Template(
    "请阅读下面的文字并回答关于它的单项选择题。只回复一行，格式为“答案：X”，其中 X 是正确选项的字母。\n"
    "\n"
    "{examples}文字：{question}\n"
    "{choices}\n"
    "答案："
)
COMPLETED = Template("{examples}文字：{question}\n答案：")


def unfold(record: Record) -> Iterator[Record]:
    """A text may come once with each of its questions; or with all of them, as a list or as one list a column."""
    if "questions" not in record:
        yield record
        return
    asked = record["questions"]
    names = ("question", "choice", "answer")
    if isinstance(asked, dict):
        asked = [dict(zip(names, cells, strict=True)) for cells in zip(*(asked[name] for name in names), strict=True)]
    for one in asked:
        yield {"context": record["documents"], "id": record["document_id"], **one}


def to_sample(record: Record) -> Sample:
    """The answer is the text of a choice; should it stand there twice, both are right. A text groups its questions."""
    choices, answer = tuple(choice.strip() for choice in record["choice"]), record["answer"].strip()
    letters = tuple(letter for letter, choice in zip(LETTERS, choices, strict=False) if choice == answer)
    if not letters:
        raise ValueError(f"the answer {answer!r} is none of the choices {', '.join(map(repr, choices))}")
    return Sample(
        input="\n".join([*(line.strip() for line in record["context"]), "", f"问题：{record['question'].strip()}"]),
        choices=choices,
        target=letters[0] if len(letters) == 1 else letters,
        group=str(record.get("id") or ""),
    )


BENCHMARK = with_ranking(
    by_letter(
        name="c3",
        about="Chinese questions about dialogues and other short texts. https://arxiv.org/abs/1904.09679",
        about_zh="针对对话和短文的中文阅读理解选择题。",
        source=Source(
            id="dataset-org/c3",
            subsets=("mixed", "dialog"),
            split="test",
            few_shot_split="train",
            num_records={"mixed": 2002, "dialog": 1890},
            unfold=unfold,
            licence="non-commercial research only",
        ),
        to_sample=to_sample,
        prompt=PROMPT,
        few_shot_num=3,
        tags=("reading", "chinese"),
    ),
    prompt=COMPLETED,
    continuations=lambda sample: sample.choices,  # behind a full-width colon, which is wide enough
    answer=target_text,
    scorer=LikelihoodMatch(),
    metrics=(Mean("acc", "acc"), Mean("acc_norm", "acc_norm")),
)

# longer than most, for hubs publish it in two forms, and its prompts are Chinese
