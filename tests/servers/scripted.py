"""A server that answers each request with chosen bytes, for replies that no real server should give."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

DROP_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Reply:
    """Raw bytes; then the connection stays open ("keep"), or is closed, reset, or held without a further byte.

    With `drops` these follow one after the other, a few a second, for as long as anyone listens.
    """

    data: bytes = b""
    then: str = "keep"
    drops: bytes = b""


@dataclass(slots=True)
class Scripted:
    """The server while it runs: where it is, and the heads and bodies that came."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    num_connections: int = 0


def http(body: bytes | str, status: int = 200, content_type: str = "application/json", **headers: str) -> Reply:
    """A whole HTTP reply; underscores in the names of headers stand for hyphens."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    top = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *lines]
    return Reply("\r\n".join(top).encode() + b"\r\n\r\n" + body)


def json_reply(content: Any, status: int = 200, **headers: str) -> Reply:
    return http(json.dumps(content), status, **headers)


def completion(text: Any = "fine", finish_reason: Any = "stop", usage: Any = None, **message: Any) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish_reason}
    return json_reply({"choices": [choice], "usage": usage or {"prompt_tokens": 3, "completion_tokens": 1}})


def error(status: int, message: str = "no", code: Any = None, kind: str = "some_error", **headers: str) -> Reply:
    return json_reply({"error": {"message": message, "type": kind, "code": code}}, status, **headers)


def event_stream(*events: Any, then: str = "close") -> Reply:
    """Server-sent events, texts as they are and everything else as JSON; the body ends where the connection does."""
    lines = [event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n" for event in events]
    return Reply(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + "".join(lines).encode(), then)


Choose = Callable[[str, Any], Reply]
"""(method, body; None without one) → what is replied."""


@contextlib.asynccontextmanager
async def scripted(*replies: Reply, others: Sequence[Reply] = ()) -> AsyncIterator[Scripted]:
    """A server that gives `replies` to POST requests in turn, the last one again and again; `others` to the rest."""
    posts, gets = list(replies), list(others) or [http("{}", 404)]

    def choose(method: str, body: Any) -> Reply:
        script = posts if method == "POST" else gets
        return script.pop(0) if len(script) > 1 else script[0]

    async with choosing(choose) as running:
        yield running


@contextlib.asynccontextmanager
async def choosing(choose: Choose) -> AsyncIterator[Scripted]:
    """A server whose replies a function chooses."""
    running = Scripted()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.num_connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            then = "keep"
            while then == "keep":
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                running.heads.append(head)
                body = None
                if head.startswith("POST"):
                    length = int(head.lower().partition("content-length:")[2].partition("\r\n")[0])
                    body = json.loads(await reader.readexactly(length))
                    running.bodies.append(body)
                then = await _reply(choose(head.partition(" ")[0], body), reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield running
    finally:
        server.close()


async def _reply(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """Writes it; returns what becomes of the connection."""
    writer.write(reply.data)
    await writer.drain()
    while reply.drops:
        writer.write(reply.drops)
        await writer.drain()
        await asyncio.sleep(DROP_EVERY_S)
    if reply.then == "hold":
        await reader.read()
    if reply.then == "reset":
        # closed with no time for what is still unsent, a socket says RST instead of FIN
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    return reply.then
