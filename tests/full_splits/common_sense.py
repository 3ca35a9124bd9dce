"""Reads the raw files of common sense and short reading, in the order of their rows."""

from collections.abc import Iterator
from pathlib import Path

from tests.full_splits.row import Row, json_rows, lettered


def winogrande(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "winogrande_xl_validation.jsonl")):
        choices = [record["option1"], record["option2"]]
        yield lettered("winogrande_xl", record["sentence"], choices, int(record["answer"]) - 1, number)


def piqa(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "validation.jsonl")):
        yield lettered("default", record["goal"], [record["sol1"], record["sol2"]], record["label"], number)


def boolq(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "val.jsonl")):
        question = f"{record['passage'].strip()}\n\nQuestion: {record['question'].strip()}?"
        yield lettered("default", question, ["yes", "no"], 0 if record["label"] else 1, number)


def social_i_qa(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "validation.jsonl")):
        choices = [record[f"answer{letter}"] for letter in "ABC"]
        question = f"{record['context'].strip()} {record['question'].strip()}"
        yield lettered("default", question, choices, int(record["label"]) - 1, number)


def openbookqa(folder: Path) -> Iterator[Row]:
    yield from _keyed(folder, "question_stem", "main")


def commonsense_qa(folder: Path) -> Iterator[Row]:
    yield from _keyed(folder, "question", "default")


def _keyed(folder: Path, column: str, subset: str) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "validation.jsonl")):
        place = record["choices"]["label"].index(record["answerKey"])
        yield lettered(subset, record[column], record["choices"]["text"], place, number)


def sciq(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "validation.jsonl")):
        right = record["correct_answer"].strip()
        choices = sorted([right, *(record[f"distractor{place}"].strip() for place in (1, 2, 3))])
        passage = f"{record['support'].strip()}\n\n" if record["support"].strip() else ""
        question = f"{passage}Question: {record['question'].strip()}"
        yield lettered("default", question, choices, choices.index(right), number)


def nq_open(folder: Path) -> Iterator[Row]:
    """Every answer gets its turn; the wrong reply holds a right one."""
    for number, record in enumerate(json_rows(folder / "validation.jsonl")):
        answers = record["answer"]
        right, wrong = f"ANSWER: {answers[number % len(answers)]}", f"ANSWER: {answers[0]} of Nowhere"
        yield Row("default", record["question"], right, wrong)
