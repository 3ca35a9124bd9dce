"""One question of a raw file, with a right and a wrong reply as a person would write them."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Row:
    """What must stand in the prompt, and what may be replied.

    Attributes:
        subset: the part of the benchmark that the row belongs to.
        question: the text as it must stand in the prompt, white space at its ends aside.
        right: a reply that is right; where `shuffled` the text of the right choice.
        wrong: a reply that is wrong; where `shuffled` the text of a wrong choice.
        choices: what the prompt must list.
        shuffled: the choices are listed in any order.
        unscored: nothing is right in its record, so that whatever is replied fails to be scored.
    """

    subset: str
    question: str
    right: str
    wrong: str
    choices: tuple[str, ...] = ()
    shuffled: bool = False
    unscored: bool = False


def lettered(
    subset: str, question: str, choices: Sequence[str], place: int, number: int, reply: str = "ANSWER: {}"
) -> Row:
    """A question with choices; which of the others is the wrong reply depends on the row's `number`."""
    other = (place + 1 + number % (len(choices) - 1)) % len(choices)
    right, wrong = (reply.replace("{}", LETTERS[at]) for at in (place, other))
    return Row(subset, question, right, wrong, tuple(choice.strip() for choice in choices))


def json_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a jsonl file; lines end at "\\n" only, for other line ends stand inside texts."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)


def csv_rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, str]]:
    """The rows of a csv file; without `columns` its first line names them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, columns)
