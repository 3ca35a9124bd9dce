"""Questions that the stub server knows, read from files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Known:
    """A question of a data set: how it is recognised, and what is right.

    Where `right` and `wrong` are given they are what is said, word for word; or the texts of the choices whose letters
    are said, where `is_shuffled`. Else what is said is made from `rationale` and `target`.
    """

    question: str
    rationale: str = ""
    target: str = ""
    choices: tuple[str, ...] = ()
    right: str = ""
    wrong: str = ""
    is_shuffled: bool = False

    def is_asked_in(self, text: str) -> bool:
        """Whether a text begins with this question and goes on with its choices, as "A. water" in lines of their own.

        Where `is_shuffled` the choices may stand in any order, else only in that of the record.
        """
        if not text.startswith(self.question):
            return False
        rest = f"{text[len(self.question) :]}\n"
        if self.is_shuffled:
            return all(f". {choice}\n" in rest for choice in self.choices)
        listed = "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, self.choices, strict=False))
        return f"{listed}\n" in rest


def read_known(path: str) -> Iterator[Known]:
    """Rows of any benchmark: question, right, wrong; choices and shuffled where there are choices."""
    for row in read_rows(path):
        yield Known(
            question=row["question"].strip(),
            choices=tuple(row.get("choices", ())),
            right=row["right"],
            wrong=row["wrong"],
            is_shuffled=row.get("shuffled", False),
        )


def read_gsm8k(path: str) -> Iterator[Known]:
    for row in read_rows(path):
        rationale, _, target = row["answer"].rpartition("####")
        yield Known(row["question"].strip(), rationale.strip(), target.strip().replace(",", ""))


def read_arc(path: str) -> Iterator[Known]:
    """The questions of a file in either layout; digits as labels become letters by their position."""
    for row in read_rows(path):
        if isinstance(row["question"], dict):
            question = row["question"]["stem"]
            choices = row["question"]["choices"]
            texts, labels = [choice["text"] for choice in choices], [choice["label"] for choice in choices]
        else:
            question, texts, labels = row["question"], row["choices"]["text"], row["choices"]["label"]
        yield Known(question.strip(), "", LETTERS[labels.index(row["answerKey"])], tuple(texts))


def read_mcq(path: str) -> Iterator[Known]:
    for row in read_rows(path):
        yield Known(row["question"].strip(), "", LETTERS[row["answer"]], tuple(row["choices"]))


def read_rows(path: str) -> Iterator[dict[str, Any]]:
    with Path(path).open(encoding="utf-8", newline="\n") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
