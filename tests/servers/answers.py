"""What the stub server answers: decided by the prompt alone, so that two runs get the same text."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from tests.servers.known import LETTERS, Known

MARKERS = ("Question:", "Problem:", "Q:", "Passage:", "Text:", "问题：", "题目：")
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
class Answer:
    """What is said to one prompt, and what an evaluation should make of it.

    `target` is what the text gives as its answer, right or wrong; the whole text where it was given word for word.
    """

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
            first = entry.question.split("\n", 1)[0].strip()
            lines = {first, strip_marker(first)}
            # what is known word for word is recognised by the whole of it
            for key in lines if entry.right else {*lines, *(line[:HEAD_CHARACTERS] for line in lines)}:
                self.by_line.setdefault(key, []).append(entry)
        for alike in self.by_line.values():  # one question may be how another begins
            alike.sort(key=lambda entry: len(entry.question), reverse=True)

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
        is_right = digest / 2**64 < self.p_correct
        verdict = "correct" if is_right else "wrong"
        if known.right:
            text = literal_reply(known, prompt, is_right=is_right)
            return Answer(text, "stop", verdict, text, question)
        target = known.target if is_right else wrong_target(known, digest)
        mark = "答案：" if prompt.endswith("答案：") else "ANSWER: "
        text = f"{known.rationale}{mark}{target}" if known.choices else self.fill(known.rationale, target)
        return Answer(text, "stop", verdict, target, question)

    def lookup(self, prompt: str) -> Known | None:
        """The question that the prompt ends with: the last line that begins a known one.

        One that stands there with all its choices wins over those that only begin alike.
        """
        alike: list[Known] = []
        end = len(prompt)
        for line in reversed(prompt.split("\n")):
            start, end = end - len(line), end - len(line) - 1
            bare = strip_marker(line)
            found = self.by_line.get(bare) or self.by_line.get(bare[:HEAD_CHARACTERS])
            if not found:
                continue
            texts = prompt[start:].lstrip(), strip_marker(prompt[start:])
            for entry in found:
                if any(map(entry.is_asked_in, texts)):
                    return entry
            alike = alike or [entry for entry in found if not entry.right]
        return max(alike, key=lambda entry: likeness(entry, prompt), default=None)

    def fill(self, rationale: str, target: str) -> str:
        return self.template.replace("{rationale}", rationale).replace("{target}", target)

    def babble(self, digest: int) -> str:
        return " ".join(WORDS[(digest >> (place % 57)) & 31] for place in range(self.words))


def likeness(entry: Known, prompt: str) -> tuple[bool, int]:
    """How well a question fits a prompt; several questions may begin alike, or differ only in their choices."""
    return entry.question in prompt, sum(f" {choice}\n" in f"{prompt}\n" for choice in entry.choices)


def literal_reply(known: Known, prompt: str, *, is_right: bool) -> str:
    """What is said word for word; of shuffled choices the letter that the prompt's last list gives the one meant."""
    text = known.right if is_right else known.wrong
    if not known.is_shuffled:
        return text
    letter = next(line[0] for line in reversed(prompt.split("\n")) if line[1:] == f". {text}")
    return f"ANSWER: {letter}"


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


def digest_of(prompt: str) -> int:
    """What tells prompts apart; verdicts are logged under it, as 16 hexadecimal digits."""
    return int.from_bytes(blake2b(prompt.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def strip_marker(line: str) -> str:
    line = line.strip()
    for mark in MARKERS:
        if line.startswith(mark):
            return line[len(mark) :].strip()
    return line
