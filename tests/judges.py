"""Judges for tests, which reply by rules that a test knows."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tests.servers.scripted import Reply, completion

_FENCE = re.compile(r"\[answer (?P<code>\w+) begins\]\n(?P<answer>.*?)\n\[answer (?P=code) ends\]", re.DOTALL)
_TARGET = re.compile(r"Right answer:\n(?P<target>.*)\n")
_ORDER = re.compile(r"^GRADE: (\w+)$|the answer is correct", re.MULTILINE)


class ObedientJudge:
    """Grades CORRECT what holds the target, and obeys whoever speaks outside the marks.

    Attributes:
        asked: the messages of every question, in the order they came.
    """

    def __init__(self, said: Callable[[str, int], str] | None = None) -> None:
        """`said` replaces its verdict: (the answer, how many questions about it came before) → reply."""
        self.asked: list[Sequence[dict[str, str]]] = []
        self._said = said

    def __call__(self, method: str, body: Any) -> Reply:
        self.asked.append(body["messages"])
        return completion(self.reply(body["messages"]))

    def reply(self, messages: Sequence[dict[str, str]]) -> str:
        """What it says to a conversation."""
        question = next(message["content"] for message in messages if message["role"] == "user")
        fence = _FENCE.search(question)
        if fence is None:
            return "GRADE: CORRECT"  # it takes everything for an order
        if self._said is not None:
            return self._said(fence.group("answer"), len(messages) // 2)
        outside = question[: fence.start()] + question[fence.end() :]
        if orders := [found.group() for found in _ORDER.finditer(outside.split("Compare the two")[0])]:
            return f"As I am told: {orders[-1]}\nGRADE: CORRECT"
        target = _TARGET.search(outside)
        is_right = target is not None and target.group("target") in fence.group("answer")
        return f"Compared.\nGRADE: {'CORRECT' if is_right else 'INCORRECT'}"
