"""Starts the stub server for a test: `with running_stub("--api-key", "k") as stub: … stub.url`."""

import contextlib
import json
import selectors
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 120

# without a proxy, whatever the environment of the test says
_opener = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Stub:
    """A server that is running; `url` ends in /v1."""

    url: str

    def stats(self) -> dict[str, Any]:
        """What it has counted since the last reset."""
        return self._ask("/stats")

    def requests(self) -> list[dict[str, Any]]:
        """The last 200 requests for completions: method, path (with query), headers (names in small letters), body."""
        return self._ask("/requests")

    def reset(self) -> None:
        """Forgets counts and requests."""
        self._ask("/reset", data=b"")

    def _ask(self, path: str, data: bytes | None = None) -> Any:
        with _opener.open(Request(self.url.removesuffix("/v1") + path, data=data), timeout=10) as reply:
            return json.loads(reply.read())


@contextlib.contextmanager
def running_stub(*flags: object) -> Iterator[Stub]:
    """A stub server on a free port, in a process of its own that is killed at the end."""
    command = [sys.executable, "-m", "tests.servers.stub", "--port", "0", *map(str, flags)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            stub = Stub(url=_address_of(process))
            stub._ask("/health")
            yield stub
        finally:
            process.kill()


def _address_of(process: subprocess.Popen) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(START_TIMEOUT_S) else ""
    if "http://" not in line:
        raise RuntimeError(f"the stub server did not start within {START_TIMEOUT_S} s; it said {line!r}")
    return line.split()[-1]
