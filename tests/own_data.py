"""Small data sets of our own in the shape of the real ones, written where a test wants them."""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

THINGS = ("apples", "pears", "nails", "books", "stamps", "shells", "coins", "cups", "pens", "beads", "eggs", "leaves")
ANIMALS = ("horse", "trout", "raven", "snail", "beetle", "otter", "lizard", "goat", "crane", "toad", "moth", "seal")
OTHERS = ("hammer", "cloud", "window", "river", "blanket", "engine", "pebble", "ladder", "lantern", "anchor", "rope")


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Writes one row a line, making the folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def sums(num: int, first: int = 0) -> list[dict[str, str]]:
    """Rows in the shape of gsm8k, every question different."""
    return [_sum(index) for index in range(first, first + num)]


def _sum(index: int) -> dict[str, str]:
    thing, a, b = THINGS[index % len(THINGS)], 11 + index, 3 + 2 * index
    question = f"Nora has {a} {thing} and buys {b} more. How many {thing} does she have?"
    return {"question": question, "answer": f"She has {a} + {b} = <<{a}+{b}={a + b}>>{a + b}.\n#### {a + b}"}


def quizzes(num: int, prefix: str, first: int = 0) -> list[dict[str, Any]]:
    """Rows in the shape of arc, every question different."""
    return [_quiz(index, prefix) for index in range(first, first + num)]


def _quiz(index: int, prefix: str) -> dict[str, Any]:
    place = index % 4
    texts = [OTHERS[(index + step) % len(OTHERS)] for step in range(3)]
    texts.insert(place, ANIMALS[index % len(ANIMALS)])
    return {
        "id": f"{prefix}_{index}",
        "question": f"In list {index} of {prefix}, which one is an animal?",
        "choices": {"text": texts, "label": list("ABCD")},
        "answerKey": "ABCD"[place],
    }


def write_gsm8k(folder: Path, num: int = 12) -> Path:
    """A folder as the data.zip of old has it."""
    write_jsonl(folder / "test.jsonl", sums(num, first=100))
    write_jsonl(folder / "train.jsonl", sums(8))
    return folder


def write_arc(folder: Path, num: int = 12) -> Path:
    """A folder as the data.zip of old has it: stem and choices nested, splits in the files' names."""
    for subset in ("ARC-Easy", "ARC-Challenge"):
        for split, rows in (("Test", quizzes(num, subset)), ("Train", quizzes(8, subset, first=1000))):
            write_jsonl(folder / subset / f"{subset}-{split}.jsonl", map(_nested, rows))
    return folder


CHINESE_SUBJECTS = {"ceval": ("law", "physician"), "cmmlu": ("anatomy", "virology")}


def write_chinese(folder: Path) -> Path:
    """ceval and cmmlu with two subjects each, as the authors' csv files lie."""
    for subject in CHINESE_SUBJECTS["ceval"]:
        for split, num in (("dev", 5), ("val", 6)):
            rows = [{"id": index, **_columns(row)} for index, row in enumerate(quizzes(num, f"{subject} {split}"))]
            rows = [{**row, "explanation": ""} for row in rows] if split == "dev" else rows
            _write_csv(folder / "ceval" / split / f"{subject}_{split}.csv", rows)
    for subject in CHINESE_SUBJECTS["cmmlu"]:
        for split, num in (("dev", 5), ("test", 6)):
            columns = [_columns(row) for row in quizzes(num, f"{subject} {split}")]
            rows = [
                {"": index, **{name if len(name) == 1 else name.capitalize(): cell for name, cell in row.items()}}
                for index, row in enumerate(columns)
            ]
            _write_csv(folder / "cmmlu" / split / f"{subject}.csv", rows)
    return folder


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    choices = dict(zip("ABCD", row["choices"]["text"], strict=True))
    return {"question": row["question"], **choices, "answer": row["answerKey"]}


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _nested(row: Mapping[str, Any]) -> dict[str, Any]:
    pairs = zip(row["choices"]["text"], row["choices"]["label"], strict=True)
    question = {"stem": row["question"], "choices": [{"text": text, "label": label} for text, label in pairs]}
    return {"id": row["id"], "question": question, "answerKey": row["answerKey"]}
