"""Small data sets of our own in the shape of the real ones, written where a test wants them."""

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


def _nested(row: Mapping[str, Any]) -> dict[str, Any]:
    pairs = zip(row["choices"]["text"], row["choices"]["label"], strict=True)
    question = {"stem": row["question"], "choices": [{"text": text, "label": label} for text, label in pairs]}
    return {"id": row["id"], "question": question, "answerKey": row["answerKey"]}
