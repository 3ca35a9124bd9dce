"""What the stub server answers: decided by the prompt alone, so that two runs get the same text."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

LETTERS = "ABCDEFGHIJ"
MARKERS = ("Question:", "Problem:", "Q:", "问题：", "题目：")
HEAD_CHARACTERS = 48

# Neither text holds a digit or a lone capital letter, so that no extractor can find an answer in it.
RAMBLING = (
    "Let us think about what is being asked here, and which facts might bear upon it, before weighing them against "
    "each other; much could be said for more than one of them, and the matter deserves further thought."
)
CUT_OFF = "First we look at what the question says, then at what follows from it, and going on from there we see that"

PROSE = (
    "so we have the total of each item then add them to find how many are left after "
    "that first step which gives us this number and now multiply by two for day three"
)
WORDS = PROSE.split()[:32]


@dataclass(frozen=True, slots=True)
class Known:
    """A question of a data set: how it is recognised, and what is right."""

    question: str
    rationale: str
    target: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one prompt, and what an evaluation should make of it."""

    text: str
    finish_reason: str
    verdict: str
    target: str | None
    question: str


class Answers:
    """Turns a prompt into an answer, deterministically."""

    def __init__(
        self,
        *,
        known: Sequence[Known],
        p_correct: float,
        shares: Sequence[tuple[str, float]],
        template: str,
        words: int,
    ) -> None:
        """The answers to prompts that hold questions of `known`, or to any prompt.

        `shares` are the shares of "empty", "rambling" and "cut_off" answers; of the rest `p_correct` are right.
        """
        self.p_correct, self.shares, self.template, self.words = p_correct, tuple(shares), template, words
        self.by_line: dict[str, list[Known]] = {}
        for entry in known:
            line = strip_marker(first_line(entry.question))
            for key in {line, line[:HEAD_CHARACTERS]}:
                self.by_line.setdefault(key, []).append(entry)

    def __call__(self, prompt: str, digest: int) -> Answer:
        known = self.lookup(prompt) if self.by_line else None
        question = known.question if known else prompt[-HEAD_CHARACTERS:]
        # a second draw from the same prompt: were it the same one, the share of empty answers would eat up correct ones
        unit = unit_of(digest, b"kind") if self.shares else 1.0
        for verdict, share in self.shares:
            if unit < share:
                text, ending = {"empty": ("", "stop"), "rambling": (RAMBLING, "stop"), "cut_off": (CUT_OFF, "length")}[
                    verdict
                ]
                return Answer(text, ending, verdict, None, question)
            unit -= share
        if known is None:
            target = str(digest % 1000)
            return Answer(self.fill(self.babble(digest), target), "stop", "unknown", target, question)
        right = digest / 2**64 < self.p_correct
        target = known.target if right else wrong_target(known, digest)
        mark = "答案：" if prompt.endswith("答案：") else "ANSWER: "
        text = f"{known.rationale}{mark}{target}" if known.choices else self.fill(known.rationale, target)
        return Answer(text, "stop", "correct" if right else "wrong", target, question)

    def lookup(self, prompt: str) -> Known | None:
        """The question that the prompt ends with: the last line that begins a known one."""
        for line in reversed(prompt.split("\n")):
            bare = strip_marker(line)
            found = self.by_line.get(bare) or self.by_line.get(bare[:HEAD_CHARACTERS])
            if found:
                return max(found, key=lambda entry: likeness(entry, prompt)) if len(found) > 1 else found[0]
        return None

    def fill(self, rationale: str, target: str) -> str:
        return self.template.replace("{rationale}", rationale).replace("{target}", target)

    def babble(self, digest: int) -> str:
        return " ".join(WORDS[(digest >> (place % 57)) & 31] for place in range(self.words))


def likeness(entry: Known, prompt: str) -> tuple[bool, int]:
    """How well a question fits a prompt; several questions may begin alike, or differ only in their choices."""
    return entry.question.strip() in prompt, sum(f" {choice}\n" in f"{prompt}\n" for choice in entry.choices)


def wrong_target(known: Known, digest: int) -> str:
    if not known.choices:
        wrong = str(digest % 997 + 1)
        return wrong if wrong != known.target else f"{wrong}1"
    others = [letter for letter in LETTERS[: len(known.choices)] if letter != known.target]
    return others[digest % len(others)]


def unit_of(digest: int, purpose: bytes) -> float:
    """A number in [0, 1) that depends on the prompt, and on what it is drawn for."""
    drawn = blake2b(digest.to_bytes(8, "big"), digest_size=8, person=purpose).digest()
    return int.from_bytes(drawn, "big") / 2**64


def first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]


def strip_marker(line: str) -> str:
    line = line.strip()
    for mark in MARKERS:
        if line.startswith(mark):
            return line[len(mark) :].strip()
    return line


def read_gsm8k(path: str) -> Iterator[Known]:
    for row in read_rows(path):
        rationale, _, target = row["answer"].rpartition("####")
        yield Known(row["question"], rationale.strip(), target.strip().replace(",", ""))


def read_arc(path: str) -> Iterator[Known]:
    """The questions of a file in either layout; digits as labels become letters by their position."""
    for row in read_rows(path):
        if isinstance(row["question"], dict):
            question = row["question"]["stem"]
            choices = row["question"]["choices"]
            texts, labels = [choice["text"] for choice in choices], [choice["label"] for choice in choices]
        else:
            question, texts, labels = row["question"], row["choices"]["text"], row["choices"]["label"]
        yield Known(question, "", LETTERS[labels.index(row["answerKey"])], tuple(texts))


def read_mcq(path: str) -> Iterator[Known]:
    for row in read_rows(path):
        yield Known(row["question"], "", LETTERS[row["answer"]], tuple(row["choices"]))


def read_rows(path: str) -> Iterator[dict]:
    with Path(path).open(encoding="utf-8", newline="\n") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
