"""A server of /v1/completions that echoes prompts with their log-probabilities, computed by a real checkpoint."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from aiohttp import web
from transformers import AutoModelForCausalLM, AutoTokenizer


@dataclass(kw_only=True)
class Ways:
    """In what servers differ.

    Attributes:
        takes_lists: whether several prompts may come at once.
        num_failures: so many requests are answered with HTTP 500 first.
        as_bytes: tokens that are no whole characters as "bytes:…" instead of as U+FFFD.
        shows_specials: whether special tokens have a text.
        writes: whether the token written behind the prompt is among those told.
        writes_text: whether that token has a text; one that ends an answer has none.
        counts: whether usage is told.
        backwards: whether choices come in the opposite order.
    """

    takes_lists: bool = True
    num_failures: int = 0
    as_bytes: bool = False
    shows_specials: bool = True
    writes: bool = True
    writes_text: bool = True
    counts: bool = True
    backwards: bool = False


@dataclass
class Completions:
    """The server while it runs: its address, and the bodies that came."""

    folder: Path
    ways: Ways
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self):
        self.tokenizer = AutoTokenizer.from_pretrained(self.folder)
        self.model = AutoModelForCausalLM.from_pretrained(self.folder).eval()

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        if self.ways.num_failures:
            self.ways.num_failures -= 1
            return refusal(500, "overloaded")
        prompts = [body["prompt"]] if isinstance(body["prompt"], str) else body["prompt"]
        if len(prompts) > 1 and not self.ways.takes_lists:
            return refusal(400, "prompt must be a string")
        choices = [self.choice(place, prompt, body) for place, prompt in enumerate(prompts)]
        num_tokens = sum(len(choice["logprobs"]["tokens"]) for choice in choices)
        num_written = len(choices) if self.ways.writes else 0
        usage = {"prompt_tokens": num_tokens - num_written, "completion_tokens": num_written}
        if self.ways.backwards:
            choices.reverse()
        return web.json_response({"choices": choices, "usage": usage if self.ways.counts else None})

    def choice(self, place: int, prompt: str, body: dict[str, Any]) -> dict[str, Any]:
        assert body["echo"] is True
        assert body["logprobs"] == 1
        ids = self.tokenizer.encode(prompt)
        with torch.no_grad():
            logprobs = torch.log_softmax(self.model(torch.tensor([ids])).logits[0].float(), dim=-1)
        told = [None, *(logprobs[before, token].item() for before, token in enumerate(ids[1:]))]
        written = ""
        if self.ways.writes:
            token = int(logprobs[-1].argmax())
            ids, told = [*ids, token], [*told, logprobs[-1, token].item()]
            written = self.spelled(token) if self.ways.writes_text else ""
        tokens = [self.spelled(token) for token in ids]
        offsets = [sum(map(len, tokens[:before])) for before in range(len(tokens))]
        told_all = {"tokens": tokens, "token_logprobs": told, "text_offset": offsets, "top_logprobs": None}
        return {"index": place, "text": prompt + written, "logprobs": told_all, "finish_reason": "length"}

    def spelled(self, token: int) -> str:
        text = self.tokenizer.decode([token], skip_special_tokens=not self.ways.shows_specials)
        if not self.ways.as_bytes or "\N{REPLACEMENT CHARACTER}" not in text:
            return text
        byte_of = {symbol: value for value, symbol in bytes_to_symbols().items()}
        symbols = self.tokenizer.convert_ids_to_tokens(token)
        return "bytes:" + "".join(f"\\x{byte_of[symbol]:02x}" for symbol in symbols)


def bytes_to_symbols() -> dict[int, str]:
    """How byte-level tokenizers write bytes: printable ones as themselves, the others as what follows at 256."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(others)}


def refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "some_error", "code": None}}, status=status)


@contextlib.asynccontextmanager
async def serving_completions(folder: Path, **ways: Any) -> AsyncIterator[Completions]:
    """The server on a free port, in the event loop of the test."""
    server = Completions(folder, Ways(**ways))
    app = web.Application()
    app.router.add_post("/v1/completions", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()
