"""DROP: questions that count, sort and add up what a passage says. https://arxiv.org/abs/1903.00161"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.free_text import short_answer
from evalscope.metrics.mean import Mean
from evalscope.scorers.spans.match import SpansMatch
from evalscope.solvers.ask_once import ask_once

PROMPT = Template(
    "Read the passage and answer the question about it with a number, a date or words of the passage. Reply with one "
    "line only, in the form “ANSWER: …”; where several things are asked for, put “; ” between them.\n"
    "\n"
    "{examples}Passage: {question}\n"
    "ANSWER:"
)


def unfold(record: Record) -> Iterator[Record]:
    """The authors' file is one object of passages, each with its questions."""
    passages = record if "passage" not in record and "question" not in record else {"": record}
    for name, passage in passages.items():
        if "qa_pairs" not in passage:
            yield passage
            continue
        for pair in passage["qa_pairs"]:
            yield {"section_id": name, "passage": passage["passage"], **pair}


def to_sample(record: Record) -> Sample:
    """The questions of a passage are a group; a target is one whole answer, each span of it on a line."""
    if "answers_spans" in record:
        answers = flat_answers(record["answers_spans"]["spans"], record["answers_spans"]["types"])
    else:
        validated = record.get("validated_answers") or ()
        answers = [read_answer(answer) for answer in (record["answer"], *_rows(validated))]
    targets = tuple(dict.fromkeys("\n".join(answer) for answer in answers if any(span.strip() for span in answer)))
    if not targets:
        raise ValueError("there is no answer")
    return Sample(
        input=f"{record['passage'].strip()}\n\nQuestion: {record['question'].strip()}",
        target=targets,
        group=record["section_id"],
    )


def flat_answers(spans: Sequence[str], types: Sequence[str]) -> list[tuple[str, ...]]:
    """The answers that several people gave, of which the hub's form lists all spans one after the other.

    A number or date is an answer by itself. Of texts it is no longer known which belong together: where the list
    repeats itself, what is repeated is the answer; else each text counts as one, and all of them together as well.
    """
    single = [(span,) for span, kind in zip(spans, types, strict=True) if kind != "span"]
    texts = tuple(span for span, kind in zip(spans, types, strict=True) if kind == "span")
    for size in range(1, len(texts) // 2 + 1):
        if len(texts) % size == 0 and texts == texts[:size] * (len(texts) // size):
            return [*single, texts[:size]]
    return [*single, *((text,) for text in texts), *([tuple(dict.fromkeys(texts))] if len(texts) > 1 else [])]


def read_answer(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """The spans of one answer: a number, a date, or texts."""
    date = answer.get("date") or {}
    written = " ".join(part for name in ("day", "month", "year") if (part := str(date.get(name) or "").strip()))
    if str(answer.get("number") or "").strip():
        return (str(answer["number"]).strip(),)
    return (written,) if written else tuple(answer.get("spans") or ())


def _rows(answers: Any) -> list[Mapping[str, Any]]:
    """The answers one by one; some copies hold a list for each column."""
    if not isinstance(answers, Mapping):
        return list(answers)
    names = [name for name in ("number", "date", "spans") if name in answers]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*(answers[name] for name in names), strict=True)]


BENCHMARK = Benchmark(
    name="drop",
    about="Questions that count, sort and add up what a passage says. https://arxiv.org/abs/1903.00161",
    about_zh="需要对短文内容进行计数、排序、加减等离散推理的阅读理解题。",
    source=Source(
        id="AI-ModelScope/DROP",
        huggingface_id="ucinlp/drop",
        split="validation",
        few_shot_split="train",
        patterns=("drop_dataset_{old_split}",),
        old_splits={"validation": "dev"},
        num_records={"default": 9535},  # as the hub has it: the authors' file has one more, which has no answer
        unfold=unfold,
        licence="CC-BY-SA-4.0",
    ),
    to_sample=to_sample,
    prompt=PROMPT,
    few_shot=FewShot(num=3, answer=lambda sample: sample.targets[0].replace("\n", "; ")),
    solver=ask_once,
    extract=short_answer,
    scorer=SpansMatch(),
    metrics=(Mean("f1", "f1"), Mean("em", "em")),
    notes=(
        "the hub lists the texts of several people in a row: each counts as an answer, and all of them together; the "
        "authors' file, whose answers are apart, is read too",
    ),
    generation=Generation(max_tokens=64, temperature=0.0),
    tags=("reading", "reasoning"),
)

# longer than most, for its answers are published in three forms
