"""A fast stand-in for an OpenAI-compatible chat server, for tests, load and faults.

    python -m tests.servers.stub --port 8000 --latency-ms 50 --gsm8k test.jsonl --p-correct 0.7

Routes: POST /v1/chat/completions, POST /v1/completions (both with "stream": true), GET /v1/models, GET /stats,
GET /requests (the last of them, with headers and bodies), POST /reset (clears both), GET /health.

Answers depend on the prompt only. Faults are drawn per attempt from a seeded generator, so a retry may succeed.
One process, one thread: requests are parsed by hand on an asyncio.Protocol.
"""

import argparse
import asyncio
import contextlib
import gc
import sys

import uvloop

from tests.servers.flags import parse_flags
from tests.servers.serving import Connection
from tests.servers.state import State


async def serve(flags: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    state = State(flags)
    gc.freeze()
    server = await loop.create_server(lambda: Connection(state, loop), flags.host, flags.port, backlog=4096)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"stub server on http://{flags.host}:{port}/v1\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(serve(parse_flags()))
