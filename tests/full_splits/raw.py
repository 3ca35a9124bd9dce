"""Reads the raw files of each data set, in the order of their rows."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.full_splits.row import LETTERS, Row, csv_rows, json_rows, lettered

MARKS = re.compile(r"\[(?:header|title|step|substeps)\]")


def gsm8k(folder: Path) -> Iterator[Row]:
    """The wrong reply holds the right number too, in the reasoning before its own."""
    for record in json_rows(folder / "main/test.jsonl"):
        reasoning, number = record["answer"].split("####")
        number = number.strip()
        other = int(number.replace(",", "")) + 1
        yield Row("main", record["question"], f"{reasoning}ANSWER: {number}", f"{reasoning}ANSWER: {other}")


def arc(folder: Path) -> Iterator[Row]:
    for subset in ("ARC-Easy", "ARC-Challenge"):
        for number, record in enumerate(json_rows(folder / subset / "test.jsonl")):
            place = record["choices"]["label"].index(record["answerKey"])
            yield lettered(subset, record["question"], record["choices"]["text"], place, number)


def mmlu(folder: Path) -> Iterator[Row]:
    for path in sorted((folder / "data/test").glob("*_test.csv")):
        for number, record in enumerate(csv_rows(path, columns=("question", *"ABCD", "answer"))):
            choices = [record[letter] for letter in "ABCD"]
            subset = path.stem.removesuffix("_test")
            yield lettered(subset, record["question"], choices, LETTERS.index(record["answer"]), number)


def mmlu_pro(folder: Path) -> Iterator[Row]:
    reply = "Most of the others can be ruled out at once.\nThat leaves one choice.\nANSWER: {}"
    for number, record in enumerate(json_rows(folder / "test.jsonl")):
        place = LETTERS.index(record["answer"])
        yield lettered(record["category"], record["question"], record["options"], place, number, reply)


def ceval(folder: Path) -> Iterator[Row]:
    for path in sorted((folder / "val").glob("*_val.csv")):
        for number, record in enumerate(csv_rows(path)):
            choices = [record[letter] for letter in "ABCD"]
            place, subset = LETTERS.index(record["answer"]), path.stem.removesuffix("_val")
            yield lettered(subset, record["question"], choices, place, number, "答案：{}")


def cmmlu(folder: Path) -> Iterator[Row]:
    for path in sorted((folder / "test").glob("*.csv")):
        for number, record in enumerate(csv_rows(path)):
            choices = [record[letter] for letter in "ABCD"]
            place = LETTERS.index(record["Answer"])
            yield lettered(path.stem, record["Question"], choices, place, number, "答案：{}")


def bbh(folder: Path) -> Iterator[Row]:
    """The wrong reply is right for the next row that has another target."""
    reply = "Let us go through it one by one. That settles it. So the answer is {}."
    for path in sorted(folder.glob("*.json")):
        records = json.loads(path.read_text(encoding="utf-8"))["examples"]
        targets = [record["target"] for record in records]
        for number, record in enumerate(records):
            later = targets[number:] + targets[:number]
            other = next(target for target in later if target != record["target"])
            right, wrong = (reply.replace("{}", target) for target in (record["target"], other))
            yield Row(path.stem, record["input"], right, wrong)


def hellaswag(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "hellaswag_val.jsonl")):
        context = record["ctx"]
        # how a WikiHow article or a caption goes on, is a sentence of its own
        if record["ctx_b"] and record["ctx_a"].endswith("."):
            context = f"{record['ctx_a']} {record['ctx_b'][0].upper()}{record['ctx_b'][1:]}"
        endings = [plain(ending) for ending in record["endings"]]
        yield lettered("default", plain(context), endings, record["label"], number)


def plain(text: str) -> str:
    """The text without marks such as [title], a heading closed by a full stop before the text under it."""
    parts = [part.strip() for part in text.split("[title]")]
    closed = [part if re.search(r"[.!?:;,\]]$|^$", part) else f"{part}." for part in parts[:-1]]
    return " ".join(MARKS.sub(" ", " ".join([*closed, parts[-1]])).split())


def race_middle(folder: Path) -> Iterator[Row]:
    yield from _race("middle", folder / "middle/test.jsonl")


def race_high_validation(folder: Path) -> Iterator[Row]:
    yield from _race("high", folder / "high/validation.jsonl")


def _race(subset: str, path: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(path)):
        question = f"{record['article'].strip()}\n\nQuestion: {record['question'].strip()}"
        yield lettered(subset, question, record["options"], LETTERS.index(record["answer"]), number)


def trivia_qa(folder: Path) -> Iterator[Row]:
    """Every alias gets its turn; the wrong reply holds a right one."""
    for number, record in enumerate(json_rows(folder / "unfiltered.nocontext/validation.jsonl")):
        aliases = record["answers"]
        right, wrong = f"ANSWER: {aliases[number % len(aliases)]}", f"ANSWER: {aliases[0]} of Nowhere"
        yield Row("unfiltered.nocontext", record["question"], right, wrong)


def truthful_qa(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "multiple_choice/validation.jsonl"):
        right, *others = record["mc1_targets"]["choices"]
        choices = tuple(choice.strip() for choice in (right, *others))
        yield Row("multiple_choice", record["question"], choices[0], choices[-1], choices, shuffled=True)


def general_mcq(folder: Path) -> Iterator[Row]:
    for number, record in enumerate(json_rows(folder / "example_val.jsonl")):
        choices = [record[letter] for letter in "ABCD"]
        yield lettered("example", record["question"], choices, LETTERS.index(record["answer"]), number)


def general_qa(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "example.jsonl"):
        question = record["messages"][-1]["content"] if "messages" in record else record["query"]
        yield Row("example", question, record["response"], "zzz")


def competition_math(folder: Path) -> Iterator[Row]:
    """The right reply says again what stands in the solution's last box."""
    for record in json_rows(folder / "test.jsonl"):
        target = last_boxed(record["solution"])
        right, wrong = f"We reckon.\nANSWER: \\boxed{{{target}}}", "We reckon.\nANSWER: \\boxed{-987654}"
        yield Row(record["level"], record["problem"], right, wrong)


def last_boxed(solution: str) -> str:
    r"""What the last \boxed{…} or \fbox{…} holds; "\boxed 5" holds one character."""
    rest = re.split(r"\\f?box(?:ed)?", solution)[-1].lstrip()
    if not rest.startswith("{"):
        return rest[0]
    depth = 0
    for place, character in enumerate(rest):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if not depth:
            return rest[1:place]
    raise ValueError(f"the last box of a solution is not closed: {solution[-60:]!r}")


def humaneval(folder: Path) -> Iterator[Row]:
    """The right reply is the authors' solution in a code block."""
    with gzip.open(folder / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as file:
        for record in map(json.loads, file):
            bodies = record["canonical_solution"], "    raise ValueError\n"
            right, wrong = (f"```python\n{record['prompt']}{body}```" for body in bodies)
            yield Row("default", record["prompt"], right, wrong)


def simple_qa(folder: Path) -> Iterator[Row]:
    for record in csv_rows(folder / "simple_qa_test_set.csv"):
        yield Row("default", record["problem"], f"It is {record['answer'].strip()}.", "It is none of those.")


def chinese_simpleqa(folder: Path) -> Iterator[Row]:
    for record in json_rows(folder / "chinese_simpleqa.jsonl"):
        yield Row(record["primary_category"], record["question"], f"是{record['answer'].strip()}。", "都不是。")
