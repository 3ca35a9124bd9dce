"""Reads the raw files of mathematics, in the order of their rows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.full_splits.raw import last_boxed
from tests.full_splits.row import LETTERS, Row, json_rows, lettered

REASONED = "Most of the others can be ruled out at once.\nThat leaves one choice.\nANSWER: {}"


def boxed(question: str, target: str, wrong: str = "-987654", subset: str = "default") -> Row:
    """A question that is answered in a box; the wrong reply has another answer there."""
    right, wrong = (f"We reckon.\nANSWER: \\boxed{{{answer}}}" for answer in (target, wrong))
    return Row(subset, question, right, wrong)


def numbered(question: str, number: str, subset: str = "default", mark: str = "ANSWER: ") -> Row:
    """A question that is answered with a number; the wrong reply names the right one on its way."""
    right, wrong = (f"It is {number} at first.\n{mark}{answer}" for answer in (number, "987654"))
    return Row(subset, question, right, wrong)


def math_500(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "test.jsonl"):
        yield boxed(record["problem"], record["answer"])


def aime24(folder: Path) -> Iterator[Row]:
    """The right reply has no leading zeros, which answers have on the paper."""
    for record in json_rows(folder / "test.jsonl"):
        yield boxed(record["problem"], str(int(record["answer"])))


def aime25(folder: Path) -> Iterator[Row]:
    """One target is in degrees, and said without them."""
    for record in json_rows(folder / "aime_2025.jsonl"):
        yield boxed(record["question"], record["answer"].removesuffix("^\\circ"))


def amc23(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "test.jsonl"):
        yield boxed(record["problem"], str(int(record["answer"])))


def minerva_math(folder: Path) -> Iterator[Row]:
    """Numbers such as 4.5e33 are said as people write them."""
    for record in json_rows(folder / "test.jsonl"):
        target = last_boxed(record["solution"]).replace("np.", "\\")
        yield boxed(record["problem"], re.sub(r"^([\d.]+)e(-?\d+)$", r"\1 \\times 10^{\2}", target))


def olympiadbench(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "test.jsonl"):
        (answer,) = record["final_answer"]
        yield boxed(record["question"], answer, subset="OE_TO_maths_en_COMP")


def college_math(folder: Path) -> Iterator[Row]:
    """Some of the questions that stand there twice differ in the answer's full stop alone."""
    for record in json_rows(folder / "test.jsonl"):
        answer = re.sub(r"\.\$?$", lambda end: end.group()[1:], record["answer"])
        yield boxed(record["question"], answer, "\\text{nothing at all}")


def gaokao2023en(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "test.jsonl"):
        row = boxed(record["question"], record["answer"] or "5")
        yield row if record["answer"] else Row(row.subset, row.question, row.right, row.wrong, unscored=True)


def sat_math(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "test.jsonl")):
        options = re.findall(r"(?:[A-D][).] )(.*?)(?= [B-D][).] |$)", record["options"])
        yield _lettered("default", record, options, record["Answer"], number)


def aqua(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "test.jsonl")):
        options = [option.split(")", 1)[1] for option in record["options"]]
        if options[0].startswith("A)"):  # one record says its letters twice
            options = [option.split(")", 1)[1] for option in options]
        yield _lettered("raw", record, options, record["correct"], number)


def _lettered(subset: str, record: dict[str, Any], options: list[str], letter: str, number: int) -> Row:
    return lettered(subset, record["question"], options, LETTERS.index(letter), number, REASONED)


def svamp(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "test.jsonl"):
        stop = "" if record["Body"].endswith(".") else "."
        yield numbered(f"{record['Body']}{stop} {record['Question']}", str(int(record["Answer"])))


def cmath(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "test.jsonl"):
        yield numbered(record["question"], record["golden"], mark="答案：")


def mgsm_zh(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "mgsm_zh.jsonl"):
        yield numbered(record["messages"][0]["content"], record["answer"], "zh")
