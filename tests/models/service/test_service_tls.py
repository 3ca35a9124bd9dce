"""A secure connection to a server whose certificate authority is the user's own."""

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

ASK = """
import asyncio, random, sys
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.errors import EvalscopeError
from evalscope.models.service import Service

async def ask(url):
    service = Service(model="m", name="m", url=url, api_key=None, timeout_s=5, max_retries=0, concurrency=1,
                      rng=random.Random(0))
    try:
        print((await service.generate([Message("user", "hi")], Generation())).text)
    except EvalscopeError as error:
        print(type(error).__name__, error)
    finally:
        await service.aclose()

asyncio.run(ask(sys.argv[1]))
"""

REPLY = b'{"choices":[{"message":{"content":"securely"},"finish_reason":"stop"}]}'


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate of this test")
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "certificate.pem", folder / "key.pem"
    request = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*request, *names, "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return paths


async def what_is_said(certificate: tuple[Path, Path], environment: dict[str, str]) -> str:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(REPLY) + REPLY)
        await writer.drain()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASK, url, env=kept | environment, stdout=subprocess.PIPE
    )
    said, _ = await process.communicate()
    server.close()
    return said.decode()


async def test_authority_named_by_ssl_cert_file_is_trusted(certificate: tuple[Path, Path]):
    assert await what_is_said(certificate, {"SSL_CERT_FILE": str(certificate[0])}) == "securely\n"


async def test_unknown_authority_is_refused_with_advice(certificate: tuple[Path, Path]):
    said = await what_is_said(certificate, {})
    assert said.startswith("EndpointError")
    assert "SSL_CERT_FILE" in said
