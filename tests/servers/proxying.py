"""An HTTP proxy for tests: whatever host is asked for, one address is where it goes."""

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that is running, with the hosts that were asked for: "POST host:port" or "CONNECT host:port"."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextlib.contextmanager
def running_proxy(target: tuple[str, int]) -> Iterator[Proxy]:
    """A proxy on a free port, in threads of this process."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            address = urlsplit(self.path)
            asked.append(f"POST {address.netloc}")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            onward = HTTPConnection(*target)
            onward.request("POST", address.path, body, {"Content-Type": self.headers["Content-Type"]})
            reply = onward.getresponse()
            content = reply.read()
            onward.close()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers["Content-Type"])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_CONNECT(self):
            asked.append(f"CONNECT {self.path}")
            with socket.create_connection(target) as onward:
                self.send_response(200)
                self.end_headers()
                pump(self.connection, onward)
            self.close_connection = True

        def log_message(self, *words):
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Proxy(f"http://127.0.0.1:{server.server_address[1]}", asked)
        server.shutdown()


def pump(one: socket.socket, other: socket.socket) -> None:
    """Carries bytes both ways until either side has ended."""
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select():
                data = key.fileobj.recv(65_536)
                if not data:
                    return
                key.data.sendall(data)
