"""A client that does nothing but ask: 64 workers over one list of bodies, with aiohttp on uvloop.

    python -m perf_checks.service.bare_loop URL BODIES.jsonl

It does what every evaluation has to do at least: builds the JSON of each body, sends it, and reads the text out of the
answer. Printed are the seconds of CPU that this took, without the start of Python.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvloop

from perf_checks.service.ours import SLOTS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("bodies", type=Path)
    flags = parser.parse_args()
    bodies = [orjson.loads(line) for line in flags.bodies.read_bytes().splitlines()]
    before_s = time.process_time()
    uvloop.run(_ask_all(flags.url, bodies))
    sys.stdout.write(f"{time.process_time() - before_s}\n")


async def _ask_all(url: str, bodies: Sequence[dict[str, Any]]) -> None:
    work = iter(bodies)
    headers = {"Content-Type": "application/json"}

    async def ask_in_turn(session: aiohttp.ClientSession) -> None:
        for body in work:
            async with session.post(f"{url}/chat/completions", data=orjson.dumps(body), headers=headers) as reply:
                orjson.loads(await reply.read())["choices"][0]["message"]["content"]

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(ask_in_turn(session) for _ in range(SLOTS)))


if __name__ == "__main__":
    main()
