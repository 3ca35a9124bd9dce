"""What may stand between a run and its service: a gateway that cuts connections, a proxy, an authority of one's own."""

import json
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.commands import environment
from tests.own_data import write_gsm8k
from tests.servers.proxying import running_proxy
from tests.servers.running import Stub, running_stub

pytestmark = pytest.mark.slow

NUM = 600
HOST = "service.invalid"
REPLY = b'{"choices": [{"message": {"content": "ANSWER: 1"}, "finish_reason": "stop"}]}'

NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  log_format used "$connection $connection_requests $status";
  access_log {folder}/access.log used;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    keepalive_requests 100;
    location / {{ proxy_pass {target}; }}
  }}
}}
"""


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running_stub("--latency-ms", "3", "--jitter", "0.5") as running:
        yield running


def evaluate(url: str, folder: Path, *flags: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """A whole run from the command line, which must score all its samples."""
    write_gsm8k(folder / "gsm8k", num=NUM)
    args = json.dumps({"gsm8k": {"local_path": str(folder / "gsm8k"), "few_shot_num": 0}})
    words = [sys.executable, "-m", "evalscope", "eval", "--model", "mock", "--api-url", url, "--datasets", "gsm8k"]
    words += ["--dataset-args", args, "--output-format", "json", "--eval-batch-size", "16", *flags]
    kept = {name: value for name, value in environment().items() if name.casefold() != "no_proxy"}
    return subprocess.run(
        words,
        cwd=folder,
        env={**kept, **extra},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def assert_all_scored(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["gsm8k"]["num"] == NUM
    assert "sent again" not in done.stderr


def address_of(stub: Stub) -> tuple[str, int]:
    address = urlsplit(stub.url)
    return str(address.hostname), int(address.port or 0)


@contextmanager
def gateway(target: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """The address of an nginx that ends every connection after 100 requests, and its log."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if nginx is None:
        pytest.skip("nginx is not installed; on Debian: apt-get install nginx")
    folder.mkdir()
    port = unused_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, target=target.removesuffix("/v1")))
    words = [nginx, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        try:
            while not (folder / "pid").exists():
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}/v1", folder / "access.log"
        finally:
            process.terminate()


def unused_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_address[1]


@pytest.mark.parametrize("flags", [(), ("--stream",)], ids=["whole", "streamed"])
def test_a_gateway_that_ends_connections_costs_no_sample_and_no_repetition(flags, stub, tmp_path):
    with gateway(stub.url, tmp_path / "nginx") as (url, log):
        assert_all_scored(evaluate(url, tmp_path, *flags))
    uses = [line.split() for line in log.read_text().splitlines()]
    assert {status for _, _, status in uses} == {"200"}
    assert len(uses) == stub.stats()["requests"] == NUM
    assert max(int(number) for _, number, _ in uses) <= 100


def test_a_run_goes_through_the_proxy_of_the_environment(stub, tmp_path):
    with running_proxy(address_of(stub)) as proxy:
        assert_all_scored(evaluate(f"http://{HOST}:8000/v1", tmp_path, HTTP_PROXY=proxy.url, http_proxy=proxy.url))
    assert set(proxy.asked) == {f"POST {HOST}:8000"}
    assert stub.stats()["requests"] == len(proxy.asked) == NUM


def test_a_host_that_the_environment_exempts_is_asked_without_the_proxy(stub, tmp_path):
    url = stub.url.replace("127.0.0.1", "0.0.0.0")  # another name of this machine, to which proxies are not forbidden
    with running_proxy(address_of(stub)) as proxy:
        variables = {name: proxy.url for name in ("HTTP_PROXY", "http_proxy")}
        assert_all_scored(evaluate(url, tmp_path, **variables, NO_PROXY="0.0.0.0"))
        assert not proxy.asked
        assert_all_scored(evaluate(url, tmp_path, **variables))
        assert len(proxy.asked) == NUM


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority of our own (authority.pem) and a server's certificate signed by it."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificates of this test")
    folder = tmp_path_factory.mktemp("authority")
    curve = ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    (folder / "names").write_text(f"subjectAltName=IP:127.0.0.1,DNS:{HOST}\n")
    signed = ["-in", "server.csr", "-extfile", "names", "-out", "server.pem"]
    for words in (
        [
            "req",
            "-x509",
            *curve,
            "-subj",
            "/CN=our authority",
            "-days",
            "2",
            "-out",
            "authority.pem",
            "-keyout",
            "a.key",
        ],
        ["req", *curve, "-subj", "/CN=server", "-out", "server.csr", "-keyout", "server.key"],
        ["x509", "-req", *("-CA", "authority.pem", "-CAkey", "a.key", "-CAcreateserial", "-days", "2"), *signed],
    ):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def secure(authority: Path) -> Iterator[tuple[str, int]]:
    """The address of a server that speaks https only."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(REPLY)))
            self.end_headers()
            self.wfile.write(REPLY)

        def log_message(self, *words):
            """Says nothing."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.pem", authority / "server.key")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "127.0.0.1", server.server_address[1]
        server.shutdown()


def test_a_server_certified_by_an_authority_of_ones_own_is_trusted_where_it_is_named(authority, secure, tmp_path):
    url = f"https://127.0.0.1:{secure[1]}/v1"
    assert_all_scored(evaluate(url, tmp_path, SSL_CERT_FILE=str(authority / "authority.pem")))
    untrusted = evaluate(url, tmp_path)
    assert untrusted.returncode == 2
    assert re.search(r"error: .*SSL_CERT_FILE", untrusted.stderr)
    assert "Traceback" not in untrusted.stderr


def test_a_proxy_lets_a_secure_connection_through(authority, secure, tmp_path):
    with running_proxy(secure) as proxy:
        variables = {name: proxy.url for name in ("HTTPS_PROXY", "https_proxy")}
        done = evaluate(f"https://{HOST}/v1", tmp_path, **variables, SSL_CERT_FILE=str(authority / "authority.pem"))
    assert_all_scored(done)
    assert set(proxy.asked) == {f"CONNECT {HOST}:443"}
