"""Questions of the user's own with reference answers: columns query and response, or whole conversations."""

from collections.abc import Mapping
from typing import cast

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.message import Message, Role
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.whole import whole_text
from evalscope.metrics.mean import Mean
from evalscope.scorers.overlap.match import TextOverlap
from evalscope.solvers.ask_once import ask_once

ROLES = ("system", "user", "assistant")

METRICS = {
    "rouge-l": "ROUGE-L",
    "rouge-1": "ROUGE-1",
    "rouge-2": "ROUGE-2",
    "bleu-1": "BLEU-1",
    "bleu-2": "BLEU-2",
    "bleu-3": "BLEU-3",
    "bleu-4": "BLEU-4",
    "exact": "ExactMatch",
}
"""The display name of each of the scorer's values."""


def to_sample(record: Record) -> Sample:
    """Messages go before a query beside them, and a response before the answer that they end with."""
    references = _references(record)
    turns = _turns(record)
    if turns and turns[-1].role == "assistant":
        references = references or (turns[-1].content,)
        turns = turns[:-1]
    turns = turns or _question(record)
    if turns[-1].role != "user":
        raise ValueError(f"the conversation ends with a turn of the {turns[-1].role}; nobody is asked anything")
    return Sample(
        input=turns[0].content if len(turns) == 1 else turns,
        target=references[0] if len(references) == 1 else references,
    )


def _turns(record: Record) -> tuple[Message, ...]:
    """The conversation with the row's own system's message before it; nothing where the record has none."""
    turns = record.get("messages")
    if not turns:
        return ()
    if not isinstance(turns, list):
        raise ValueError(f"messages is {turns!r:.80}; a list of turns with role and content is needed")
    said = tuple(_turn(turn, number) for number, turn in enumerate(turns, 1))
    system = _text(record, "system")
    if any(turn.role == "system" for turn in said[0 if system else 1 :]):
        raise ValueError("a turn of the system stands first, and there is one at most, counting the column system")
    return (Message("system", system), *said) if system else said


def _turn(turn: object, number: int) -> Message:
    role, content = (turn.get("role"), turn.get("content")) if isinstance(turn, Mapping) else (None, None)
    if role not in ROLES:
        raise ValueError(f"turn {number} of messages has the role {role!r}; known: {', '.join(ROLES)}")
    if not isinstance(content, str) or not content.strip():
        raise ValueError(f"the content of turn {number} of messages is {content!r:.80}; only text can be asked")
    return Message(cast("Role", role), content)


def _question(record: Record) -> tuple[Message, ...]:
    question = _text(record, "query") or _text(record, "question")
    if not question:
        raise ValueError("there is no question; it stands in a column query or question, or in messages")
    system = _text(record, "system")
    asked = Message("user", question)
    return (Message("system", system), asked) if system else (asked,)


def _references(record: Record) -> tuple[str, ...]:
    """The text of the response, or all of a list; empty ones are none."""
    for name in ("response", "answer"):
        cell = record.get(name)
        cells = cell if isinstance(cell, list) else [cell]
        texts = tuple(str(one) for one in cells if one is not None and str(one).strip())
        if texts:
            return texts
    return ()


def _text(record: Record, name: str) -> str:
    cell = record.get(name)
    return str(cell) if cell is not None and str(cell).strip() else ""


def first_reference(sample: Sample) -> str:
    """The answer of a solved example, which is shown by the last turn of its conversation alone."""
    return sample.targets[0]


BENCHMARK = Benchmark(
    name="general_qa",
    about="Questions of your own with reference answers: files with columns query and response, at local_path.",
    about_zh="您自己的问答题：带有 query 和 response 列的文件，由 local_path 指定。",
    source=Source(id="", split="test", few_shot_split="dev", patterns=("{subset}",)),
    to_sample=to_sample,
    prompt=Template("{examples}{question}"),
    few_shot=FewShot(num=0, answer=first_reference),
    solver=ask_once,
    extract=whole_text,
    scorer=TextOverlap(),
    metrics=tuple(Mean(name, value) for value, name in METRICS.items()),
    tags=("custom", "free-text"),
)
