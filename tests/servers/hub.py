"""A hub in small: as much of the protocols of ModelScope and Hugging Face as their clients speak to download.

What is spoken was recorded from the clients' requests. Folders of the machine are its repositories; what real hubs do
wrong can be switched on.
"""

import contextlib
import hashlib
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.hub_pages import commit_of, huggingface_page, modelscope_page

LFS_BYTES = 1000
"""Larger files are large ones to Hugging Face: their sum is a sha256, and not git's."""


@dataclass
class Troubles:
    """What goes wrong.

    Attributes:
        status: every request is answered with it; 0 for none.
        cut: names of files whose transfer breaks off in the middle, each once.
        spoiled: names of files that come with other bytes than listed.
        headers: of refusals.
    """

    status: int = 0
    cut: set[str] = field(default_factory=set)
    spoiled: set[str] = field(default_factory=set)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Hub:
    """A hub that is running.

    Attributes:
        url: of either protocol.
        repositories: folders, by kind and id: ("dataset", "nobody/sums").
        troubles: what goes wrong from now on.
        asked: requests so far: method, path without parameters, range.
        given: names of files that were sent, whole or in part.
    """

    url: str
    repositories: Mapping[tuple[str, str], Path]
    troubles: Troubles = field(default_factory=Troubles)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)


@contextlib.contextmanager
def running_hub(repositories: Mapping[tuple[str, str], Path], certificate: Path | None = None) -> Iterator[Hub]:
    """A hub on a free port of 127.0.0.1, in threads of this process.

    Args:
        repositories: folders, by kind and id.
        certificate: a folder with server.pem and server.key; with it the hub speaks https.
    """

    class Handler(_Handler):
        pass

    with _Server(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "server.pem", certificate / "server.key")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "http" if certificate is None else "https"
        Handler.hub = Hub(f"{scheme}://127.0.0.1:{server.server_address[1]}", repositories)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Handler.hub
        server.shutdown()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Says nothing: a client that goes away, or does not trust the certificate, is part of tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self):
        self._answer()

    def do_GET(self):
        self._answer()

    def log_message(self, *words):
        """Says nothing."""

    def _answer(self) -> None:
        address = urlsplit(self.path)
        path, asked = unquote(address.path), {name: values[0] for name, values in parse_qs(address.query).items()}
        self.hub.asked.append((self.command, path, self.headers.get("Range", "")))
        if self.hub.troubles.status:
            self._send_json(self.hub.troubles.status, {"error": "trouble"}, self.hub.troubles.headers)
            return
        for speak in (modelscope_page, huggingface_page):
            page = speak(path, asked, self.hub.repositories)
            if isinstance(page, Path):
                self._send_file(page)
                return
            if page is not None:
                self._send_json(200, page, {})
                return
        self._send_json(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})

    def _send_json(self, status: int, content: Any, headers: Mapping[str, str]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_file(self, path: Path) -> None:
        content, troubles = path.read_bytes(), self.hub.troubles
        if path.name in troubles.spoiled:
            content = bytes(byte ^ 1 for byte in content)
        first = int(self.headers["Range"].removeprefix("bytes=").partition("-")[0]) if "Range" in self.headers else 0
        part = content[first:]
        self.send_response(206 if "Range" in self.headers else 200)
        for name, value in self._file_headers(path, len(content), first).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.hub.given.append(path.name)
        if path.name in troubles.cut:
            troubles.cut.discard(path.name)
            part = part[: len(part) // 2]
            self.close_connection = True
        self.wfile.write(part)

    def _file_headers(self, path: Path, size: int, first: int) -> Mapping[str, str]:
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        etag = sha256 if size > LFS_BYTES else hashlib.sha1(b"blob %d\0" % size + content).hexdigest()
        ranged = {"Content-Range": f"bytes {first}-{size - 1}/{size}"} if "Range" in self.headers else {}
        folder = next(one for one in self.hub.repositories.values() if path.is_relative_to(one))
        return {
            "Content-Type": "application/octet-stream",
            "Content-Length": str(size - first),
            "Accept-Ranges": "bytes",
            "ETag": f'"{etag}"',
            "X-Linked-Size": str(size),
            "X-Repo-Commit": commit_of(folder),
            **ranged,
        }
