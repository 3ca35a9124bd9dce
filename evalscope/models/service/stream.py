"""An answer read while it is written, from server-sent events."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from evalscope.core.response import Completion
from evalscope.models.service.reply import ErrorInstead, parse_json, read_completion, reasoning_of, text_of
from evalscope.models.service.retries import AttemptFailed

Json = Any

DONE = b"[DONE]"


class EventLines:
    """Cuts the payloads of "data:" lines out of bytes that come in arbitrary pieces.

    Each such line is one event, as every OpenAI-compatible server writes it; other lines (comments that keep the
    connection awake, event names) are skipped.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The payloads that a further piece completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return self._payloads(lines)

    def end(self) -> Iterator[bytes]:
        """The payload of a last line without its line break."""
        return self._payloads([self._rest])

    @staticmethod
    def _payloads(lines: list[bytes]) -> Iterator[bytes]:
        for line in lines:
            if line.startswith(b"data:") and (payload := line[5:].strip()):
                yield payload


class Pieces:
    """The pieces of one streamed answer, collected.

    Attributes:
        is_done: whether the server said that nothing follows.
        first_token_s: seconds to the first piece of text or reasoning; None until there is one.
    """

    def __init__(self, started: float) -> None:
        self.is_done = False
        self.first_token_s: float | None = None
        self._started = started
        self._texts: list[str] = []
        self._reasonings: list[str] = []
        self._ending: str | None = None
        self._usage: Json = None
        self._has_choice = False

    def add(self, payload: bytes) -> None:
        """Takes in one event.

        Raises:
            ErrorInstead: the server reports an error.
            AttemptFailed: the event is not of the expected form.
        """
        if self.is_done or payload == DONE:
            self.is_done = True
            return
        event = parse_json(payload)
        if not isinstance(event, dict):
            raise AttemptFailed(f"an event of the stream is {type(event).__name__}, where a JSON object is needed")
        if event.get("error"):
            raise ErrorInstead(event)
        self._usage = event.get("usage") or self._usage
        for choice in event.get("choices") or ():
            if isinstance(choice, dict) and choice.get("index", 0) == 0:
                self._add_choice(choice)

    def completion(self) -> Completion:
        """The whole answer, understood by the same rules as one that was not streamed.

        Raises:
            AnswerRefused: the content filter left nothing of the text.
            AttemptFailed: the stream broke off, or brought no choice.
        """
        if not self.is_done and self._ending is None:
            raise AttemptFailed("the stream ended before the answer did")
        message = {"content": "".join(self._texts), "reasoning": "".join(self._reasonings)}
        choices = [{"message": message, "finish_reason": self._ending}] if self._has_choice else []
        reply = {"choices": choices, "usage": self._usage}
        return read_completion(reply, time.perf_counter() - self._started, self.first_token_s)

    def _add_choice(self, choice: Mapping[str, Json]) -> None:
        self._has_choice = True
        self._ending = choice.get("finish_reason") or self._ending
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return
        text, reasoning = text_of(delta.get("content")), reasoning_of(delta)
        if self.first_token_s is None and (text or reasoning):
            self.first_token_s = time.perf_counter() - self._started
        if text:
            self._texts.append(text)
        if reasoning:
            self._reasonings.append(reasoning)


async def read_stream(chunks: AsyncIterator[bytes], started: float) -> Completion:
    """The answer that a stream of bytes holds.

    Args:
        chunks: pieces of the body, cut anywhere.
        started: time.perf_counter() when the request was sent.

    Raises:
        AnswerRefused: the content filter left nothing of the text.
        ErrorInstead: the server reports an error in the middle.
        AttemptFailed: the stream broke off, or is not of the expected form.
    """
    lines, pieces = EventLines(), Pieces(started)
    async for chunk in chunks:
        for payload in lines.feed(chunk):
            pieces.add(payload)
        if pieces.is_done:
            break
    for payload in lines.end():
        pieces.add(payload)
    return pieces.completion()
