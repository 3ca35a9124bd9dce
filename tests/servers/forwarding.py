"""A forwarding HTTP proxy as a process of its own: whatever host is asked for, one address is where it goes.

python -m tests.servers.forwarding HOST:PORT prints its own port, then a line for each request: "GET host:port".
"""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.commands import ROOT
from tests.servers.proxying import pump


@dataclass(frozen=True, slots=True)
class Forwarder:
    """A proxy that is running, with what was asked of it so far."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextlib.contextmanager
def running_forwarder(target: str) -> Iterator[Forwarder]:
    """A proxy in a process of its own; all that it is asked for goes to `target`, a host:port."""
    words = [sys.executable, "-m", "tests.servers.forwarding", target]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            forwarder = Forwarder(f"http://127.0.0.1:{process.stdout.readline().strip()}")
            reading = threading.Thread(
                target=lambda: forwarder.asked.extend(line.strip() for line in process.stdout), daemon=True
            )
            reading.start()
            yield forwarder
        finally:
            process.terminate()
            process.wait()
            reading.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    target: tuple[str, int]

    def do_HEAD(self):
        self._forward()

    def do_GET(self):
        self._forward()

    def do_CONNECT(self):
        print(f"CONNECT {self.path}", flush=True)  # noqa: T201 - what the other process reads
        with socket.create_connection(self.target) as onward:
            self.send_response(200)
            self.end_headers()
            pump(self.connection, onward)
        self.close_connection = True

    def log_message(self, *words):
        """Says nothing."""

    def _forward(self) -> None:
        address = urlsplit(self.path)
        print(f"{self.command} {address.netloc}", flush=True)  # noqa: T201
        onward = HTTPConnection(*self.target)
        headers = {name: value for name, value in self.headers.items() if name.casefold() != "proxy-connection"}
        onward.request(self.command, address.path + (f"?{address.query}" if address.query else ""), headers=headers)
        reply = onward.getresponse()
        content = reply.read()
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.casefold() not in {"server", "date", "connection"}:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        onward.close()


def main(target: str) -> None:
    """Forwards until it is ended."""
    host, _, port = target.rpartition(":")
    _Handler.target = (host, int(port))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        print(server.server_address[1], flush=True)  # noqa: T201
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
