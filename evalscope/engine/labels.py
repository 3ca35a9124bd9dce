"""Answers that people have labelled, read from a file for a judge to be measured by."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalscope.core.rubric import Rubric
from evalscope.core.sample import Record, Sample
from evalscope.errors import DatasetError
from evalscope.sources.records import RecordFile, read_records

OTHER_WORDS: Mapping[str, float] = {
    **dict.fromkeys(("true", "1", "1.0", "yes", "right", "correct"), 1.0),
    **dict.fromkeys(("false", "0", "0.0", "no", "wrong", "incorrect"), 0.0),
}
"""What people write for a grade, with what the grade is worth; grades themselves go before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An answer with its label.

    Attributes:
        sample: the question, with the target; where two answers are compared, the other one is the target.
        answer: that is judged.
        label: what people say of it, a word that the rubric knows.
        order: its place in the file, from 0.
        repeat: how many times the judge was asked about it before.
    """

    sample: Sample
    answer: str
    label: str
    order: int
    repeat: int = 0

    def row_name(self) -> dict[str, Any]:
        """What names the rows of its judgements."""
        return {"dataset": "labels", "subset": "default", "sample_id": self.sample.id, "repeat": self.repeat}


def read_labels(path: Path, rubric: Rubric) -> tuple[Labelled, ...]:
    """The labelled answers of a file: question, answer, label, and what the rubric compares the answer with.

    Args:
        path: JSON lines, csv, or another file of records.
        rubric: whose grades the labels are; it compares with `target`, or with `other` where it asks which is better.

    Raises:
        DatasetError: the file cannot be read, or a row is not what is needed; with its line.
    """
    if not path.expanduser().is_file():
        raise DatasetError(f"the file of labels {str(path)!r} does not exist (looked in {Path.cwd()})")
    labelled: list[Labelled] = []
    for record, place in read_records(RecordFile(path.expanduser())):
        try:
            labelled.append(_read(record, rubric, len(labelled)))
        except ValueError as error:
            raise DatasetError(f"{place}: {error}") from None
    if not labelled:
        raise DatasetError(f"{path} holds no labelled answer; rows with question, answer, label … are needed")
    return tuple(labelled)


def _read(record: Record, rubric: Rubric, order: int) -> Labelled:
    compared = ("other",) if rubric.compares else ("target",) if rubric.needs_target else ()
    for name in ("question", "answer", *compared, "label"):
        if record.get(name) is None:
            raise ValueError(f"there is no {name!r}; the row has {', '.join(map(repr, record)) or 'nothing'}")
    target = tuple(text for name in compared for text in _texts(record, name))
    sample = Sample(id=str(order), input=_text(record, "question"), target=target)
    return Labelled(sample=sample, answer=_text(record, "answer"), label=_word(record["label"], rubric), order=order)


def _text(record: Record, name: str) -> str:
    cell = record[name]
    if not isinstance(cell, str) or not cell.strip():
        raise ValueError(f"{name} is {cell!r:.80}; a text is needed (no judge is asked about an empty one)")
    return cell


def _texts(record: Record, name: str) -> tuple[str, ...]:
    """One text, or several where each of them would be right."""
    if name == "target" and isinstance(record[name], list | tuple) and record[name]:
        return tuple(_text({name: cell}, name) for cell in record[name])
    return (_text(record, name),)


def _word(label: Any, rubric: Rubric) -> str:
    """The label as the rubric spells it.

    Raises:
        ValueError: the rubric has no such grade, or more than one that could be meant.
    """
    folded = str(label).strip().casefold().replace("-", "_").replace(" ", "_")
    for grade in rubric.grades:
        if grade.casefold() == folded:
            return grade
    worth = None if rubric.compares else OTHER_WORDS.get(folded)
    meant = [grade for grade, values in rubric.grades.items() if next(iter(values.values())) == worth]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(rubric.grades)
    if meant:
        raise ValueError(f"label is {label!r}, which could be {' or '.join(meant)}; write the grade")
    raise ValueError(f"label is {label!r:.80}; one of {known} is needed")
